#include "simulator/checks/cluster_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr Duration kRetry = std::chrono::milliseconds(50);

std::uint64_t revision_of(const json& object) {
  std::string text = text_at(object, {"metadata", "resourceVersion"});
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string plural_of(const FlowEvent& event) {
  return event.object.substr(0, event.object.find('/'));
}

}  // namespace

ClusterWatch::ClusterWatch(const Env& env, http::Transport& transport, FlowReader& flow, bool tells_past)
    : env_(env), transport_(transport), flow_(flow), tells_past_(tells_past) {
  for (const auto& event : flow.events()) note(event);
  flow_.tell([this](const FlowEvent& event) {
    note(event);
    if (event.kind != "commit") return;
    for (const auto& [id, listener] : listeners_) listener->committed(event);
    arrived_.notify();
  });
}

ClusterWatch::~ClusterWatch() {
  flow_.tell(nullptr);
}

void ClusterWatch::start(TaskGroup& tasks) {
  tasks_ = &tasks;
  tasks.spawn("apply in order", apply_in_order());
}

void ClusterWatch::remove(ViewListener& listener) {
  std::erase_if(listeners_, [&listener](const auto& entry) { return entry.second == &listener; });
}

std::string ClusterWatch::unseen() const {
  if (!gaps_.empty()) return gaps_;
  return merge_.is_order_sure() ? ""
                                : "the order of some changes is not sure: the hub's watches or its flow log were cut";
}

void ClusterWatch::note(const FlowEvent& event) {
  if (event.kind == "gap" || event.seq <= last_seq_) merge_.log_was_cut();
  last_seq_ = event.seq;
  if (event.kind != "commit") return;
  std::string plural = plural_of(event);
  merge_.commit(plural, event.revision);
  if (streams_.contains(plural)) times_[event.revision] = event.time;
}

awaitable<Result<void>> ClusterWatch::follow(std::vector<api::Resource> kinds) {
  for (const auto& kind : kinds) {
    std::string plural(kind.plural);
    if (streams_.contains(plural)) continue;
    auto& stream = streams_.emplace(plural, Stream(kind)).first->second;
    merge_.follow(plural);
    if (tells_past_) {
      for (const auto& event : flow_.events()) {
        if (event.kind != "commit" || plural_of(event) != plural) continue;
        merge_.commit(plural, event.revision);
        times_[event.revision] = event.time;
      }
    }
    tasks_->spawn("watch " + plural, run(&stream));
  }
  Instant deadline = env_.clock.now() + kPatience;
  auto is_shown = [this](const api::Resource& kind) { return streams_.at(std::string(kind.plural)).is_shown; };
  while (!std::ranges::all_of(kinds, is_shown)) {
    bool is_told = co_await applied_.wait_until(env_, deadline);
    if (!is_told && env_.clock.now() >= deadline) {
      co_return failure(504, "Timeout", "the hub did not show what is to be watched within 30s");
    }
  }
  co_return Result<void>();
}

awaitable<void> ClusterWatch::catch_up() {
  if (streams_.empty()) co_return;
  Instant deadline = env_.clock.now() + kPatience;
  auto text = co_await get("/api/v1/namespaces?limit=1");
  if (!text) co_return;
  auto list = json::parse(*text, nullptr, false);
  std::uint64_t current = list.is_object() ? revision_of(list) : 0;
  while (!merge_.is_through(current) && env_.clock.now() < deadline) {
    // Without a word from the flow log there may still be something on its way in a watch.
    Instant next = std::min(deadline, env_.clock.now() + RevisionMerge::kSettle);
    co_await applied_.wait_until(env_, next);
    if (flow_.is_full()) co_return;
  }
}

awaitable<void> ClusterWatch::apply_in_order() {
  for (;;) {
    bool has_applied = false;
    while (auto event = merge_.pop(env_.clock.now())) {
      apply(std::move(*event));
      has_applied = true;
    }
    // Whoever waits for a revision may be satisfied by a commit on a kind that nobody follows.
    applied_.notify();
    if (has_applied) continue;
    auto wake = merge_.wake_at();
    if (wake) {
      co_await arrived_.wait_until(env_, *wake);
    } else {
      co_await arrived_.wait();
    }
  }
}

awaitable<Result<std::string>> ClusterWatch::get(std::string target) {
  http::Request request("GET", std::move(target));
  request.headers.add("User-Agent", "kubeloop-recorder");
  request.headers.add("Accept", "application/json");
  auto response = co_await transport_.send(std::move(request));
  if (!response) co_return std::unexpected(response.error());
  if (response->code != 200) co_return failure(response->code, "", "not answered");
  if (!response->is_stream()) co_return std::string(response->text());
  auto body = std::move(std::get<std::unique_ptr<http::BodyReader>>(response->body));
  std::string text;
  for (;;) {
    auto chunk = co_await body->next();
    if (!chunk) co_return std::unexpected(chunk.error());
    if (chunk->empty()) co_return text;
    text += *chunk;
  }
}

awaitable<void> ClusterWatch::run(Stream* stream) {
  for (;;) {
    if (!stream->is_listed) stream->is_listed = co_await list(stream);
    if (stream->is_listed) co_await watch(stream);
    merge_.set_connected(std::string(stream->resource.plural), false);
    arrived_.notify();
    co_await sleep_for(env_, kRetry);
  }
}

