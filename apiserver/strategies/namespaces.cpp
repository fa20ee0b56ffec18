// Namespaces: the finalizer in spec.finalizers keeps a deleted one until its content is gone; only /finalize changes
// that list.
#include "apiserver/strategies/kinds.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr const char* kNameLabel = "kubernetes.io/metadata.name";

void set_defaults(Json& object) {
  auto& metadata = object["metadata"];
  auto name = text_at(metadata, "name");
  if (!name.empty() && text_at(member(metadata, "labels"), kNameLabel) != name) metadata["labels"][kNameLabel] = name;
}

void prepare_for_create(Json& object) {
  object["status"] = Json::object();
  object["status"]["phase"] = "Active";
  auto& finalizers = object["spec"]["finalizers"];
  if (!finalizers.is_array()) finalizers = Json::array();
  for (const auto& one : finalizers) {
    if (one == "kubernetes") return;
  }
  finalizers.push_back("kubernetes");
}

void prepare_for_update(Json& object, const Json& old) {
  keep_status(object, old);
  const auto& finalizers = member(member(old, "spec"), "finalizers");
  if (finalizers.is_null()) {
    object["spec"] = Json::object();
  } else {
    object["spec"]["finalizers"] = finalizers;
  }
}

void validate(const Json& object, FieldErrors& errors) {
  const auto& finalizers = member(member(object, "spec"), "finalizers");
  for (std::size_t i = 0; i < finalizers.size(); ++i) {
    if (!finalizers[i].is_string()) continue;
    auto name = finalizers[i].get<std::string>();
    auto path = "spec.finalizers[" + std::to_string(i) + "]";
    for (auto& cause : api::field::invalid_each(path, name, api::check_qualified_name(name))) errors.push_back(cause);
    if (name.find('/') == std::string::npos && name != "kubernetes") {
      errors.push_back(
          api::field::invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified"));
    }
  }
}

void validate_status_update(const Json& object, const Json&, FieldErrors& errors) {
  bool is_deleting = member(member(object, "metadata"), "deletionTimestamp").is_string();
  auto phase = text_at(member(object, "status"), "phase");
  if (is_deleting && phase != "Terminating") {
    errors.push_back(
        api::field::invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty"));
  } else if (!is_deleting && phase != "Active") {
    errors.push_back(
        api::field::invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty"));
  }
}

}  // namespace

const Strategy& namespace_strategy() {
  static const Strategy kStrategy{
      .resource = "namespaces",
      .check_name = api::check_dns1123_label,
      .set_defaults = set_defaults,
      .prepare_for_create = prepare_for_create,
      .prepare_for_update = prepare_for_update,
      .prepare_for_status_update = keep_all_but_status,
      .validate = validate,
      .validate_status_update = validate_status_update,
      .returns_deleted_object = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
