#include "simulator/story/object_recorder.hpp"

#include <algorithm>
#include <charconv>

#include "libs/api/codec/view.hpp"
#include "libs/api/schema/discovery.hpp"

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

bool can_be_watched(const json& resource) {
  for (const auto& verb : resource.value("verbs", json::array())) {
    if (verb == "watch") return true;
  }
  return false;
}

}  // namespace

void add_watched_resources(std::vector<WatchedResource>& known, std::string_view discovery) {
  auto document = json::parse(discovery, nullptr, false);
  if (!document.is_object()) return;
  const json groups = document.value("items", json::array());
  for (const auto& group : groups) {
    const json versions = group.value("versions", json::array());
    if (versions.empty()) continue;
    std::string name = group.value("metadata", json::object()).value("name", "");
    std::string version = versions[0].value("version", "");
    std::string prefix = name.empty() ? "/api/" + version + "/" : "/apis/" + name + "/" + version + "/";
    const json resources = versions[0].value("resources", json::array());
    for (const auto& resource : resources) {
      std::string plural = resource.value("resource", "");
      if (plural.empty() || plural == "leases" || !can_be_watched(resource)) continue;
      bool is_known = std::ranges::any_of(known, [&](const auto& other) { return other.name == plural; });
      if (!is_known) known.push_back({plural, prefix + plural});
    }
  }
}

ObjectRecorder::ObjectRecorder(const Env& env, http::Transport& transport, std::size_t limit)
    : env_(env), transport_(transport), limit_(limit) {}

void ObjectRecorder::start(TaskGroup& tasks) {
  tasks.spawn("record objects", find_resources(&tasks));
}

const RecordedChange* ObjectRecorder::find(std::uint64_t revision) const {
  auto it = changes_.find(revision);
  return it == changes_.end() ? nullptr : &it->second;
}

void ObjectRecorder::take_line(const std::string& resource, std::string_view line, std::string& resource_version) {
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
  RecordedChange change;
  change.type = event->type;
  change.key = resource + "/" + (metadata.namespace_.empty() ? "" : metadata.namespace_ + "/") + metadata.name;
  std::uint64_t revision = to_number(resource_version);
  auto& latest = latest_[change.key];
  if (revision <= latest) return;  // told again after a new list
  change.previous = latest;
  latest = revision;
  change.object = std::move(event->object.text);
  if (resource == "secrets") {
    auto secret = json::parse(change.object, nullptr, false);
    if (secret.is_object()) secrets_.hide(change.key, secret);
    change.object = secret.is_object() ? secret.dump() : "{}";
  }
  bytes_ += change.object.size();
  changes_.emplace(revision, std::move(change));
}

awaitable<bool> ObjectRecorder::discover(std::string path, std::vector<WatchedResource>* found) {
  http::Request request("GET", path);
  request.headers.add("User-Agent", "kubeloop-recorder");
  request.headers.add("Accept", std::string(api::kAggregatedDiscoveryV2));
  auto response = co_await transport_.send(std::move(request));
  if (!response || response->code != 200 || response->is_stream()) co_return false;
  add_watched_resources(*found, response->text());
  co_return true;
}

awaitable<void> ObjectRecorder::find_resources(TaskGroup* tasks) {
  std::vector<WatchedResource> found;
  bool has_core = false, has_groups = false;
  for (;;) {
    if (!has_core) has_core = co_await discover("/api", &found);
    if (has_core) has_groups = co_await discover("/apis", &found);
    if (has_core && has_groups) break;
    co_await sleep_for(env_, std::chrono::milliseconds(50));
  }
  for (const auto& resource : found) tasks->spawn("record " + resource.name, watch(resource.name, resource.target));
}

awaitable<void> ObjectRecorder::watch(std::string resource, std::string target) {
  // From the very first revision, so that what came before this watch is told too; where that is gone, from now.
  std::string resource_version = "1";
  for (;;) {
    std::string from = resource_version.empty() ? "0" : resource_version;
    http::Request request("GET", target + "?watch=true&allowWatchBookmarks=true&resourceVersion=" + from);
    request.headers.add("User-Agent", "kubeloop-recorder");
    auto response = co_await transport_.send(std::move(request));
    if (response && response->is_stream()) {
      auto body = std::move(std::get<std::unique_ptr<http::BodyReader>>(response->body));
      std::string buffer;
      for (;;) {
        auto chunk = co_await body->next();
        if (!chunk || chunk->empty()) break;
        buffer += *chunk;
        std::size_t start = 0;
        for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n', start)) {
          take_line(resource, std::string_view(buffer).substr(start, end - start), resource_version);
          start = end + 1;
        }
        buffer.erase(0, start);
      }
    } else if (response && response->code == 410) {
      resource_version.clear();
    }
    co_await sleep_for(env_, std::chrono::milliseconds(50));
  }
}

}  // namespace kubeloop::simulator
