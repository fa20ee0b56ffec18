// PodTopologyLabels: a Binding carries the zone and region of its node, and gives them to the pod as labels.
#include "apiserver/admission/plugins.hpp"
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {
namespace {

class PodTopologyLabels final : public AdmissionPlugin {
 public:
  std::string_view name() const override { return "PodTopologyLabels"; }

  Result<void> mutate(AdmissionAttributes& a, AdmissionContext& context) const override {
    if (a.operation != Operation::kCreate || !a.is_for("pods", "binding")) return {};
    auto target = text_at(member(*a.object, "target"), "name");
    auto node = context.objects.get("/registry/minions/" + target);
    if (!node) return {};
    for (const auto& [key, value] : node->header->labels) {
      if (key != "topology.kubernetes.io/zone" && key != "topology.kubernetes.io/region") continue;
      (*a.object)["metadata"]["labels"][key] = value;
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<AdmissionPlugin> make_pod_topology_labels() {
  return std::make_unique<PodTopologyLabels>();
}

}  // namespace kubeloop::apiserver
