#include "apiserver/registry/endpoint.hpp"

#include "apiserver/registry/event_conversion.hpp"

namespace kubeloop::apiserver {

std::string Endpoint::prefix(std::string_view namespace_) const {
  std::string out = "/registry/" + stored->storage_prefix + "/";
  if (!namespace_.empty()) {
    out += namespace_;
    out += '/';
  }
  return out;
}

std::string Endpoint::key(std::string_view namespace_, std::string_view name) const {
  auto out = prefix(kind->is_namespaced ? namespace_ : std::string_view());
  out += name;
  return out;
}

void Endpoint::to_stored(nlohmann::json& object) const {
  if (is_converted()) event_to_core(object);
}

void Endpoint::from_stored(nlohmann::json& object) const {
  if (is_converted()) event_from_core(object);
}

std::optional<Endpoint> find_endpoint(const api::Schema& schema, std::string_view group, std::string_view version,
                                      std::string_view plural) {
  Endpoint out;
  out.kind = schema.find_resource(group, version, plural);
  if (!out.kind || !out.kind->is_served) return std::nullopt;
  out.stored = out.kind;
  if (group == "events.k8s.io" && plural == "events") out.stored = schema.find_resource("", "v1", "events");
  if (!out.stored) return std::nullopt;
  out.strategy = &find_strategy(out.stored->group_resource());
  return out;
}

}  // namespace kubeloop::apiserver
