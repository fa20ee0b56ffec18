#include "apiserver/registry/metadata.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "apiserver/strategies/field_checks.hpp"
#include "libs/api/time.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::size_t kMaxAnnotationBytes = 256 * 1024;
constexpr std::size_t kMaxBaseLength = 58;
constexpr std::string_view kSuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

api::Messages check_name(const Strategy& strategy, const std::string& name, bool is_prefix) {
  auto segment = api::check_path_segment(name, is_prefix);
  if (!segment.empty()) return segment;
  return strategy.check_name(is_prefix ? api::mask_trailing_dash(name) : name);
}

void validate_names(const Json& metadata, const api::KindInfo& kind, const Strategy& strategy, FieldErrors& errors) {
  auto prefix = text_at(metadata, "generateName");
  if (!prefix.empty()) add_errors(errors, "metadata.generateName", prefix, check_name(strategy, prefix, true));
  auto name = text_at(metadata, "name");
  if (name.empty()) {
    errors.push_back(api::field::required("metadata.name", "name or generateName is required"));
  } else {
    add_errors(errors, "metadata.name", name, check_name(strategy, name, false));
  }
  auto namespace_ = text_at(metadata, "namespace");
  if (!kind.is_namespaced) {
    if (!namespace_.empty()) errors.push_back(api::field::forbidden("metadata.namespace", "not allowed on this type"));
  } else if (namespace_.empty()) {
    errors.push_back(api::field::required("metadata.namespace"));
  } else {
    add_errors(errors, "metadata.namespace", namespace_, api::check_dns1123_label(namespace_));
  }
}

void validate_labels(const Json& metadata, FieldErrors& errors) {
  for (const auto& [key, value] : member(metadata, "labels").items()) {
    add_errors(errors, "metadata.labels", key, api::check_qualified_name(key));
    if (value.is_string())
      add_errors(errors, "metadata.labels", value, api::check_label_value(value.get<std::string>()));
  }
  std::size_t bytes = 0;
  for (const auto& [key, value] : member(metadata, "annotations").items()) {
    add_errors(errors, "metadata.annotations", key, api::check_annotation_key(key));
    bytes += key.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : 0);
  }
  if (bytes > kMaxAnnotationBytes) {
    errors.push_back(api::field::too_long("metadata.annotations", static_cast<std::int64_t>(kMaxAnnotationBytes)));
  }
}

void validate_owners(const Json& owners, FieldErrors& errors) {
  const std::string path = "metadata.ownerReferences";
  std::string controller;
  for (const auto& owner : owners) {
    auto api_version = text_at(owner, "apiVersion");
    if (api_version.empty() || api_version.ends_with('/')) {
      errors.push_back(api::field::invalid(path + ".apiVersion", api_version, "version must not be empty"));
    }
    for (const char* name : {"kind", "name", "uid"}) {
      if (text_at(owner, name).empty())
        errors.push_back(api::field::invalid(path + "." + name, "", "must not be empty"));
    }
    if (api_version == "v1" && text_at(owner, "kind") == "Event") {
      errors.push_back(api::field::invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
    }
    if (member(owner, "controller") != true) continue;
    if (!controller.empty() && !is_planted("hub-allows-two-controllers")) {
      errors.push_back(api::field::invalid(
          path, owners,
          fmt::format("Only one reference can have Controller set to true. Found \"true\" in references for {} and {}",
                      controller, text_at(owner, "name"))));
    }
    controller = text_at(owner, "name");
  }
}

void validate_finalizers(const Json& finalizers, FieldErrors& errors) {
  constexpr std::array<std::string_view, 3> kStandard{"kubernetes", "orphan", "foregroundDeletion"};
  bool has_orphan = false, has_foreground = false;
  for (std::size_t i = 0; i < finalizers.size(); ++i) {
    if (!finalizers[i].is_string()) continue;
    auto name = finalizers[i].get<std::string>();
    add_errors(errors, "metadata.finalizers", name, api::check_qualified_name(name));
    has_orphan |= name == "orphan";
    has_foreground |= name == "foregroundDeletion";
    if (name.find('/') == std::string::npos && std::ranges::find(kStandard, name) == kStandard.end()) {
      errors.push_back(api::field::invalid(fmt::format("metadata.finalizers[{}]", i), name,
                                           "name is neither a standard finalizer name nor is it fully qualified"));
    }
  }
  if (has_orphan && has_foreground) {
    errors.push_back(api::field::invalid("metadata.finalizers", finalizers,
                                         "finalizer orphan and foregroundDeletion cannot be both set"));
  }
}

// Go's %q of a list of strings: []string{"a", "b"}.
std::string go_list(const std::vector<std::string>& items) {
  std::string out = "[]string{";
  for (const auto& item : items) out += (out.back() == '{' ? "" : ", ") + api::go_quoted(item);
  return out + "}";
}

// Absent and empty are the same.
bool is_same_map(const Json& a, const Json& b) {
  return a == b || (a.empty() && b.empty());
}

}  // namespace

