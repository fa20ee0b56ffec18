#include <algorithm>

#include "libs/api/schema/openapi_parts.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;

struct Parameter {
  const char* name;
  const char* type;
  const char* description;
};

constexpr Parameter kListParameters[] = {
    {"allowWatchBookmarks", "boolean", "A watch may send bookmarks, which carry a revision and no change."},
    {"continue", "string", "Where the previous page of this list ended: metadata.continue of its answer."},
    {"fieldSelector", "string", "Only objects whose fields match: path=value or path!=value, joined by commas."},
    {"labelSelector", "string", "Only objects whose labels match this selector."},
    {"limit", "integer", "The most objects that one answer should hold."},
    {"resourceVersion", "string", "The revision to read at or to watch from."},
    {"resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."},
    {"sendInitialEvents", "boolean", "A watch begins with the objects that exist, and a bookmark after the last."},
    {"timeoutSeconds", "integer", "When the server ends a watch."},
    {"watch", "boolean", "Send changes as they happen, not a list."},
};

constexpr Parameter kWriteParameters[] = {
    {"dryRun", "string", "All: do everything but store the result."},
    {"fieldManager", "string", "The name under which the changed fields are recorded."},
    {"fieldValidation", "string", "What unknown and duplicate fields do: Ignore, Warn (the default) or Strict."},
};

constexpr Parameter kForce[] = {
    {"force", "boolean", "An apply takes fields over from other managers. Only for apply patches."},
};

constexpr Parameter kDeleteParameters[] = {
    {"dryRun", "string", "All: do everything but store the result."},
    {"gracePeriodSeconds", "integer", "How long the object may take to end; 0 removes it at once."},
    {"propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground."},
};

template <std::size_t N>
void add_parameters(json& operation, const Parameter (&parameters)[N]) {
  for (const Parameter& parameter : parameters) {
    json entry;
    entry["name"] = parameter.name;
    entry["in"] = "query";
    entry["description"] = parameter.description;
    entry["schema"]["type"] = parameter.type;
    entry["schema"]["uniqueItems"] = true;
    operation["parameters"].push_back(std::move(entry));
  }
}

json path_parameter(const char* name, const char* description) {
  json entry;
  entry["name"] = name;
  entry["in"] = "path";
  entry["required"] = true;
  entry["description"] = description;
  entry["schema"]["type"] = "string";
  entry["schema"]["uniqueItems"] = true;
  return entry;
}

json content(const char* media_type, json reference) {
  json entry;
  entry[media_type]["schema"] = std::move(reference);
  return entry;
}

bool has(const std::vector<std::string>& verbs, std::string_view verb) {
  return std::ranges::find(verbs, verb) != verbs.end();
}

// Writes the operations of one path.
class PathWriter {
 public:
  PathWriter(const KindInfo& kind, OpenApiComponents& components, json& paths)
      : kind_(kind), components_(components), paths_(paths) {
    root_ = (kind.group.empty() ? "/api/" : "/apis/") + kind.api_version() + "/";
    collection_ = root_ + (kind.is_namespaced ? "namespaces/{namespace}/" : "") + kind.plural;
  }

  void write() {
    // All of a namespaced kind, across namespaces.
    if (kind_.is_namespaced && has(kind_.verbs, "list")) add_list(paths_[root_ + kind_.plural], "ForAllNamespaces");
    write_collection(paths_[collection_]);
    write_item(collection_ + "/{name}", "", kind_.verbs, components_.refer(*kind_.type), own_kind());
    for (const SubresourceInfo& subresource : kind_.subresources) write_subresource(subresource);
  }

 private:
  json own_kind() const { return openapi_kind(kind_.group, kind_.version, kind_.kind); }

