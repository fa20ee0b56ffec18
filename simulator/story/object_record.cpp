#include "simulator/story/object_record.hpp"

#include <charconv>

#include "apiserver/storage/object_bytes.hpp"
#include "libs/api/codec/view.hpp"

namespace kubeloop::simulator {

// What is read of a line of a watch.
struct WatchLine {
  std::string type;
  api::RawJson object;
};
BOOST_DESCRIBE_STRUCT(WatchLine, (), (type, object))

struct NamedMeta {
  std::string name, namespace_, resourceVersion;
};
BOOST_DESCRIBE_STRUCT(NamedMeta, (), (name, namespace_, resourceVersion))

struct NamedObject {
  NamedMeta metadata;
};
BOOST_DESCRIBE_STRUCT(NamedObject, (), (metadata))

namespace {

using nlohmann::json;

std::uint64_t to_number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

const RecordedChange* ObjectRecord::find(std::uint64_t revision) const {
  auto it = changes_.find(revision);
  return it == changes_.end() ? nullptr : &it->second;
}

void ObjectRecord::take_line(const std::string& resource, std::string_view line, std::string& resource_version) {
  auto event = api::decode_view<WatchLine>(line);
  if (!event || event->object.text.empty()) return;
  if (event->type == "ERROR") {
    resource_version.clear();
    return;
  }
  auto object = api::decode_view<NamedObject>(event->object.text);
  if (!object) return;
  const auto& metadata = object->metadata;
  resource_version = metadata.resourceVersion;
  if (event->type == "BOOKMARK" || is_full()) return;
  std::string key = resource + "/" + (metadata.namespace_.empty() ? "" : metadata.namespace_ + "/") + metadata.name;
  record(event->type, std::move(key), to_number(resource_version), std::move(event->object.text));
}

void ObjectRecord::take_change(const apiserver::Change& change) {
  using apiserver::Change;
  if (!change.header || !change.value || is_full()) return;
  const auto& header = *change.header;
  std::string resource = header.resource.substr(0, header.resource.find('.'));
  if (resource == "leases") return;
  bool is_deletion = change.kind == Change::Kind::kDelete;
  std::string type = is_deletion ? "DELETED" : change.previous == 0 ? "ADDED" : "MODIFIED";
  std::string key = resource + "/" + (header.namespace_.empty() ? "" : header.namespace_ + "/") + header.name;
  record(std::move(type), std::move(key), change.revision,
         apiserver::splice_revision(*change.value, header, change.revision));
}

void ObjectRecord::record(std::string type, std::string key, std::uint64_t revision, std::string object) {
  auto& latest = latest_[key];
  if (revision <= latest) return;  // told again after a new list
  RecordedChange change;
  change.type = std::move(type);
  change.key = std::move(key);
  change.previous = latest;
  latest = revision;
  change.object = std::move(object);
  if (change.key.starts_with("secrets/")) {
    auto secret = json::parse(change.object, nullptr, false);
    if (secret.is_object()) secrets_.hide(change.key, secret);
    change.object = secret.is_object() ? secret.dump() : "{}";
  }
  bytes_ += change.object.size();
  changes_.emplace(revision, std::move(change));
}

}  // namespace kubeloop::simulator
