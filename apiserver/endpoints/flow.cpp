#include "apiserver/endpoints/flow.hpp"

#include <fmt/core.h>

#include <charconv>

#include "apiserver/responses.hpp"
#include "libs/api/codec/json.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::size_t kMaxNoteBytes = 1024 * 1024;  // of one POST

// What a reader asks for.
struct FlowReading {
  std::uint64_t from = 1;
  bool is_following = false;
  FlowKinds kinds = FlowKinds::all();
  bool has_digest = false;
};

class FlowStream final : public http::BodyReader {
 public:
  FlowStream(HubPtr hub, FlowReading reading)
      : hub_(std::move(hub)), reading_(reading), next_(reading.from), end_(hub_->flow.next_number()) {
    if (reading_.is_following) hub_->flow.follow(reading_.kinds);
  }
  ~FlowStream() override {
    if (reading_.is_following) hub_->flow.unfollow(reading_.kinds);
  }

  awaitable<Result<std::string>> next() override {
    auto& flow = hub_->flow;
    if (!has_begun_) {
      has_begun_ = true;
      co_return fmt::format("{{\"format\":1,\"next\":{}}}\n", flow.next_number());
    }
    std::string text;
    if (!reading_.is_following) {
      if (is_over_) co_return text;
      co_await yield(hub_->env);
      text = read_on();
      co_return text;
    }
    while (text.empty() && !is_over_) {
      co_await flow.wait(next_, reading_.kinds);
      is_over_ = flow.is_closed();
      text = read_on();
    }
    co_return text;
  }

 private:
  std::string read_on() {
    const auto& flow = hub_->flow;
    std::string text;
    while (text.empty() && next_ < flow.next_number()) {
      auto batch = flow.read(next_, kChunkBytes, reading_.kinds);
      next_ = batch.next;
      text = std::move(batch.text);
    }
    // The digest covers all events before the number, those of kinds that are left out too.
    bool is_at_end = next_ >= flow.next_number();
    if (!reading_.is_following) is_over_ = reading_.has_digest ? is_at_end : next_ >= end_;
    bool is_digest_due = reading_.has_digest && is_at_end && (!text.empty() || is_over_);
    if (is_digest_due) {
      text.append(R"({"digest":")").append(flow.digest()).append(R"(","next":)");
      text.append(std::to_string(next_)).append("}\n");
    }
    return text;
  }

  HubPtr hub_;
  FlowReading reading_;
  std::uint64_t next_;
  std::uint64_t end_;  // of what a reader that does not follow gets
  bool has_begun_ = false;
  bool is_over_ = false;
};

bool is_set(const http::Url& url, std::string_view name) {
  auto value = url.get(name);
  return url.has(name) && value != "false" && value != "0";
}

http::Response read_flow(HubPtr hub, const RequestContext& ctx) {
  FlowReading reading;
  auto text = ctx.url.get("from");
  if (!text.empty()) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), reading.from);
    if (error != std::errc() || end != text.data() + text.size()) {
      return status_response(ctx, api::bad_request("from: a number is expected, not " + api::go_quoted(text)));
    }
  }
  if (ctx.url.has("kinds")) {
    auto kinds = FlowKinds::parse(ctx.url.get("kinds"));
    if (!kinds) {
      auto names = api::go_quoted(ctx.url.get("kinds"));
      return status_response(ctx, api::bad_request("kinds: unknown kinds of events in " + names));
    }
    reading.kinds = *kinds;
  }
  reading.is_following = is_set(ctx.url, "follow");
  reading.has_digest = is_set(ctx.url, "digest");
  http::Response response(200, "application/x-ndjson", "");
  response.body = std::make_unique<FlowStream>(std::move(hub), reading);
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
  for (auto& note : notes) {
    FlowEvent event;
    event.request = ctx.flow_request();
    event.data = std::move(note);
    last = hub.flow.add(hub.env.clock.wall(), std::move(event));
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