  // readCoreV1NamespacedPodStatus: verb, group-version, scope and kind, part.
  std::string operation_id(std::string_view verb, std::string_view part) const {
    std::string group = kind_.group.empty() ? "core" : kind_.group.substr(0, kind_.group.find('.'));
    std::string version = kind_.version;
    group[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(group[0])));
    version[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(version[0])));
    const bool is_scoped = kind_.is_namespaced && part != "ForAllNamespaces";
    return std::string(verb) + group + version + (is_scoped ? "Namespaced" : "") + kind_.kind + std::string(part);
  }

  json operation(std::string_view verb, std::string_view action, std::string_view part, json answer, const json& kind) {
    json entry;
    entry["operationId"] = operation_id(verb, part);
    entry["x-kubernetes-action"] = action;
    entry["x-kubernetes-group-version-kind"] = kind;
    json& response = entry["responses"]["200"];
    response["description"] = "OK";
    response["content"] = content("application/json", std::move(answer));
    return entry;
  }

  void add_list(json& path, std::string_view part) {
    json list = operation("list", "list", part, components_.refer_list(kind_), own_kind());
    add_parameters(list, kListParameters);
    path["get"] = std::move(list);
    if (part.empty()) add_path_parameters(path, /*with_name=*/false);
  }

  void add_path_parameters(json& path, bool with_name) {
    json parameters = json::array();
    if (with_name) parameters.push_back(path_parameter("name", "The object's name."));
    if (kind_.is_namespaced) parameters.push_back(path_parameter("namespace", "The object's namespace."));
    if (!parameters.empty()) path["parameters"] = std::move(parameters);
  }

  void write_collection(json& path) {
    if (has(kind_.verbs, "list")) add_list(path, "");
    if (has(kind_.verbs, "create")) {
      json create = operation("create", "post", "", components_.refer(*kind_.type), own_kind());
      create["requestBody"]["content"] = content("*/*", components_.refer(*kind_.type));
      create["requestBody"]["required"] = true;
      add_parameters(create, kWriteParameters);
      path["post"] = std::move(create);
    }
    if (has(kind_.verbs, "deletecollection")) {
      json remove = operation("deleteCollection", "deletecollection", "", components_.refer_named("meta/v1.Status"),
                              own_kind());
      add_parameters(remove, kListParameters);
      path["delete"] = std::move(remove);
    }
    add_path_parameters(path, /*with_name=*/false);
  }

  void write_item(const std::string& url, std::string_view part, const std::vector<std::string>& verbs, json reference,
                  const json& kind) {
    json path = json::object();
    if (has(verbs, "get")) path["get"] = operation("read", "get", part, reference, kind);
    if (has(verbs, "update")) {
      json update = operation("replace", "put", part, reference, kind);
      update["requestBody"]["content"] = content("*/*", reference);
      update["requestBody"]["required"] = true;
      add_parameters(update, kWriteParameters);
      path["put"] = std::move(update);
    }
    if (has(verbs, "create") && !part.empty()) {
      json create = operation("create", "post", part, reference, kind);
      create["requestBody"]["content"] = content("*/*", reference);
      create["requestBody"]["required"] = true;
      add_parameters(create, kWriteParameters);
      path["post"] = std::move(create);
    }
    if (has(verbs, "patch")) path["patch"] = patch_operation(part, reference, kind);
    if (has(verbs, "delete")) {
      json remove = operation("delete", "delete", part, components_.refer_named("meta/v1.Status"), kind);
      remove["requestBody"]["content"] = content("*/*", components_.refer_named("meta/v1.DeleteOptions"));
      add_parameters(remove, kDeleteParameters);
      path["delete"] = std::move(remove);
    }
    add_path_parameters(path, /*with_name=*/true);
    paths_[url] = std::move(path);
  }

  json patch_operation(std::string_view part, const json& reference, const json& kind) {
    json patch = operation("patch", "patch", part, reference, kind);
    json& body = patch["requestBody"];
    body["required"] = true;
    for (const char* format : {"application/apply-patch+yaml", "application/json-patch+json",
                               "application/merge-patch+json", "application/strategic-merge-patch+json"}) {
      body["content"].update(content(format, components_.refer_patch()));
    }
    add_parameters(patch, kWriteParameters);
    add_parameters(patch, kForce);
    return patch;
  }

  void write_subresource(const SubresourceInfo& subresource) {
    json reference = components_.refer_kind(subresource.group, subresource.version, subresource.kind);
    std::string part = subresource.name;
    part[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(part[0])));
    write_item(collection_ + "/{name}/" + subresource.name, part, subresource.verbs, std::move(reference),
               openapi_kind(subresource.group, subresource.version, subresource.kind));
  }

  const KindInfo& kind_;
  OpenApiComponents& components_;
  json& paths_;
  std::string root_;
  std::string collection_;
};

}  // namespace

void add_openapi_paths(const KindInfo& kind, OpenApiComponents& components, json& paths) {
  PathWriter writer(kind, components, paths);
  writer.write();
}

}  // namespace kubeloop::api
