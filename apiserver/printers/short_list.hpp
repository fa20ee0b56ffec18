// A list in one cell: the first three, then " + N more...". Pure. Source: formatEndpoints and listWithMoreString in
// Kubernetes' printers.
#pragma once
#include <fmt/format.h>

#include <string>

namespace kubeloop::apiserver::cells {

class ShortList {
 public:
  void add(const std::string& item) {
    if (count_ < kShown) text_ += (count_ == 0 ? "" : ",") + item;
    ++count_;
  }
  // `empty` when there is nothing to show.
  std::string text(const std::string& empty) const {
    if (count_ > kShown) return fmt::format("{} + {} more...", text_, count_ - kShown);
    return text_.empty() ? empty : text_;
  }

 private:
  static constexpr int kShown = 3;
  std::string text_;
  int count_ = 0;
};

}  // namespace kubeloop::apiserver::cells