std::string deletion_timestamp(const Json& object) {
  return text_at(member(object, "metadata"), "deletionTimestamp");
}

void wipe_system_fields(Json& object) {
  auto& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = Json::object();
  for (const char* name : {"uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds",
                           "selfLink", "managedFields"}) {
    metadata.erase(name);
  }
}

void fill_system_fields(Json& object, const Strategy& strategy, WallTime now, Rng& uids) {
  auto& metadata = object["metadata"];
  metadata["uid"] = uids.uuid();
  metadata["creationTimestamp"] = api::format_time(now);
  if (strategy.has_generation) metadata["generation"] = 1;
}

std::string generate_name(const std::string& base, Rng& names) {
  return base.substr(0, kMaxBaseLength) + names.word(5, kSuffixAlphabet);
}

void keep_system_fields(Json& object, const Json& old) {
  auto& metadata = object["metadata"];
  const auto& before = member(old, "metadata");
  bool is_deleting = !deletion_timestamp(old).empty();
  auto keep = [&](const char* name, bool is_always) {
    const auto& value = member(before, name);
    if (!is_always && metadata.contains(name)) return;
    if (value.is_null()) {
      metadata.erase(name);
    } else {
      metadata[name] = value;
    }
  };
  keep("uid", false);
  keep("creationTimestamp", true);
  keep("generation", true);
  keep("deletionTimestamp", is_deleting);
  keep("deletionGracePeriodSeconds", is_deleting);
  metadata.erase("selfLink");
  metadata.erase("managedFields");
  metadata.erase("resourceVersion");
  // generateName is history: it stays what it was.
  keep("generateName", false);
}

void bump_generation(Json& object, const Json& old, const Strategy& strategy) {
  if (!strategy.has_generation) return;
  auto annotations = [](const Json& one) -> const Json& { return member(member(one, "metadata"), "annotations"); };
  bool is_changed = member(object, "spec") != member(old, "spec");
  if (strategy.annotations_raise_generation) is_changed |= !is_same_map(annotations(object), annotations(old));
  if (!is_changed || is_planted("generation-stands-still")) return;
  const auto& before = member(member(old, "metadata"), "generation");
  object["metadata"]["generation"] = (before.is_number_integer() ? before.get<std::int64_t>() : 0) + 1;
}

void validate_metadata(const Json& object, const api::KindInfo& kind, const Strategy& strategy, FieldErrors& errors) {
  const auto& metadata = member(object, "metadata");
  validate_names(metadata, kind, strategy, errors);
  validate_labels(metadata, errors);
  validate_owners(member(metadata, "ownerReferences"), errors);
  validate_finalizers(member(metadata, "finalizers"), errors);
}

void validate_metadata_update(const Json& object, const Json& old, FieldErrors& errors) {
  const auto& metadata = member(object, "metadata");
  const auto& before = member(old, "metadata");
  for (const char* name :
       {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    if (member(metadata, name) != member(before, name)) {
      errors.push_back(
          api::field::invalid(std::string("metadata.") + name, member(metadata, name), "field is immutable"));
    }
  }
  validate_labels(metadata, errors);
  validate_owners(member(metadata, "ownerReferences"), errors);
  validate_finalizers(member(metadata, "finalizers"), errors);
  if (deletion_timestamp(old).empty()) return;
  std::vector<std::string> added;
  const auto& had = member(before, "finalizers");
  for (const auto& finalizer : member(metadata, "finalizers")) {
    if (had.is_array() && std::find(had.begin(), had.end(), finalizer) != had.end()) continue;
    if (finalizer.is_string()) added.push_back(finalizer.get<std::string>());
  }
  if (added.empty()) return;
  errors.push_back(api::field::forbidden(
      "metadata.finalizers",
      "no new finalizers can be added if the object is being deleted, found new finalizers " + go_list(added)));
}

}  // namespace kubeloop::apiserver
