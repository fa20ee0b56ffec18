// DefaultBinder: binds through the pod's binding subresource. The uid makes sure that it is this pod and not a later
// one of the same name.
#include <nlohmann/json.hpp>

#include "scheduler/framework/profile.hpp"

namespace kubeloop::scheduler {

class DefaultBinder final : public Plugin, public BindPlugin {
 public:
  std::string_view name() const override { return "DefaultBinder"; }

  std::optional<ApiWrite> bind(const PodInfo& pod, const std::string& node) const override {
    const auto& meta = pod.pod->metadata;
    nlohmann::ordered_json body = {{"apiVersion", "v1"}, {"kind", "Binding"}};
    body["metadata"] = {{"namespace", meta.namespace_}, {"name", meta.name}, {"uid", meta.uid}};
    body["target"] = {{"kind", "Node"}, {"name", node}};
    ApiWrite write;
    write.namespace_ = meta.namespace_;
    write.name = meta.name;
    write.subresource = "binding";
    write.body = body.dump();
    return write;
  }
};

template <>
std::unique_ptr<Plugin> make_plugin<DefaultBinder>() {
  return std::make_unique<DefaultBinder>();
}

}  // namespace kubeloop::scheduler
