// Counters and gauges of the hub, written in the Prometheus text form. Owned by the hub, single-threaded.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace kubeloop::apiserver {

struct RequestInfo;

class Metrics {
 public:
  // One answered request. `component` and the label values are those of kube-apiserver.
  void count_request(const RequestInfo& info, bool is_dry_run, int code);
  void count_deliveries(std::string_view resource, std::uint64_t n) {
    auto it = deliveries_.find(resource);
    if (it == deliveries_.end()) it = deliveries_.emplace(resource, 0).first;
    it->second += n;
  }

  struct Gauges {
    std::map<std::string, std::size_t> objects;  // by plural[.group]
    std::uint64_t revision = 0;
    std::uint64_t compacted = 0;
    std::size_t watchers = 0;
    std::size_t task_failures = 0;
    int reads_in_flight = 0, writes_in_flight = 0;
  };
  std::string text(const Gauges& gauges) const;

  double loop_lag_seconds = 0;
  std::uint64_t panics = 0;  // exceptions that escaped a handler

 private:
  // What tells one series from another; looked up by views of the request's own texts.
  template <class Text>
  struct Series {
    int code = 0;
    bool is_dry_run = false;
    Text verb, resource, subresource, group, version, scope;
    auto operator<=>(const Series&) const = default;
  };
  struct InOrder {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const Series<A>& a, const Series<B>& b) const {
      auto key = [](const auto& s) {
        return std::tuple(s.code, s.is_dry_run, std::string_view(s.verb), std::string_view(s.resource),
                          std::string_view(s.subresource), std::string_view(s.group), std::string_view(s.version),
                          std::string_view(s.scope));
      };
      return key(a) < key(b);
    }
  };
  static std::string labels(const Series<std::string>& series);

  std::map<Series<std::string>, std::uint64_t, InOrder> requests_;
  std::uint64_t other_requests_ = 0;                              // beyond the bound on series
  std::map<std::string, std::uint64_t, std::less<>> deliveries_;  // watch events by resource
};

}  // namespace kubeloop::apiserver
