#include "simulator/story/object_recorder.hpp"

#include <algorithm>

#include "libs/api/schema/discovery.hpp"

namespace kubeloop::simulator {

namespace {

using nlohmann::json;

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

void ObjectRecorder::start(TaskGroup& tasks) {
  tasks.spawn("record objects", find_resources(&tasks));
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
          record_.take_line(resource, std::string_view(buffer).substr(start, end - start), resource_version);
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
