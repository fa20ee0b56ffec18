// Small pods to put into a store.
#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "apiserver/storage/object_bytes.hpp"
#include "apiserver/storage/store.hpp"

namespace kubeloop::apiserver {

inline std::string pod_key(const std::string& name) {
  return "/registry/pods/default/" + name;
}

// A write of a small pod whose spec carries `text`.
inline Write put_pod(const std::string& name, Revision expected, const std::string& text = "",
                     std::int64_t expires_at_ms = 0) {
  nlohmann::json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"spec", {{"text", text}}}};
  pod["metadata"] = {{"name", name}, {"namespace", "default"}, {"labels", {{"app", name}}}};
  auto header = std::make_shared<Header>();
  header->resource = "pods";
  header->namespace_ = "default";
  header->name = name;
  header->uid = "uid-" + name;
  header->labels = {{"app", name}};
  header->fields = {{"metadata.name", name}};
  Write write;
  write.key = pod_key(name);
  write.expected = expected;
  write.value = std::make_shared<const std::string>(encode_stored(pod, *header));
  write.header = std::move(header);
  write.expires_at_ms = expires_at_ms;
  return write;
}

inline Write delete_pod(const std::string& name, Revision expected, const std::string& text = "") {
  Write write = put_pod(name, expected, text);
  write.kind = Change::Kind::kDelete;
  return write;
}

inline bool is_same(const Header& a, const Header& b) {
  return a.resource == b.resource && a.namespace_ == b.namespace_ && a.name == b.name && a.uid == b.uid &&
         a.labels == b.labels && a.fields == b.fields && a.revision_offset == b.revision_offset &&
         a.metadata_offset == b.metadata_offset;
}

}  // namespace kubeloop::apiserver
