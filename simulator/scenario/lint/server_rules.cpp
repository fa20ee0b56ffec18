#include "simulator/scenario/lint/server_rules.hpp"

#include "apiserver/registry/metadata.hpp"
#include "apiserver/strategies/strategy.hpp"
#include "libs/api/codec/json.hpp"
#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// What the server fills in from what it has handed out already.
bool is_allocated(const std::string& field) {
  return field.starts_with("spec.clusterIP") || field.starts_with("spec.ipFamil") ||
         field.starts_with("spec.healthCheckNodePort") || field.ends_with(".nodePort");
}

}  // namespace

std::string pointer_of_field(const std::string& field) {
  std::string pointer, step;
  auto end_step = [&] {
    if (!step.empty()) pointer += "/" + escape_pointer(step);
    step.clear();
  };
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '.') {
      end_step();
    } else if (field[i] == '[') {
      end_step();
      auto end = field.find(']', i);
      if (end == std::string::npos) break;
      step = field.substr(i + 1, end - i - 1);
      end_step();
      i = end;
    } else {
      step += field[i];
    }
  }
  end_step();
  return pointer;
}

std::vector<Refusal> find_refusals(const api::KindInfo& kind, const json& manifest) {
  std::vector<Refusal> refusals;
  auto decoded = api::decode_document(api::Schema::builtin(), kind, manifest);
  if (!decoded) {
    refusals.push_back({"", "", decoded.error().message});
    return refusals;
  }
  json object = std::move(decoded->object);
  if (kind.type) api::apply_defaults(*kind.type, object);
  const auto& strategy = apiserver::find_strategy(kind.group_resource());
  json& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  if (kind.is_namespaced && !metadata.contains("namespace")) metadata["namespace"] = "default";
  if (strategy.set_defaults) strategy.set_defaults(object);
  apiserver::wipe_system_fields(object);
  Rng uids(1);
  apiserver::fill_system_fields(object, strategy, WallTime(), uids);
  if (strategy.prepare_for_create) strategy.prepare_for_create(object);
  apiserver::FieldErrors errors;
  apiserver::validate_metadata(object, kind, strategy, errors);
  if (strategy.validate) strategy.validate(object, errors);
  for (const auto& error : errors) {
    if (strategy.allocate && is_allocated(error.field)) continue;
    refusals.push_back({pointer_of_field(error.field), error.field, error.message});
  }
  return refusals;
}

}  // namespace kubeloop::simulator
