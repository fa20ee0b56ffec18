// What a plugin says about a pod or about a pod on a node. Plain data.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kubeloop::scheduler {

struct PluginStatus {
  enum class Code {
    kSuccess,
    kError,                         // the plugin itself failed; the decision is a SchedulerError
    kUnschedulable,                 // not now; evicting other pods might help
    kUnschedulableAndUnresolvable,  // not here; evicting would not help
    kSkip,                          // nothing to do in this decision
    kPending,                       // rejected for now; what it waits for will come by itself
  };

  Code code = Code::kSuccess;
  std::string_view plugin;  // who said so; names of plugins live for ever
  std::vector<std::string> reasons;

  bool is_success() const { return code == Code::kSuccess; }
  bool is_skip() const { return code == Code::kSkip; }
  // Rejected by a rule, not by an error.
  bool is_rejected() const {
    return code == Code::kUnschedulable || code == Code::kUnschedulableAndUnresolvable || code == Code::kPending;
  }
  // The reasons joined with ", ".
  std::string message() const {
    std::string text;
    for (const auto& reason : reasons) {
      if (&reason != &reasons.front()) text += ", ";
      text += reason;
    }
    return text;
  }

  static PluginStatus success() { return {}; }
  static PluginStatus skip() { return of(Code::kSkip); }
  static PluginStatus error(std::string reason) { return of(Code::kError, std::move(reason)); }
  static PluginStatus unschedulable(std::string reason) { return of(Code::kUnschedulable, std::move(reason)); }
  static PluginStatus unresolvable(std::string reason) {
    return of(Code::kUnschedulableAndUnresolvable, std::move(reason));
  }
  static PluginStatus of(Code code) {
    PluginStatus status;
    status.code = code;
    return status;
  }
  static PluginStatus of(Code code, std::string reason) {
    PluginStatus status = of(code);
    status.reasons.push_back(std::move(reason));
    return status;
  }
};

}  // namespace kubeloop::scheduler
