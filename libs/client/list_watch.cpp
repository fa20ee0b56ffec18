#include "libs/client/list_watch.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <charconv>
#include <set>

#include "libs/api/codec/view.hpp"
#include "libs/base/planted.hpp"
#include "libs/client/json_slices.hpp"

namespace kubeloop::client {
namespace {

constexpr int kPageLimit = 500;
// Back-off and watch length of client-go's reflector.
constexpr Duration kFirstDelay = std::chrono::milliseconds(800);
constexpr Duration kLongestDelay = std::chrono::seconds(30);
constexpr int kShortestWatchSeconds = 300;
constexpr int kLongestWatchSeconds = 600;
// A watch that lived that long counts as a success even when nothing happened in it.
constexpr Duration kLongLived = std::chrono::seconds(10);

struct ListMeta {
  std::string resourceVersion, continue_;
};
BOOST_DESCRIBE_STRUCT(ListMeta, (), (resourceVersion, continue_))

struct MetaOnly {
  ListMeta metadata;
};
BOOST_DESCRIBE_STRUCT(MetaOnly, (), (metadata))

std::uint64_t to_revision(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_expired(const Status& status) {
  return status.code == 410;
}

}  // namespace

struct ListWatch::Snapshot {
  std::vector<Entry> entries;
  std::uint64_t revision = 0;
};

ListWatch::ListWatch(Env env, ApiClient client, api::Resource resource, ListOptions options)
    : env_(std::move(env)), client_(std::move(client)), resource_(resource), options_(std::move(options)) {}

awaitable<void> ListWatch::run(std::shared_ptr<ListWatch> self) {
  while (true) {
    bool was_listed = self->is_listed_;
    Result<void> result;
    if (was_listed) {
      result = co_await self->watch();
    } else {
      result = co_await self->list();
    }
    if (result) continue;
    const Status& status = result.error();
    if (is_expired(status)) self->is_listed_ = false;
    self->env_.log.info("{} of {} failed: {}", was_listed ? "watch" : "list", self->resource_.plural, status.message);
    // A revision that is too old is no sign of trouble: list again at once, but not twice in a row.
    if (was_listed && is_expired(status) && self->failures_++ == 0) continue;
    Duration delay = self->next_delay();
    co_await sleep_for(self->env_, delay);
  }
}

awaitable<void> ListWatch::wait_until_synced(std::shared_ptr<ListWatch> self) {
  while (!self->is_synced_) co_await self->synced_.wait();
}

// 800 ms doubling to 30 s, each stretched by up to its own length.
Duration ListWatch::next_delay() {
  Duration delay = kFirstDelay;
  for (int i = 0; i < failures_ && delay < kLongestDelay; ++i) delay *= 2;
  ++failures_;
  delay = std::min(delay, kLongestDelay);
  auto stretch = env_.rng.below(static_cast<std::uint64_t>(delay.count()));
  return delay + Duration(static_cast<Duration::rep>(stretch));
}

awaitable<Result<void>> ListWatch::list() {
  Snapshot snapshot;
  auto read = co_await read_pages(&snapshot, kPageLimit);
  if (!read && is_expired(read.error())) {
    // The continue token has outlived its snapshot: one list without pages, as client-go's pager does.
    snapshot = Snapshot();
    read = co_await read_pages(&snapshot, 0);
  }
  if (!read) co_return read;
  apply(std::move(snapshot));
  co_return Result<void>();
}

awaitable<Result<void>> ListWatch::read_pages(Snapshot* snapshot, int limit) {
  ListOptions options = options_;
  options.limit = limit;
  while (true) {
    auto page = co_await client_.list(resource_, options);
    if (!page) co_return failure(std::move(page.error()));
    auto token = read_page(*page, *snapshot);
    if (!token) co_return failure(std::move(token.error()));
    if (token->empty()) co_return Result<void>();
    options.continue_token = std::move(*token);
  }
}

Result<std::string> ListWatch::read_page(const std::string& page, Snapshot& snapshot) const {
  auto head = api::decode_view<MetaOnly>(page);
  if (!head) return failure(std::move(head.error()));
  std::optional<Status> error;
  auto take = [&](std::string_view text) {
    auto entry = decode(text);
    if (!entry) {
      error = std::move(entry.error());
    } else {
      snapshot.entries.push_back(std::move(*entry));
    }
  };
  bool is_readable = for_each_member(page, [&](std::string_view key, std::string_view value) {
    if (key == "items" && value != "null" && !for_each_element(value, take))
      error = Status(500, "", "items is no list");
  });
  if (error) return failure(std::move(*error));
  snapshot.revision = to_revision(head->metadata.resourceVersion);
  if (!is_readable || snapshot.revision == 0) return failure(500, "InternalError", "the list cannot be read");
  return head->metadata.continue_;
}

// Tells the difference: what is new or changed, in revision order, then what is gone.
void ListWatch::apply(Snapshot snapshot) {
  std::set<std::string> present;
  for (const auto& entry : snapshot.entries) present.insert(entry.key);
  std::ranges::sort(snapshot.entries, {}, [](const Entry& entry) { return std::pair(entry.revision, entry.key); });
  is_listed_ = true;
  revision_ = snapshot.revision;
  for (auto& entry : snapshot.entries) put(std::move(entry));
  for (const auto& key : keys()) {
    if (!present.contains(key) && !is_planted("informer-misses-relist")) erase(key, snapshot.revision);
  }
  if (is_synced_) return;
  is_synced_ = true;
  synced_.notify();
}

awaitable<Result<void>> ListWatch::watch() {
  ListOptions options = options_;
  if (!is_planted("informer-resumes-from-now")) options.resource_version = std::to_string(revision_);
  options.timeout_seconds =
      kShortestWatchSeconds + static_cast<int>(env_.rng.below(kLongestWatchSeconds - kShortestWatchSeconds + 1));
  Instant begin = env_.clock.now();
  auto watch = co_await client_.watch(resource_, options);
  if (!watch) co_return failure(std::move(watch.error()));
  bool is_useful = false;
  while (true) {
    auto event = co_await watch->next();
    if (env_.clock.now() - begin >= kLongLived) is_useful = true;
    if (!event) {
      if (is_useful) failures_ = 0;
      co_return failure(std::move(event.error()));
    }
    if (!*event) break;
    // The event may have been on its way when the group was stopped: nothing is told then.
    auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
    is_useful = true;
    failures_ = 0;
    auto folded = fold(**event);
    if (!folded) co_return folded;
  }
  if (is_useful) {
    failures_ = 0;
    co_return Result<void>();
  }
  co_return failure(500, "InternalError", "the watch ended at once, without an event");
}

Result<void> ListWatch::fold(const WatchEvent& event) {
  if (event.type == WatchEvent::Type::kBookmark) {
    auto head = api::decode_view<MetaOnly>(event.object);
    if (head) revision_ = std::max(revision_, to_revision(head->metadata.resourceVersion));
    return {};
  }
  auto entry = decode(event.object);
  if (!entry) {
    is_listed_ = false;  // what it said is lost: start anew
    return failure(std::move(entry.error()));
  }
  // What was seen before is known object by object: events about different ones may come in another order.
  revision_ = std::max(revision_, entry->revision);
  if (event.type == WatchEvent::Type::kDeleted) {
    erase(entry->key, entry->revision);
  } else {
    put(std::move(*entry));
  }
  return {};
}

}  // namespace kubeloop::client
