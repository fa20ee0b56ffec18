// A set of completion indexes, kept and written as intervals: "0,2-4". Pure. Source: orderedIntervals in Kubernetes'
// job controller.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kubeloop::controller_manager {

class IndexSet {
 public:
  // What is malformed, or not below `completions`, is left out.
  static IndexSet parse(std::string_view text, std::int64_t completions);

  void add(std::int64_t index);
  bool contains(std::int64_t index) const;
  std::int64_t total() const;
  // Three in a row become an interval, two do not.
  std::string text() const;
  // The lowest indexes below `completions` that are not in the set, at most `count`.
  std::vector<std::int64_t> first_missing(std::int64_t count, std::int64_t completions) const;
  // How many indexes are in both.
  std::int64_t common(const IndexSet& other) const;
  void add_all(const IndexSet& other);

 private:
  void add_interval(std::int64_t first, std::int64_t last);

  std::map<std::int64_t, std::int64_t> intervals_;  // first -> last, never touching each other
};

}  // namespace kubeloop::controller_manager