awaitable<bool> ClusterWatch::list(Stream* stream) {
  auto text = co_await get(stream->resource.path("", ""));
  if (!text) co_return false;
  auto document = json::parse(*text, nullptr, false);
  if (!document.is_object() || revision_of(document) == 0) co_return false;
  MergedEvent event;
  event.plural = std::string(stream->resource.plural);
  event.revision = revision_of(document);
  event.is_snapshot = true;
  event.arrived = env_.clock.now();
  std::uint64_t last = 0;
  if (document.contains("items") && document["items"].is_array()) {
    for (auto& item : document["items"]) {
      last = std::max(last, revision_of(item));
      event.objects.push_back(std::move(item));
    }
  }
  if (tells_past_ && !stream->is_shown) {  // what is listed comes again, change by change
    stream->revision = 1;
    stream->shown_at = last;
    co_return true;
  }
  stream->revision = event.revision;
  merge_.push(std::move(event));
  arrived_.notify();
  co_return true;
}

awaitable<void> ClusterWatch::watch(Stream* stream) {
  std::string plural(stream->resource.plural);
  http::Request request("GET", stream->resource.path("", "") + "?watch=true&allowWatchBookmarks=true&resourceVersion=" +
                                   std::to_string(stream->revision));
  request.headers.add("User-Agent", "kubeloop-recorder");
  request.headers.add("Accept", "application/json");
  auto response = co_await transport_.send(std::move(request));
  if (!response) co_return;
  if (!response->is_stream()) {
    if (response->code == 410) stream->is_listed = tells_past_ = false;
    co_return;
  }
  merge_.set_connected(plural, true);
  if (tells_past_ && stream->shown_at == 0) stream->is_shown = true;
  arrived_.notify();
  client::Watch events(std::move(std::get<std::unique_ptr<http::BodyReader>>(response->body)));
  for (;;) {
    auto event = co_await events.next();
    if (!event) {
      if (event.error().code == 410) stream->is_listed = tells_past_ = false;
      co_return;
    }
    if (!*event || !take(*stream, **event)) co_return;
  }
}

bool ClusterWatch::take(Stream& stream, const client::WatchEvent& event) {
  auto object = json::parse(event.object, nullptr, false);
  if (!object.is_object()) return false;
  std::uint64_t revision = revision_of(object);
  if (revision <= stream.revision) return true;  // seen before the stream broke
  stream.revision = revision;
  if (event.type == client::WatchEvent::Type::kBookmark) return true;
  MergedEvent merged;
  merged.plural = std::string(stream.resource.plural);
  merged.revision = revision;
  merged.is_deletion = event.type == client::WatchEvent::Type::kDeleted;
  merged.objects.push_back(std::move(object));
  merged.arrived = env_.clock.now();
  merge_.push(std::move(merged));
  arrived_.notify();
  return true;
}

void ClusterWatch::apply(MergedEvent event) {
  auto& stream = streams_.at(event.plural);
  view_.revision = std::max(view_.revision, event.revision);
  auto time = times_.find(event.revision);
  view_.time = time == times_.end() ? env_.clock.wall() : time->second;
  if (event.is_snapshot) {
    apply_snapshot(event, stream);
  } else {
    tell(event.plural, std::move(event.objects.front()), event.is_deletion, event.revision);
  }
  times_.erase(times_.begin(), times_.upper_bound(event.revision));
  if (event.revision >= stream.shown_at) stream.is_shown = true;
  for (const auto& [id, listener] : listeners_) listener->look(view_);
}

void ClusterWatch::apply_snapshot(const MergedEvent& event, Stream& stream) {
  if (stream.is_shown && gaps_.empty()) {
    gaps_ = fmt::format("not every state of {} before revision {} was seen: the hub no longer had them", event.plural,
                        event.revision);
  }
  std::set<std::string> there;
  for (const auto& object : event.objects) {
    std::string key = key_of(object);
    there.insert(key);
    const json* known = view_.find(event.plural, key);
    if (!known || revision_of(*known) != revision_of(object)) tell(event.plural, object, false, event.revision);
  }
  std::vector<json> gone;
  for (const auto& [key, object] : view_.of(event.plural)) {
    if (!there.contains(key)) gone.push_back(object);
  }
  for (auto& object : gone) tell(event.plural, std::move(object), true, event.revision);
}

void ClusterWatch::tell(const std::string& plural, json object, bool is_deletion, std::uint64_t revision) {
  ViewChange change;
  change.plural = plural;
  change.key = key_of(object);
  change.revision = revision;
  change.time = view_.time;
  std::optional<json> before = view_.take(plural, change.key);
  if (!before && is_deletion) before = object;
  if (before) change.before = &*before;
  if (!is_deletion) {
    const auto& kind = streams_.at(plural).resource.kind;
    if (!object.contains("kind")) object["kind"] = std::string(kind);
    view_.put(plural, std::move(object));
    change.after = view_.find(plural, change.key);
  }
  for (const auto& [id, listener] : listeners_) listener->changed(view_, change);
}

}  // namespace kubeloop::simulator
