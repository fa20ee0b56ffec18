// TaintNodesByCondition: a new node is not ready until the node controller says so.
#include "apiserver/admission/plugins.hpp"
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr const char* kNotReady = "node.kubernetes.io/not-ready";

class TaintNodesByCondition final : public AdmissionPlugin {
 public:
  std::string_view name() const override { return "TaintNodesByCondition"; }

  Result<void> mutate(AdmissionAttributes& a, AdmissionContext&) const override {
    if (a.operation != Operation::kCreate || !a.is_for("nodes")) return {};
    auto& spec = (*a.object)["spec"];
    if (!spec.is_object()) spec = Json::object();
    auto& taints = spec["taints"];
    if (!taints.is_array()) taints = Json::array();
    for (const auto& taint : taints) {
      if (text_at(taint, "key") == kNotReady && text_at(taint, "effect") == "NoSchedule") return {};
    }
    Json taint = Json::object();
    taint["key"] = kNotReady;
    taint["effect"] = "NoSchedule";
    taints.push_back(std::move(taint));
    return {};
  }
};

}  // namespace

std::unique_ptr<AdmissionPlugin> make_taint_nodes_by_condition() {
  return std::make_unique<TaintNodesByCondition>();
}

}  // namespace kubeloop::apiserver
