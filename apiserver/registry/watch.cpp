#include "apiserver/registry/watch.hpp"

#include <algorithm>

#include "apiserver/output.hpp"
#include "apiserver/registry/snapshot.hpp"
#include "apiserver/registry/watch_event.hpp"
#include "apiserver/responses.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::size_t kChangesPerChunk = 100;
constexpr std::size_t kObjectsPerChunk = 500;  // of the initial ones
constexpr std::size_t kTreesPerChunk = 20;
constexpr Duration kBookmarkInterval = std::chrono::seconds(60);
constexpr Duration kLastBookmarkBeforeEnd = std::chrono::seconds(2);
constexpr std::int64_t kMinTimeoutSeconds = 1800;  // --min-request-timeout

// What the stream goes through: initial objects, their end, then changes until it is over.
struct WatchPlan {
  Endpoint endpoint;
  Output output;
  ListOptions options;
  std::vector<StoredObjectPtr> initial;
  bool is_end_marked = false;  // a bookmark tells the end of the initial objects
  Revision revision = 0;       // changes after it
  std::unique_ptr<WatchHub::Subscription> changes;
  std::optional<Status> error;  // told as the first event
  Instant end{};

  WatchPlan() = default;
};

class WatchStream final : public http::BodyReader {
 public:
  WatchStream(HubPtr hub, RequestPtr ctx, WatchPlan plan)
      : hub_(std::move(hub)),
        ctx_(std::move(ctx)),
        plan_(std::move(plan)),
        writer_(plan_.endpoint, plan_.output),
        next_bookmark_(hub_->env.clock.now() + kBookmarkInterval) {}

  awaitable<Result<std::string>> next() override {
    std::string chunk;
    if (is_over_) co_return chunk;
    if (plan_.error) {
      WatchEventWriter::add_error(chunk, *plan_.error);
      is_over_ = true;
      co_return chunk;
    }
    if (sent_ < plan_.initial.size() || plan_.is_end_marked) {
      add_initial(chunk);
      if (!chunk.empty()) {
        co_await yield(hub_->env);
        co_return chunk;
      }
    }
    while (chunk.empty() && !is_over_) {
      auto changes = co_await plan_.changes->next(hub_->env, kChangesPerChunk, wake_at());
      add_changes(chunk, changes);
      if (chunk.empty() && !is_over_) co_await yield(hub_->env);
    }
    co_return chunk;
  }

 private:
  Instant wake_at() const {
    auto at = plan_.end;
    if (plan_.options.allow_bookmarks) at = std::min(at, next_bookmark_);
    return at;
  }

  void add_initial(std::string& chunk) {
    auto now = hub_->env.clock.wall();
    std::size_t most = plan_.output.is_plain(plan_.endpoint) ? kObjectsPerChunk : kTreesPerChunk;
    for (std::size_t n = 0; n < most && sent_ < plan_.initial.size(); ++n) {
      writer_.add_initial(chunk, *plan_.initial[sent_], now);
      ++sent_;
      hub_->metrics.count_deliveries(plan_.endpoint.kind->group_resource(), 1);
    }
    if (sent_ < plan_.initial.size()) return;
    plan_.initial.clear();
    sent_ = 0;
    if (!plan_.is_end_marked) return;
    plan_.is_end_marked = false;
    if (plan_.options.allow_bookmarks) writer_.add_bookmark(chunk, plan_.revision, true);
  }

  void add_changes(std::string& chunk, const Result<std::vector<WatchChangePtr>>& changes) {
    if (!changes) {
      WatchEventWriter::add_error(chunk, changes.error());
      is_over_ = true;
      return;
    }
    if (plan_.changes->is_closed()) is_over_ = true;
    auto wall = hub_->env.clock.wall();
    for (const auto& change : *changes) {
      if (change->change.revision <= plan_.revision) continue;  // a watch from a revision still to come
      if (writer_.add_change(chunk, *change, plan_.options, wall)) record_delivery(*change);
    }
    auto now = hub_->env.clock.now();
    if (!changes->empty()) return;
    if (now >= plan_.end) {
      is_over_ = true;
    } else if (plan_.options.allow_bookmarks && now >= next_bookmark_) {
      auto progress = std::max(plan_.changes->progress(), plan_.revision);
      if (is_planted("bookmark-runs-ahead")) ++progress;
      writer_.add_bookmark(chunk, progress, false);
      auto last = plan_.end - kLastBookmarkBeforeEnd;
      next_bookmark_ = now < last ? std::min(now + kBookmarkInterval, last) : plan_.end;
    }
  }

