// DefaultTolerationSeconds: a pod stays 300 s on a node that is not ready or unreachable, unless it says otherwise.
#include "apiserver/admission/plugins.hpp"
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr const char* kNotReady = "node.kubernetes.io/not-ready";
constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";
constexpr int kSeconds = 300;

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

  Result<void> mutate(AdmissionAttributes& a, AdmissionContext&) const override {
    if (a.operation == Operation::kDelete || !a.is_for("pods")) return {};
    auto& spec = (*a.object)["spec"];
    for (const char* key : {kNotReady, kUnreachable}) {
      if (tolerates(member(spec, "tolerations"), key)) continue;
      Json toleration = Json::object();
      toleration["key"] = key;
      toleration["operator"] = "Exists";
      toleration["effect"] = "NoExecute";
      toleration["tolerationSeconds"] = kSeconds;
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
