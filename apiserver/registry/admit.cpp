#include "apiserver/registry/admit.hpp"

#include "apiserver/admission/chain.hpp"
#include "apiserver/flow_stages.hpp"

namespace kubeloop::apiserver {

namespace {

struct Mutation {
  const AdmissionPlugin* plugin;
  std::string stage;
};

// The plugins that may change an object, with the names of their stages.
const std::vector<Mutation>& mutations() {
  static const auto kMutations = [] {
    std::vector<Mutation> out;
    for (const auto& plugin : admission_plugins()) {
      if (plugin->may_mutate()) out.push_back({plugin.get(), "mutating-admission/" + std::string(plugin->name())});
    }
    return out;
  }();
  return kMutations;
}

}  // namespace

Result<void> run_mutating_admission(const HubPtr& hub, const RequestPtr& ctx, AdmissionAttributes& attributes) {
  AdmissionContext context(hub->objects, hub->names, hub->options);
  for (const auto& [plugin, stage] : mutations()) {
    StageTimer timer(hub, ctx, stage.c_str());
    if (auto ok = plugin->mutate(attributes, context); !ok) return ok;
  }
  return {};
}

Result<void> run_validating_admission(const HubPtr& hub, const RequestPtr& ctx, const AdmissionAttributes& attributes) {
  StageTimer timer(hub, ctx, "validating-admission");
  AdmissionContext context(hub->objects, hub->names, hub->options);
  for (const auto& plugin : admission_plugins()) {
    if (auto ok = plugin->validate(attributes, context); !ok) return ok;
  }
  return {};
}

AdmissionAttributes attributes_of_action(const RequestContext& ctx, const Endpoint& endpoint, const char* subresource,
                                         const std::string& name, nlohmann::json& body) {
  AdmissionAttributes attributes;
  attributes.operation = Operation::kCreate;
  attributes.kind = endpoint.stored;
  attributes.subresource = subresource;
  attributes.namespace_ = ctx.info.namespace_;
  attributes.name = name;
  attributes.object = &body;
  attributes.user = &ctx.user;
  attributes.is_dry_run = ctx.is_dry_run();
  return attributes;
}

}  // namespace kubeloop::apiserver
