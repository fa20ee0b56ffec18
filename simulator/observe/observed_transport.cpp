#include "simulator/observe/observed_transport.hpp"

#include <charconv>
#include <optional>

#include "apiserver/request_info.hpp"
#include "libs/client/json_slices.hpp"
#include "libs/http/url.hpp"

namespace kubeloop::simulator {
namespace {

// What the request of a watch asks for, kept until its answer is there.
struct WatchRequest {
  std::string resource, namespace_, label_selector, field_selector, resource_version;

  WatchRequest() = default;
};

bool may_be_watch(const http::Request& request) {
  return request.method == "GET" && request.target.find("watch") != std::string::npos;
}

// Nothing when it is no watch, or one of a form that is not told.
std::optional<WatchRequest> read_watch(const http::Request& request, const http::Url& url,
                                       const apiserver::RequestInfo& info) {
  auto accept = request.headers.get("Accept");
  bool is_plain = accept.find("as=") == std::string_view::npos && accept.find("protobuf") == std::string_view::npos;
  if (!is_plain || !info.name.empty() || url.has("sendInitialEvents") || !url.has("watch")) return std::nullopt;
  WatchRequest out;
  out.resource = info.group.empty() ? info.resource : info.resource + "." + info.group;
  out.namespace_ = info.namespace_;
  out.label_selector = url.get("labelSelector");
  out.field_selector = url.get("fieldSelector");
  out.resource_version = url.get("resourceVersion");
  return out;
}

std::uint64_t revision_of(std::string_view object) {
  auto text = client::find_member(client::find_member(object, "metadata"), "resourceVersion");
  std::uint64_t value = 0;
  if (text.size() > 2) std::from_chars(text.data() + 1, text.data() + text.size() - 1, value);
  return value;
}

// Reads {"type":T,"object":O}; the hub's own form needs no search for where O ends.
bool read_line(std::string_view text, WatchLine& line) {
  constexpr std::string_view kOpen = R"({"type":")";
  constexpr std::string_view kObject = R"(","object":)";
  if (text.starts_with(kOpen) && text.ends_with('}')) {
    auto rest = text.substr(kOpen.size());
    auto end = rest.find('"');
    if (end != std::string_view::npos && rest.substr(end).starts_with(kObject)) {
      line.type = rest.substr(0, end);
      line.object = rest.substr(end + kObject.size());
      line.object.remove_suffix(1);
      line.revision = revision_of(line.object);
      return true;
    }
  }
  auto type = client::find_member(text, "type");
  if (type.size() < 2) return false;
  line.type = type.substr(1, type.size() - 2);
  line.object = client::find_member(text, "object");
  line.revision = revision_of(line.object);
  return true;
}

class ObservedReader final : public http::BodyReader {
 public:
  ObservedReader(std::unique_ptr<http::BodyReader> inner, std::uint64_t stream, Observer& observer, const Clock& clock)
      : inner_(std::move(inner)), stream_(stream), observer_(observer), clock_(clock) {}
  ~ObservedReader() override { end(); }

  awaitable<Result<std::string>> next() override {
    auto chunk = co_await inner_->next();
    if (chunk && !chunk->empty()) {
      tell(*chunk);
    } else {
      end();
    }
    co_return chunk;
  }

 private:
  void tell(std::string_view chunk) {
    while (!chunk.empty()) {
      auto at = chunk.find('\n');
      if (at == std::string_view::npos) {
        begun_ += chunk;
        return;
      }
      auto text = chunk.substr(0, at);
      chunk.remove_prefix(at + 1);
      if (begun_.empty()) {
        tell_line(text);
        continue;
      }
      begun_ += text;
      tell_line(begun_);
      begun_.clear();
    }
  }

  void tell_line(std::string_view text) {
    WatchLine line;
    line.stream = stream_;
    if (read_line(text, line)) observer_.watch_line(line, clock_.now());
  }

  void end() {
    if (is_over_) return;
    is_over_ = true;
    observer_.watch_ended(stream_, clock_.now());
  }

  std::unique_ptr<http::BodyReader> inner_;
  std::uint64_t stream_;
  Observer& observer_;
  const Clock& clock_;
  std::string begun_;  // a line whose end has not come
  bool is_over_ = false;
};

}  // namespace

ObservedTransport::ObservedTransport(http::Transport& inner, Observer& observer, const Clock& clock,
                                     std::uint64_t& last_stream)
    : inner_(inner), observer_(observer), clock_(clock), last_stream_(last_stream) {}

awaitable<Result<http::Response>> ObservedTransport::send(http::Request request) {
  // The transport may be gone when the answer comes.
  Observer& observer = observer_;
  const Clock& clock = clock_;
  std::uint64_t& last_stream = last_stream_;
  std::optional<WatchRequest> watch;
  bool is_watch = false;
  if (may_be_watch(request)) {
    auto url = http::parse_url(request.target);
    auto info = apiserver::read_request_info(request, url);
    is_watch = info.verb == "watch";
    if (is_watch) watch = read_watch(request, url, info);
  }
  std::string actor(request.headers.get("Kubeloop-Actor"));
  std::string method = request.method;
  std::string target = request.target;
  auto response = co_await inner_.send(std::move(request));
  if (!response) co_return response;
  if (!is_watch || !response->is_stream()) {
    bool is_told = std::holds_alternative<std::string>(response->body);
    Answered answer;
    answer.actor = actor;
    answer.method = method;
    answer.target = target;
    answer.code = response->code;
    if (method != "GET") answer.body = response->text();
    if (is_told) observer.answered(answer, clock.now());
    co_return response;
  }
  if (!watch || response->code != 200) co_return response;
  WatchOpened opened;
  opened.stream = ++last_stream;
  opened.actor = actor;
  opened.resource = watch->resource;
  opened.namespace_ = watch->namespace_;
  opened.label_selector = watch->label_selector;
  opened.field_selector = watch->field_selector;
  opened.resource_version = watch->resource_version;
  observer.watch_opened(opened, clock.now());
  auto& body = std::get<std::unique_ptr<http::BodyReader>>(response->body);
  response->body = std::make_unique<ObservedReader>(std::move(body), opened.stream, observer, clock);
  co_return response;
}

}  // namespace kubeloop::simulator
