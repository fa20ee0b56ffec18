#include "apiserver/storage/watch_hub.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <unordered_map>

#include "apiserver/storage/object_bytes.hpp"
#include "libs/api/status.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string& make_line(std::string& cache, std::string_view type, const std::string* value, const Header* header,
                             Revision revision) {
  if (!cache.empty() || !value || !header) return cache;
  constexpr std::string_view kOpen = "{\"type\":\"";
  constexpr std::string_view kObject = "\",\"object\":";
  cache.reserve(kOpen.size() + type.size() + kObject.size() + value->size() + 24);
  cache += kOpen;
  cache += type;
  cache += kObject;
  append_object(cache, *value, *header, revision, true);
  cache += "}\n";
  return cache;
}

std::size_t weight(const WatchChange& entry) {
  constexpr std::size_t kPerChange = 256;
  return kPerChange + entry.change.key.size() + (entry.change.value ? 2 * entry.change.value->size() : 0);
}

}  // namespace

const std::string& WatchChange::line_added() const {
  return make_line(added_, "ADDED", change.value.get(), change.header.get(), change.revision);
}

const std::string& WatchChange::line_modified() const {
  return make_line(modified_, "MODIFIED", change.value.get(), change.header.get(), change.revision);
}

const std::string& WatchChange::line_deleted() const {
  bool has_last = change.kind == Change::Kind::kDelete && change.value && change.header;
  if (has_last || !before) {
    return make_line(deleted_, "DELETED", change.value.get(), change.header.get(), change.revision);
  }
  return make_line(deleted_, "DELETED", before->value.get(), before->header.get(), change.revision);
}

const std::shared_ptr<const std::string>& WatchChange::flow_object() const {
  if (!flow_object_) flow_object_ = std::make_shared<const std::string>(change.header->path());
  return flow_object_;
}

namespace {

// The watches of one prefix.
template <class Watch>
struct WatchGroup {
  std::size_t watches = 0;
  std::vector<Watch*> waiting;  // in the order in which they began to wait
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

}  // namespace

struct WatchHub::Subscription::State {
  std::weak_ptr<WatchHub::State> hub;
  std::string prefix;
  WatchGroup<State>* group = nullptr;  // while the hub is there
  Revision position = 0;               // everything up to here was returned or does not concern this watch
  bool is_waiting = false;
  Signal wake;
};

struct WatchHub::State {
  using Watch = Subscription::State;

  Limits limits;
  std::deque<WatchChangePtr> window;
  std::size_t bytes = 0;
  Revision oldest = 0;
  Revision head = 0;
  std::size_t subscriptions = 0;
  bool is_closed = false;
  // By prefix, and how many prefixes there are of each length: a change wakes only those whom it concerns.
  std::unordered_map<std::string, WatchGroup<Watch>, TextHash, std::equal_to<>> groups;
  std::map<std::size_t, std::size_t> lengths;
  std::vector<Watch*> woken;  // empty but in wake_for()

  void join(Watch& watch) {
    auto [it, is_new] = groups.try_emplace(watch.prefix);
    if (is_new) ++lengths[watch.prefix.size()];
    ++it->second.watches;
    watch.group = &it->second;
  }

  void leave(Watch& watch) {
    stop_waiting(watch);
    if (--watch.group->watches > 0) return;
    auto length = lengths.find(watch.prefix.size());
    if (--length->second == 0) lengths.erase(length);
    groups.erase(watch.prefix);
  }

  void wait(Watch& watch) {
    watch.group->waiting.push_back(&watch);
    watch.is_waiting = true;
  }

  void stop_waiting(Watch& watch) {
    if (!watch.is_waiting) return;
    watch.is_waiting = false;
    watch.position = std::max(watch.position, head);
    std::erase(watch.group->waiting, &watch);
  }

  // The watches that have slept until now have seen everything before this change.
  void wake_for(const std::string& key) {
    for (auto [length, prefixes] : lengths) {
      if (length > key.size()) break;
      auto found = groups.find(std::string_view(key).substr(0, length));
      if (found == groups.end()) continue;
      auto& waiting = found->second.waiting;
      woken.insert(woken.end(), waiting.begin(), waiting.end());
      waiting.clear();
    }
    for (Watch* watch : woken) {
      watch->is_waiting = false;
      watch->position = std::max(watch->position, head);
      watch->wake.notify();
    }
    woken.clear();
  }

  void trim() {
    while (!window.empty() && (window.size() > limits.changes || bytes > limits.bytes)) {
      oldest = window.front()->change.revision;
      bytes -= weight(*window.front());
      window.pop_front();
    }
  }

