// A history made by hand for the checkers: commits, answers and watch lines, legal unless the test plants something.
#pragma once
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

#include "apiserver/registry/object_header.hpp"
#include "apiserver/storage/object_bytes.hpp"
#include "libs/api/schema/schema.hpp"
#include "simulator/observe/checkers.hpp"
#include "simulator/observe/watch_log.hpp"

namespace kubeloop::simulator {

using nlohmann::json;

struct CheckersWorld {
  Checkers checkers;
  Instant now{};
  apiserver::Revision revision = 0;
  std::map<std::string, apiserver::Change> objects;
  std::vector<apiserver::Change> history;  // by revision - 1
  std::uint64_t streams = 0;

  static const api::KindInfo& kind_of(const std::string& resource) {
    auto dot = resource.find('.');
    std::string group = dot == std::string::npos ? "" : resource.substr(dot + 1);
    const auto* kind = api::Schema::builtin().find_resource(group, "v1", resource.substr(0, dot));
    REQUIRE(kind != nullptr);
    return *kind;
  }

  void advance(Duration by) { now += by; }

  // The change that a write of `object` is, not committed yet.
  apiserver::Change make(const std::string& resource, json object) {
    const auto& kind = kind_of(resource);
    auto& metadata = object["metadata"];
    if (kind.is_namespaced && !metadata.contains("namespace")) metadata["namespace"] = "default";
    if (!metadata.contains("uid")) metadata["uid"] = "uid-" + metadata["name"].get<std::string>();
    auto encoded = apiserver::encode_object(kind, object);
    apiserver::Change change;
    change.key = "/registry/" + kind.storage_prefix + "/";
    if (kind.is_namespaced) change.key += encoded.header->namespace_ + "/";
    change.key += encoded.header->name;
    change.header = encoded.header;
    change.value = encoded.value;
    return change;
  }

  apiserver::Revision commit(apiserver::Change change) {
    auto it = objects.find(change.key);
    change.revision = ++revision;
    change.previous = it == objects.end() ? 0 : it->second.revision;
    change.create_revision = it == objects.end() ? revision : it->second.create_revision;
    return commit_as_it_is(std::move(change));
  }

  apiserver::Revision commit_as_it_is(apiserver::Change change) {
    checkers.committed(change, now);
    if (change.kind == apiserver::Change::Kind::kPut) {
      objects[change.key] = change;
    } else {
      objects.erase(change.key);
    }
    history.push_back(change);
    return change.revision;
  }

  apiserver::Revision put(const std::string& resource, json object) {
    return commit(make(resource, std::move(object)));
  }

  // Removes the object as it stands.
  apiserver::Revision remove(const std::string& resource, const std::string& name) {
    auto wanted = make(resource, {{"metadata", {{"name", name}}}});
    auto change = objects.at(wanted.key);
    change.kind = apiserver::Change::Kind::kDelete;
    return commit(std::move(change));
  }

  std::string text_at(apiserver::Revision at) const {
    const auto& change = history.at(at - 1);
    return apiserver::splice_revision(*change.value, *change.header, at);
  }

  void answer(std::string method, std::string target, int code, const std::string& body) {
    Answered answered;
    answered.actor = "test";
    answered.method = method;
    answered.target = target;
    answered.code = code;
    answered.body = body;
    checkers.answered(answered, now);
  }

  std::uint64_t open_watch(const std::string& resource, const std::string& version, const std::string& namespace_ = "",
                           const std::string& labels = "", const std::string& fields = "") {
    WatchOpened watch;
    watch.stream = ++streams;
    watch.actor = "test";
    watch.resource = resource;
    watch.namespace_ = namespace_;
    watch.label_selector = labels;
    watch.field_selector = fields;
    watch.resource_version = version;
    checkers.watch_opened(watch, now);
    return streams;
  }

  void tell_text(std::uint64_t stream, std::string_view type, const std::string& object, apiserver::Revision at) {
    WatchLine line;
    line.stream = stream;
    line.type = type;
    line.object = object;
    line.revision = at;
    checkers.watch_line(line, now);
  }
  void tell(std::uint64_t stream, std::string_view type, apiserver::Revision at) {
    tell_text(stream, type, text_at(at), at);
  }
  void bookmark(std::uint64_t stream, apiserver::Revision at, bool is_end_of_initial = false) {
    json object = {{"metadata", {{"resourceVersion", std::to_string(at)}}}};
    if (is_end_of_initial) object["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
    tell_text(stream, "BOOKMARK", object.dump(), at);
  }

  void rest() {
    StoredObjects stored;
    for (const auto& [key, change] : objects) stored[key] = change.value;
    checkers.came_to_rest(stored, now);
  }

  // "checker: text" of what was found, one a line.
  std::string found() const {
    std::string out;
    for (const auto& violation : checkers.violations()) out += violation.checker + ": " + violation.text + "\n";
    return out;
  }
};

inline json pod(const std::string& name, const std::string& node = "", const std::string& phase = "Pending") {
  json out = {{"apiVersion", "v1"},
              {"kind", "Pod"},
              {"metadata", {{"name", name}, {"labels", {{"app", "web"}}}}},
              {"spec",
               {{"terminationGracePeriodSeconds", 30},
                {"containers", {{{"name", "c"}, {"resources", {{"requests", {{"cpu", "500m"}}}}}}}}}},
              {"status", {{"phase", phase}}}};
  if (!node.empty()) out["spec"]["nodeName"] = node;
  return out;
}

inline json node(const std::string& name, const std::string& cpu = "1") {
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata", {{"name", name}}},
          {"status",
           {{"allocatable", {{"cpu", cpu}, {"memory", "4Gi"}, {"pods", "3"}}},
            {"conditions", {{{"type", "Ready"}, {"status", "True"}, {"lastHeartbeatTime", "2026-01-01T00:00:00Z"}}}}}}};
}

}  // namespace kubeloop::simulator
