#include "libs/client/api_client.hpp"

#include <fmt/core.h>

#include <charconv>

#include "libs/base/planted.hpp"
#include "libs/http/url.hpp"

namespace kubeloop::client {
namespace {

// The longest answer that is read; a full list of some 100,000 objects fits.
constexpr std::size_t kMaxBody = 1u << 30;

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kMetadataListType =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
constexpr std::string_view kMetadataType =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

std::string user_agent(std::string_view actor) {
  return fmt::format("{}/v1.35.0 (linux/amd64) kubernetes/kubeloop", actor.substr(0, actor.find('/')));
}

std::string_view patch_content_type(PatchType type) {
  switch (type) {
    case PatchType::kJson:
      return "application/json-patch+json";
    case PatchType::kMerge:
      return "application/merge-patch+json";
    case PatchType::kStrategicMerge:
      break;
  }
  return "application/strategic-merge-patch+json";
}

std::string list_target(const api::Resource& resource, const ListOptions& options, bool is_watch) {
  std::string target = resource.path(options.namespace_, "");
  char separator = '?';
  auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    target += fmt::format("{}{}={}", separator, name, http::url_encode(value));
    separator = '&';
  };
  if (is_watch) add("allowWatchBookmarks", "true");
  add("continue", options.continue_token);
  add("fieldSelector", options.field_selector);
  add("labelSelector", options.label_selector);
  if (options.limit > 0) add("limit", std::to_string(options.limit));
  add("resourceVersion", options.resource_version);
  if (is_watch && options.timeout_seconds > 0) add("timeoutSeconds", std::to_string(options.timeout_seconds));
  if (is_watch) add("watch", "true");
  return target;
}

// The whole body, whichever way it came.
awaitable<Result<std::string>> read_all(http::Response response) {
  if (auto* text = std::get_if<std::string>(&response.body)) co_return std::move(*text);
  std::string all;
  if (!response.is_stream()) co_return all;
  auto& reader = std::get<std::unique_ptr<http::BodyReader>>(response.body);
  while (true) {
    auto chunk = co_await reader->next();
    if (!chunk) co_return failure(std::move(chunk.error()));
    if (chunk->empty()) co_return all;
    if (all.size() + chunk->size() > kMaxBody)
      co_return failure(500, "InternalError", "the server's answer is too long");
    all += *chunk;
  }
}

awaitable<Result<std::string>> finish(http::Response response) {
  int code = response.code;
  std::string retry_after(response.headers.get("Retry-After"));
  auto body = co_await read_all(std::move(response));
  if (!body || (code >= 200 && code < 300)) co_return body;
  Status status = api::parse_status(code, *body);
  if (status.retry_after_seconds == 0) {
    std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), status.retry_after_seconds);
  }
  co_return failure(std::move(status));
}

awaitable<Result<std::string>> send(http::Transport* transport, http::Request request) {
  std::optional<http::Request> again;
  if (is_planted("client-repeats-lost-create") && request.method == "POST") again = request;
  auto response = co_await transport->send(std::move(request));
  if (!response && again) response = co_await transport->send(std::move(*again));
  if (!response) co_return failure(std::move(response.error()));
  co_return co_await finish(std::move(*response));
}

void set_body(http::Request& request, std::string_view content_type, std::string body) {
  if (body.empty()) return;
  request.headers.set("Content-Type", std::string(content_type));
  request.body = std::move(body);
}

// A body that came whole, read as a stream.
class WholeBody final : public http::BodyReader {
 public:
  explicit WholeBody(std::string text) : text_(std::move(text)) {}
  awaitable<Result<std::string>> next() override {
    std::string text = std::move(text_);
    text_.clear();
    co_return text;
  }

 private:
  std::string text_;
};

}  // namespace

ApiClient::ApiClient(http::Transport& transport, ClientIdentity identity)
    : transport_(&transport), identity_(std::move(identity)), user_agent_(user_agent(identity_.actor)) {}

ApiClient ApiClient::as(ClientIdentity identity) const {
  return ApiClient(*transport_, std::move(identity));
}