  // One of ours is told by name; strangers are counted, and told while somebody follows the log.
  void record_delivery(const WatchChange& change) {
    hub_->metrics.count_deliveries(plan_.endpoint.kind->group_resource(), 1);
    if (!ctx_->is_actor_named && !hub_->flow.is_followed()) return;
    FlowEvent event;
    event.kind = FlowKind::kDelivery;
    event.request = ctx_->flow_request();
    event.object = change.flow_object();
    event.revision = change.change.revision;
    hub_->flow.add(hub_->env.clock.wall(), std::move(event));
  }

  HubPtr hub_;
  RequestPtr ctx_;
  WatchPlan plan_;
  WatchEventWriter writer_;
  Instant next_bookmark_;
  std::size_t sent_ = 0;
  bool is_over_ = false;
};

// Whether the current objects come first, and whether a bookmark ends them. Since WatchList is on by default in
// Kubernetes, a watch without a revision gets both.
void read_initial_mode(ListOptions& options, bool& has_initial, bool& is_end_marked) {
  bool is_open = options.resource_version.empty() || options.resource_version == "0";
  if (options.send_initial_events) {
    has_initial = *options.send_initial_events;
    is_end_marked = has_initial;
  } else {
    has_initial = is_open;
    is_end_marked = is_open;
  }
}

// The place at which a watch from `asked` goes on.
Revision resumes_after(Revision asked) {
  if (is_planted("watch-resumes-too-late")) return asked + 1;
  if (is_planted("watch-resumes-too-early") && asked > 0) return asked - 1;
  return asked;
}

}  // namespace

awaitable<http::Response> watch(HubPtr hub, RequestPtr ctx, Endpoint endpoint) {
  auto output = negotiate_output(*ctx, true);
  if (!output) co_return status_response(*ctx, output.error());
  auto options = read_list_options(*ctx, endpoint);
  if (!options) co_return status_response(*ctx, options.error());
  bool has_initial = false, is_end_marked = false;
  read_initial_mode(*options, has_initial, is_end_marked);
  WatchPlan plan;
  plan.endpoint = endpoint;
  plan.output = *output;
  plan.is_end_marked = is_end_marked;
  if (has_initial) {
    ListOptions current = *options;
    current.limit = 0;
    current.continue_token.clear();
    current.revision_match = current.resource_version.empty() ? "" : "NotOlderThan";
    auto snapshot = co_await take_snapshot(hub, endpoint, ctx->info.namespace_, current);
    if (!snapshot) co_return status_response(*ctx, snapshot.error());
    for (auto& object : snapshot->objects) {
      if (options->matches(*object->header)) plan.initial.push_back(std::move(object));
    }
    plan.revision = snapshot->revision;
  } else if (options->resource_version.empty() || options->resource_version == "0") {
    co_await wait_until_applied(hub, hub->store.current(), std::chrono::seconds(3));
    plan.revision = hub->objects.revision();
  } else {
    plan.revision = resumes_after(options->revision);
  }
  auto changes = hub->watches.subscribe(endpoint.prefix(ctx->info.namespace_), plan.revision);
  if (changes) {
    plan.changes = std::move(*changes);
  } else {
    plan.error = changes.error();
  }
  auto seconds = options->timeout_seconds > 0
                     ? options->timeout_seconds
                     : kMinTimeoutSeconds + static_cast<std::int64_t>(hub->timeouts.below(kMinTimeoutSeconds));
  plan.end = hub->env.clock.now() + std::chrono::seconds(seconds);
  plan.options = std::move(*options);
  http::Response response(200, "application/json", "");
  response.body = std::make_unique<WatchStream>(hub, ctx, std::move(plan));
  co_return response;
}

}  // namespace kubeloop::apiserver
