#include "simulator/scenario/lint/manifests.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/input_file.hpp"
#include "simulator/scenario/lint/not_simulated.hpp"
#include "simulator/scenario/lint/schema_walk.hpp"
#include "simulator/scenario/lint/selectors.hpp"
#include "simulator/scenario/lint/server_rules.hpp"
#include "simulator/scenario/lint/visit.hpp"
#include "simulator/scenario/object_template.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// Kinds that no manifest is for, since they are not served.
const api::KindInfo* find_kind(const std::string& api_version, const std::string& kind) {
  auto slash = api_version.find('/');
  std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  std::string version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  const auto* info = api::Schema::builtin().find_kind(group, version, kind);
  return info && info->is_served ? info : nullptr;
}

void report_unknown_kind(Source& source, const std::string& pointer, const std::string& api_version,
                         const std::string& kind) {
  std::vector<std::string> kinds;
  for (const auto& info : api::Schema::builtin().kinds()) {
    if (!info->is_served) continue;
    if (info->kind == kind) {
      return source.fail("KL202", pointer + "/apiVersion", kind + " is no kind of " + api_version, info->api_version());
    }
    kinds.push_back(info->kind);
  }
  source.fail("KL202", pointer + "/kind", "no kind \"" + kind + "\" in " + api_version, did_you_mean(kind, kinds));
}

// The first object that a template makes.
json first_of(json value) {
  if (value.is_string()) return numbered(value.get_ref<const std::string&>(), 1);
  if (value.is_structured()) {
    for (auto& inner : value) inner = first_of(std::move(inner));
  }
  return value;
}

void check_server_rules(Source& source, const std::string& pointer, const api::KindInfo& kind, json manifest,
                        bool is_template) {
  if (is_template) {
    manifest = first_of(std::move(manifest));
    if (!manifest["metadata"].is_object()) manifest["metadata"] = json::object();
    if (!manifest["metadata"].contains("name")) manifest["metadata"]["name"] = "x";
  }
  for (const auto& refusal : find_refusals(kind, manifest)) {
    std::string field = refusal.field.empty() ? kind.kind : refusal.field + " of a " + kind.kind;
    source.fail("KL217", pointer + refusal.pointer, "the server refuses " + field + ": " + refusal.message);
  }
}

void check_file(Source& source, const std::string& name, bool is_template) {
  std::string path = (std::filesystem::path(source.path).parent_path() / name).string();
  auto text = read_input_file(path);
  auto documents =
      text ? api::parse_yaml(*text, path) : Result<std::vector<api::YamlDocument>>(std::unexpected(Status()));
  if (!documents) return;  // the parser has said so
  for (const auto& document : *documents) {
    Source inner(path, document);
    check_manifest(inner, "", document.value, is_template);
    for (auto& finding : inner.findings()) source.add(std::move(finding));
  }
}

}  // namespace

void check_manifest(Source& source, const std::string& pointer, const json& manifest, bool is_template) {
  if (!manifest.is_object()) return;
  for (const char* key : {"apiVersion", "kind"}) {
    if (!manifest.contains(key)) return;  // the parser has said so
    if (manifest[key].is_string()) continue;
    return source.fail("KL204", pointer + "/" + key, std::string(key) + " of a manifest must be a text");
  }
  std::string api_version = manifest["apiVersion"].get<std::string>();
  std::string name = manifest["kind"].get<std::string>();
  const auto* kind = find_kind(api_version, name);
  if (!kind) return report_unknown_kind(source, pointer, api_version, name);
  auto metadata = manifest.value("metadata", json::object());
  if (!kind->is_namespaced && metadata.is_object() && metadata.contains("namespace")) {
    source.fail_key("KL210", pointer + "/metadata/namespace", "a " + name + " belongs to no namespace");
  }
  if (kind->type) SchemaWalk(source, Document::kManifest, name).check(pointer, *kind->type, manifest);
  if (!source.has_error_at(pointer)) check_own_template(source, pointer, name, manifest);
  if (!source.has_error_at(pointer)) check_server_rules(source, pointer, *kind, manifest, is_template);
  if (!source.has_error_at(pointer)) check_not_simulated(source, pointer, manifest);
}

void check_manifests(Source& source) {
  visit(source.document.value, "", [&source](const std::string& pointer, const json& value) {
    if (!value.is_object() || !pointer.starts_with("/spec/")) return true;
    bool is_template = !pointer.starts_with("/spec/steps/") || pointer.ends_with("/object");
    if (value.contains("apiVersion") && value.contains("kind")) {
      check_manifest(source, pointer, value, is_template);
      return false;
    }
    auto file = value.find("file");
    if (file != value.end() && file->is_string()) check_file(source, file->get<std::string>(), is_template);
    return true;
  });
}

}  // namespace kubeloop::simulator