http::Request ApiClient::make_request(std::string method, std::string target, Cause cause) const {
  http::Request request(std::move(method), std::move(target));
  request.headers.add("User-Agent", user_agent_);
  request.headers.add("Accept", std::string(kJsonType));
  request.headers.add("Kubeloop-Actor", identity_.actor);
  request.headers.add("Kubeloop-Cause", cause.revision == 0 ? "timer" : std::to_string(cause.revision));
  if (!identity_.impersonate_user.empty()) request.headers.add("Impersonate-User", identity_.impersonate_user);
  for (const auto& group : identity_.impersonate_groups) request.headers.add("Impersonate-Group", group);
  return request;
}

// The verbs are no coroutines: they build the request at once and hand it to one, so that a temporary client
// (`client.as(...).get(...)`) may be gone when the answer comes.
awaitable<Result<std::string>> ApiClient::get(api::Resource resource, std::string namespace_, std::string name,
                                              Cause cause) {
  return send(transport_, make_request("GET", resource.path(namespace_, name), cause));
}

awaitable<Result<std::string>> ApiClient::list(api::Resource resource, ListOptions options) {
  auto request = make_request("GET", list_target(resource, options, false), Cause());
  if (options.metadata_only) request.headers.set("Accept", std::string(kMetadataListType));
  return send(transport_, std::move(request));
}

awaitable<Result<std::string>> ApiClient::create(api::Resource resource, std::string namespace_, std::string body,
                                                 Cause cause, std::string name, std::string subresource) {
  auto request = make_request("POST", resource.path(namespace_, name, subresource), cause);
  set_body(request, kJsonType, std::move(body));
  return send(transport_, std::move(request));
}

awaitable<Result<std::string>> ApiClient::update(api::Resource resource, std::string namespace_, std::string name,
                                                 std::string body, Cause cause, std::string subresource) {
  auto request = make_request("PUT", resource.path(namespace_, name, subresource), cause);
  set_body(request, kJsonType, std::move(body));
  return send(transport_, std::move(request));
}

awaitable<Result<std::string>> ApiClient::patch(api::Resource resource, std::string namespace_, std::string name,
                                                PatchType type, std::string body, Cause cause,
                                                std::string subresource) {
  auto request = make_request("PATCH", resource.path(namespace_, name, subresource), cause);
  set_body(request, patch_content_type(type), std::move(body));
  return send(transport_, std::move(request));
}

awaitable<Result<std::string>> ApiClient::remove(api::Resource resource, std::string namespace_, std::string name,
                                                 std::string options, Cause cause) {
  auto request = make_request("DELETE", resource.path(namespace_, name), cause);
  set_body(request, kJsonType, std::move(options));
  return send(transport_, std::move(request));
}

awaitable<Result<std::string>> ApiClient::raw(std::string method, std::string target, std::string content_type,
                                              std::string body, Cause cause, std::string accept) {
  auto request = make_request(std::move(method), std::move(target), cause);
  if (!accept.empty()) request.headers.set("Accept", std::move(accept));
  set_body(request, content_type, std::move(body));
  return send(transport_, std::move(request));
}

namespace {

awaitable<Result<Watch>> open_watch(http::Transport* transport, http::Request request) {
  auto response = co_await transport->send(std::move(request));
  if (!response) co_return failure(std::move(response.error()));
  if (response->code < 200 || response->code >= 300) {
    auto failed = co_await finish(std::move(*response));
    if (failed) co_return failure(500, "InternalError", "the server refused the watch without a reason");
    co_return failure(std::move(failed.error()));
  }
  if (response->is_stream()) co_return Watch(std::move(std::get<std::unique_ptr<http::BodyReader>>(response->body)));
  co_return Watch(std::make_unique<WholeBody>(response->text()));
}

}  // namespace

awaitable<Result<Watch>> ApiClient::watch(api::Resource resource, ListOptions options) {
  auto request = make_request("GET", list_target(resource, options, true), Cause());
  if (options.metadata_only) request.headers.set("Accept", std::string(kMetadataType));
  return open_watch(transport_, std::move(request));
}

}  // namespace kubeloop::client
