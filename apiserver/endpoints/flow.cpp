#include "apiserver/endpoints/flow.hpp"

#include <fmt/core.h>

#include <charconv>

#include "apiserver/responses.hpp"
#include "libs/api/codec/json.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::size_t kMaxNoteBytes = 1024 * 1024;  // of one POST

class FlowStream final : public http::BodyReader {
 public:
  FlowStream(HubPtr hub, std::uint64_t from, bool is_following)
      : hub_(std::move(hub)), next_(from), is_following_(is_following), end_(hub_->flow.next_number()) {
    if (is_following_) ++hub_->flow.followers;
  }
  ~FlowStream() override {
    if (is_following_) --hub_->flow.followers;
  }

  awaitable<Result<std::string>> next() override {
    if (!has_begun_) {
      has_begun_ = true;
      co_return fmt::format("{{\"format\":1,\"next\":{}}}\n", hub_->flow.next_number());
    }
    if (is_following_) {
      co_await hub_->flow.wait(next_);
    } else if (next_ >= end_) {
      co_return std::string();
    } else {
      co_await yield(hub_->env);
    }
    auto batch = hub_->flow.read(next_, kChunkBytes);
    next_ = batch.next;
    co_return std::move(batch.text);
  }

 private:
  HubPtr hub_;
  std::uint64_t next_;
  bool is_following_;
  std::uint64_t end_;  // of what a reader that does not follow gets
  bool has_begun_ = false;
};

http::Response read_flow(HubPtr hub, const RequestContext& ctx) {
  std::uint64_t from = 1;
  auto text = ctx.url.get("from");
  if (!text.empty()) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), from);
    if (error != std::errc() || end != text.data() + text.size()) {
      return status_response(ctx, api::bad_request("from: a number is expected, not " + api::go_quoted(text)));
    }
  }
  auto follow = ctx.url.get("follow");
  bool is_following = ctx.url.has("follow") && follow != "false" && follow != "0";
  http::Response response(200, "application/x-ndjson", "");
  response.body = std::make_unique<FlowStream>(std::move(hub), from, is_following);
  return response;
}

http::Response add_notes(HubState& hub, const RequestContext& ctx) {
  std::string_view rest = ctx.request.body;
  if (rest.size() > kMaxNoteBytes) {
    return status_response(ctx, api::too_large("limit is " + std::to_string(kMaxNoteBytes)));
  }
  std::vector<std::string> notes;
  // One value over several lines, or a value a line.
  if (auto whole = api::parse_json(rest)) {
    notes.push_back(whole->dump());
  } else {
    while (!rest.empty()) {
      auto end = rest.find('\n');
      auto line = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      auto note = api::parse_json(line);
      if (!note) return status_response(ctx, api::bad_request("a note is no JSON: " + note.error().message));
      notes.push_back(note->dump());
    }
  }
  std::uint64_t last = hub.flow.next_number() - 1;
  for (const auto& note : notes) {
    FlowEvent event;
    event.kind = "note";
    event.actor = ctx.actor;
    event.cause = ctx.cause;
    event.data = note;
    last = hub.flow.add(hub.env.clock.wall(), event);
  }
  return json_response(ctx, 201, fmt::format(R"({{"seq":{}}})", last));
}

}  // namespace

http::Response serve_flow(HubPtr hub, RequestPtr ctx) {
  if (ctx->request.method == "GET") return read_flow(std::move(hub), *ctx);
  if (ctx->request.method == "POST") return add_notes(*hub, *ctx);
  return status_response(*ctx, api::method_not_allowed());
}

}  // namespace kubeloop::apiserver
