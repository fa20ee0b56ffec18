#include "simulator/story/object_recorder.hpp"

#include <charconv>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::uint64_t to_number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

ObjectRecorder::ObjectRecorder(const Env& env, http::Transport& transport, std::size_t limit)
    : env_(env), transport_(transport), limit_(limit) {}

void ObjectRecorder::start(TaskGroup& tasks) {
  tasks.spawn("record nodes", watch("nodes", "/api/v1/nodes"));
  tasks.spawn("record pods", watch("pods", "/api/v1/pods"));
  tasks.spawn("record events", watch("events", "/api/v1/events"));
}

const RecordedChange* ObjectRecorder::find(std::uint64_t revision) const {
  auto it = changes_.find(revision);
  return it == changes_.end() ? nullptr : &it->second;
}

void ObjectRecorder::take_line(const std::string& resource, std::string_view line, std::string& resource_version) {
  auto event = json::parse(line, nullptr, false);
  if (!event.is_object() || !event.contains("object") || !event["object"].is_object()) return;
  std::string type = event.value("type", "");
  if (type == "ERROR") {
    resource_version.clear();
    return;
  }
  const json metadata = event["object"].value("metadata", json::object());
  resource_version = metadata.value("resourceVersion", "");
  if (type == "BOOKMARK" || is_full()) return;
  RecordedChange change;
  change.type = type;
  std::string namespace_ = metadata.value("namespace", "");
  change.key = resource + "/" + (namespace_.empty() ? "" : namespace_ + "/") + metadata.value("name", "");
  std::uint64_t revision = to_number(resource_version);
  auto& latest = latest_[change.key];
  if (revision <= latest) return;  // told again after a new list
  change.previous = latest;
  latest = revision;
  change.object = event["object"].dump();
  bytes_ += change.object.size();
  changes_.emplace(revision, std::move(change));
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
