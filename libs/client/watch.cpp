#include <optional>

#include "libs/client/api_client.hpp"
#include "libs/client/json_slices.hpp"

namespace kubeloop::client {
namespace {

// The longest event that is read: an object is at most some MB.
constexpr std::size_t kMaxEvent = 64u << 20;

Status broken(std::string message) {
  return Status(500, "InternalError", "watch: " + std::move(message));
}

std::optional<WatchEvent::Type> read_type(std::string_view quoted) {
  if (quoted == "\"ADDED\"") return WatchEvent::Type::kAdded;
  if (quoted == "\"MODIFIED\"") return WatchEvent::Type::kModified;
  if (quoted == "\"DELETED\"") return WatchEvent::Type::kDeleted;
  if (quoted == "\"BOOKMARK\"") return WatchEvent::Type::kBookmark;
  if (quoted == "\"ERROR\"") return WatchEvent::Type::kError;
  return std::nullopt;
}

// `{"type":"MODIFIED","object":{...}}`, as servers write it: the object is what stands between. Whoever reads it will
// find out when it is broken.
std::optional<WatchEvent> read_usual_event(std::string_view line) {
  constexpr std::string_view kType = "{\"type\":", kObject = ",\"object\":";
  if (!line.starts_with(kType) || !line.ends_with("}}")) return std::nullopt;
  auto comma = line.find(',');
  auto type =
      comma == std::string_view::npos ? std::nullopt : read_type(line.substr(kType.size(), comma - kType.size()));
  if (!type || *type == WatchEvent::Type::kError || !line.substr(comma).starts_with(kObject)) return std::nullopt;
  auto object = line.substr(comma + kObject.size());
  object.remove_suffix(1);
  if (!object.starts_with('{')) return std::nullopt;
  WatchEvent event;
  event.type = *type;
  event.object = object;
  return event;
}

Result<std::optional<WatchEvent>> read_event(std::string_view line) {
  if (auto usual = read_usual_event(line)) return usual;
  std::string_view type_text;
  std::string_view object;
  bool is_object = for_each_member(line, [&](std::string_view key, std::string_view value) {
    if (key == "type") type_text = value;
    if (key == "object") object = value;
  });
  auto type = read_type(type_text);
  if (!is_object || !type || object.empty()) return failure(broken("an event cannot be read"));
  if (*type == WatchEvent::Type::kError) return failure(api::parse_status(500, object));
  WatchEvent event;
  event.type = *type;
  event.object = object;
  return event;
}

}  // namespace

Watch::Watch(std::unique_ptr<http::BodyReader> body) : body_(std::move(body)) {}

// The next complete line, valid until the buffer changes; nothing when there is none yet.
std::optional<std::string_view> Watch::take_line() {
  std::size_t end = buffer_.find('\n', scanned_);
  if (end == std::string::npos) {
    scanned_ = buffer_.size();
    return std::nullopt;
  }
  auto line = std::string_view(buffer_).substr(read_, end - read_);
  read_ = scanned_ = end + 1;
  return line;
}

awaitable<Result<std::optional<WatchEvent>>> Watch::next() {
  while (true) {
    while (auto line = take_line()) {
      if (!line->empty()) co_return read_event(*line);
    }
    buffer_.erase(0, read_);
    scanned_ -= read_;
    read_ = 0;
    if (buffer_.size() > kMaxEvent) co_return failure(broken("an event is too long"));
    if (!body_) co_return std::optional<WatchEvent>();
    auto chunk = co_await body_->next();
    if (!chunk) {
      body_.reset();
      co_return failure(std::move(chunk.error()));
    }
    if (chunk->empty()) {
      body_.reset();
      if (!buffer_.empty()) co_return failure(broken("the stream ended inside an event"));
      co_return std::optional<WatchEvent>();
    }
    buffer_ += *chunk;
  }
}

}  // namespace kubeloop::client