  // Moves `watch` over what is in the window; returns what concerns it.
  std::vector<WatchChangePtr> scan(Watch& watch, std::size_t limit) const {
    std::vector<WatchChangePtr> out;
    if (watch.position >= head) return out;
    auto it = std::upper_bound(window.begin(), window.end(), watch.position,
                               [](Revision r, const WatchChangePtr& entry) { return r < entry->change.revision; });
    bool is_at_edge = oldest > 0 && it == window.begin() && it != window.end();
    if (is_planted("watch-drops-after-compaction") && is_at_edge) ++it;
    for (; it != window.end() && out.size() < limit; ++it) {
      watch.position = (*it)->change.revision;
      if ((*it)->change.key.starts_with(watch.prefix)) out.push_back(*it);
    }
    if (it == window.end() || is_planted("watch-loses-rest-of-chunk")) watch.position = head;
    return out;
  }

  Status too_old(Revision revision) const { return api::watch_expired(revision, oldest); }
};

WatchHub::WatchHub(Limits limits) : state_(std::make_shared<State>()) {
  state_->limits = limits;
}
WatchHub::~WatchHub() {
  close();
}

void WatchHub::publish(WatchChangePtr change) {
  State& s = *state_;
  if (s.is_closed || change->change.revision <= s.head) return;
  s.wake_for(change->change.key);
  s.head = change->change.revision;
  s.bytes += weight(*change);
  s.window.push_back(std::move(change));
  s.trim();
}

void WatchHub::close() {
  State& s = *state_;
  if (s.is_closed) return;
  s.is_closed = true;
  // In the order of their prefixes: the same at every run.
  std::map<std::string_view, WatchGroup<State::Watch>*> ordered;
  for (auto& [prefix, group] : s.groups) ordered.emplace(prefix, &group);
  for (auto& [prefix, group] : ordered) {
    for (auto* watch : group->waiting) {
      watch->is_waiting = false;
      watch->wake.notify();
    }
    group->waiting.clear();
  }
}

Result<std::unique_ptr<WatchHub::Subscription>> WatchHub::subscribe(std::string prefix, Revision revision) {
  if (revision < state_->oldest) return failure(state_->too_old(revision));
  auto watch = std::make_unique<Subscription::State>();
  watch->hub = state_;
  watch->prefix = std::move(prefix);
  watch->position = revision;
  state_->join(*watch);
  ++state_->subscriptions;
  return std::unique_ptr<Subscription>(new Subscription(std::move(watch)));
}

Revision WatchHub::oldest() const {
  return state_->oldest;
}
std::size_t WatchHub::subscriptions() const {
  return state_->subscriptions;
}

void WatchHub::set_oldest(Revision revision) {
  State& s = *state_;
  s.oldest = std::max(s.oldest, revision);
  s.head = std::max(s.head, revision);
  while (!s.window.empty() && s.window.front()->change.revision <= s.oldest) {
    s.bytes -= weight(*s.window.front());
    s.window.pop_front();
  }
}

WatchHub::Subscription::Subscription(std::unique_ptr<State> state) : state_(std::move(state)) {}

WatchHub::Subscription::~Subscription() {
  if (auto hub = state_->hub.lock()) {
    hub->leave(*state_);
    --hub->subscriptions;
  }
}

bool WatchHub::Subscription::is_closed() const {
  auto hub = state_->hub.lock();
  return !hub || hub->is_closed;
}

bool WatchHub::Subscription::is_ready() const {
  auto hub = state_->hub.lock();
  if (!hub || hub->is_closed) return true;
  if (state_->is_waiting) return false;
  if (state_->position < hub->oldest) return true;
  auto it = std::upper_bound(hub->window.begin(), hub->window.end(), state_->position,
                             [](Revision r, const WatchChangePtr& entry) { return r < entry->change.revision; });
  return std::any_of(it, hub->window.end(),
                     [this](const WatchChangePtr& entry) { return entry->change.key.starts_with(state_->prefix); });
}

Revision WatchHub::Subscription::progress() const {
  auto hub = state_->hub.lock();
  return hub && state_->is_waiting ? std::max(state_->position, hub->head) : state_->position;
}

awaitable<Result<std::vector<WatchChangePtr>>> WatchHub::Subscription::next(const Env& env, std::size_t limit,
                                                                            Instant deadline) {
  // Leaves the list of those who wait however this coroutine ends.
  struct Waiting {
    explicit Waiting(State& w) : watch(w) {}
    ~Waiting() {
      if (auto hub = watch.hub.lock(); hub && !hub->is_closed) hub->stop_waiting(watch);
    }
    State& watch;
  };
  State& watch = *state_;
  for (;;) {
    auto hub = watch.hub.lock();
    if (!hub || hub->is_closed) co_return std::vector<WatchChangePtr>();
    if (watch.position < hub->oldest) co_return failure(hub->too_old(watch.position));
    auto found = hub->scan(watch, limit);
    if (!found.empty() || limit == 0) co_return found;
    if (env.clock.now() >= deadline) co_return std::vector<WatchChangePtr>();
    hub->wait(watch);
    hub.reset();
    Waiting waiting(watch);
    co_await watch.wake.wait_until(env, deadline);
  }
}

}  // namespace kubeloop::apiserver
