// DefaultTolerationSeconds: a pod stays a while (300 s unless the hub was told otherwise) on a node that is not ready
// or unreachable, unless it says otherwise.
#include "apiserver/admission/plugins.hpp"
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr const char* kNotReady = "node.kubernetes.io/not-ready";
constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";

bool tolerates(const Json& tolerations, std::string_view key) {
  for (const auto& one : tolerations) {
    auto its_key = text_at(one, "key");
    auto effect = text_at(one, "effect");
    if ((its_key == key || its_key.empty()) && (effect == "NoExecute" || effect.empty())) return true;
  }
  return false;
}

class DefaultTolerationSeconds final : public AdmissionPlugin {
 public:
  std::string_view name() const override { return "DefaultTolerationSeconds"; }

  Result<void> mutate(AdmissionAttributes& a, AdmissionContext& context) const override {
    if (a.operation == Operation::kDelete || !a.is_for("pods")) return {};
    auto& spec = (*a.object)["spec"];
    const std::pair<const char*, int> wanted[] = {{kNotReady, context.options.not_ready_toleration_seconds},
                                                  {kUnreachable, context.options.unreachable_toleration_seconds}};
    for (auto [key, seconds] : wanted) {
      if (tolerates(member(spec, "tolerations"), key)) continue;
      Json toleration = Json::object();
      toleration["key"] = key;
      toleration["operator"] = "Exists";
      toleration["effect"] = "NoExecute";
      toleration["tolerationSeconds"] = seconds;
      auto& tolerations = spec["tolerations"];
      if (!tolerations.is_array()) tolerations = Json::array();
      tolerations.push_back(std::move(toleration));
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<AdmissionPlugin> make_default_toleration_seconds() {
  return std::make_unique<DefaultTolerationSeconds>();
}

}  // namespace kubeloop::apiserver
