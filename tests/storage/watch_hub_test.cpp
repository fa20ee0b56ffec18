#include "apiserver/storage/watch_hub.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/storage/sim_world.hpp"

namespace kubeloop::apiserver {
namespace {

using Events = std::vector<WatchChangePtr>;

// An object map and a hub that are fed as the API server feeds them.
struct Feed {
  explicit Feed(WatchHub::Limits limits = WatchHub::Limits()) : hub(limits) {}

  WatchChangePtr write(const std::string& key, bool is_delete = false, const std::string& text = "") {
    auto current = map.get(key);
    Write sample = put_pod(key.substr(key.rfind('/') + 1), 0, text);
    auto entry = std::make_shared<WatchChange>();
    Change& change = entry->change;
    change.revision = ++revision;
    change.key = key;
    change.kind = is_delete && current ? Change::Kind::kDelete : Change::Kind::kPut;
    change.previous = current ? current->revision : 0;
    change.create_revision = current ? current->create_revision : revision;
    change.header = sample.header;
    change.value = sample.value;
    entry->before = map.apply(change);
    hub.publish(entry);
    return entry;
  }

  ObjectMap map;
  WatchHub hub;
  Revision revision = 0;
};

std::unique_ptr<WatchHub::Subscription> subscribe(WatchHub& hub, const std::string& prefix, Revision revision) {
  auto result = hub.subscribe(prefix, revision);
  REQUIRE_MESSAGE(result, result.error().message);
  return std::move(*result);
}

Instant soon(const SimWorld& world, Duration wait = 1s) {
  return world.loop.now() + wait;
}

std::vector<Revision> revisions(const Events& events) {
  std::vector<Revision> out;
  for (const auto& event : events) out.push_back(event->change.revision);
  return out;
}

// What one watch has been given, over any number of subscriptions that follow each other.
struct Record {
  std::string prefix;
  Revision start = 0;
  std::vector<Revision> given;
  std::vector<std::pair<Revision, std::size_t>> bookmarks;  // progress, and how many events had been given by then
  int resumptions = 0;
  bool is_closed = false;
};

awaitable<void> watch(SimWorld* world, WatchHub* hub, Record* record, Rng rng) {
  auto subscription = subscribe(*hub, record->prefix, record->start);
  for (;;) {
    Instant deadline = world->loop.now() + std::chrono::microseconds(rng.below(300));
    auto events = co_await subscription->next(world->env, 1 + rng.below(20), deadline);
    REQUIRE_MESSAGE(events, events.error().message);
    for (const auto& event : *events) record->given.push_back(event->change.revision);
    record->bookmarks.emplace_back(subscription->progress(), record->given.size());
    if (subscription->is_closed()) break;
    if (rng.below(4) == 0) {
      Duration pause = std::chrono::microseconds(rng.below(500));
      co_await sleep_for(world->env, pause);
    }
    if (rng.below(10) == 0) {  // the connection breaks; a new one goes on from the last bookmark
      subscription = subscribe(*hub, record->prefix, record->bookmarks.back().first);
      ++record->resumptions;
    }
  }
  record->is_closed = true;
}

const std::vector<std::string> kPrefixes = {"/registry/pods/",  "/registry/pods/a/",      "/registry/pods/b/",
                                            "/registry/nodes/", "/registry/pods/a/web-1", "/registry/"};

awaitable<void> publish(SimWorld* world, Feed* feed, std::vector<Record>* records, TaskGroup* group, Rng rng) {
  std::size_t started = 0;
  for (int i = 0; i < 400; ++i) {
    const char* folder[] = {"pods/a/", "pods/b/", "nodes/"};
    std::string key = fmt::format("/registry/{}web-{}", folder[rng.below(3)], rng.below(4));
    feed->write(key, rng.below(4) == 0);
    if (rng.below(3) == 0) {
      Duration pause = std::chrono::microseconds(rng.below(200));
      co_await sleep_for(world->env, pause);
    }
    if (started < records->size() && rng.below(10) == 0) {
      Record& record = (*records)[started++];
      record.prefix = kPrefixes[rng.below(kPrefixes.size())];
      record.start = rng.below(feed->revision + 1);
      group->spawn("watch", watch(world, &feed->hub, &record, rng.fork(std::to_string(started))));
    }
  }
}

}  // namespace

TEST_CASE("six guarantees under random writes and watches") {
  int resumptions = 0, watches = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SimWorld world(seed);
    Feed feed;
    std::vector<Record> records(12);
    std::vector<std::pair<Revision, std::string>> log;
    world.spawn(publish(&world, &feed, &records, &world.group, Rng(seed)));
    world.loop.run_until(world.loop.now() + 60ms);  // the writes end, the watches catch up
    auto all = subscribe(feed.hub, "", 0);
    auto everything = *world.run(all->next(world.env, 1000, world.loop.now()));
    feed.hub.close();
    world.loop.run_until(world.loop.now() + 10ms);
    REQUIRE(everything.size() == 400);
    for (const Record& record : records) {
      if (record.prefix.empty()) continue;
      ++watches;
      resumptions += record.resumptions;
      REQUIRE(record.is_closed);
      std::vector<Revision> wanted;
      for (const auto& event : everything) {
        bool is_wanted = event->change.revision > record.start && event->change.key.starts_with(record.prefix);
        if (is_wanted) wanted.push_back(event->change.revision);
      }
      INFO("seed ", seed, ", prefix ", record.prefix, ", from ", record.start);
      bool is_ordered_and_unique = true;
      for (std::size_t i = 1; i < record.given.size(); ++i)
        is_ordered_and_unique &= record.given[i - 1] < record.given[i];
      CHECK(is_ordered_and_unique);
      // Reliable and atomic: every revision is there, whole, also over the resumptions.
      CHECK(record.given == wanted);
      // Bookmarkable: what was given by then is all there is up to the bookmark, and bookmarks never go back.
      bool is_bookmarkable = true;
      Revision last = record.start;
      for (auto [progress, count] : record.bookmarks) {
        auto up_to = std::upper_bound(wanted.begin(), wanted.end(), progress) - wanted.begin();
        is_bookmarkable &= progress >= last && static_cast<std::size_t>(up_to) == count;
        last = progress;
      }
      CHECK(is_bookmarkable);
      CHECK(last >= (wanted.empty() ? record.start : wanted.back()));
    }
    CHECK(feed.hub.subscriptions() == 1);
  }
  CHECK(watches > 300);
  CHECK(resumptions > 1000);
}

TEST_CASE("resumable from any revision in the window, 410 from before it") {
  SimWorld world;
  WatchHub::Limits limits;
  limits.changes = 10;
  Feed feed(limits);
  for (int i = 0; i < 25; ++i) feed.write(fmt::format("/registry/pods/a/{}", i));
  CHECK(feed.hub.oldest() == 15);
  for (Revision from = 15; from <= 25; ++from) {
    auto events = world.run(subscribe(feed.hub, "/registry/", from)->next(world.env, 100, world.loop.now()));
    REQUIRE(events);
    CHECK(events->size() == 25 - from);
  }
  auto early = feed.hub.subscribe("/registry/", 14);
  REQUIRE(!early);
  CHECK(early.error().code == 410);
  CHECK(early.error().reason == "Expired");
  CHECK(early.error().message == "too old resource version: 14 (15)");
}

TEST_CASE("a slow watch costs no memory and gets 410 when it falls out of the window") {
  SimWorld world;
  WatchHub::Limits limits;
  SUBCASE("by number") {
    limits.changes = 5;
  }
  SUBCASE("by bytes") {
    limits.bytes = 50'000;
  }
  Feed feed(limits);
  auto slow = subscribe(feed.hub, "/registry/pods/", 0);
  std::vector<std::weak_ptr<const WatchChange>> changes;
  for (int i = 0; i < 200; ++i) changes.push_back(feed.write("/registry/pods/a/web", false, std::string(2000, 'x')));
  std::size_t alive = 0;
  for (const auto& change : changes) alive += !change.expired();
  CHECK(alive > 0);
  CHECK(alive <= 13);
  CHECK(slow->is_ready());
  auto events = world.run(slow->next(world.env, 10, soon(world)));
  REQUIRE(!events);
  CHECK(events.error().code == 410);
  CHECK(events.error().message == fmt::format("too old resource version: 0 ({})", feed.hub.oldest()));
}

TEST_CASE("a waiting watch is not woken by what does not concern it, and does not fall behind by it") {
  SimWorld world;
  WatchHub::Limits limits;
  limits.changes = 10;
  Feed feed(limits);
  std::vector<std::unique_ptr<WatchHub::Subscription>> idle;
  std::vector<Events> given(100);
  auto take = [](SimWorld* w, WatchHub::Subscription* subscription, Events* out) -> awaitable<void> {
    auto events = co_await subscription->next(w->env, 10, w->loop.now() + 10s);
    REQUIRE(events);
    *out = *events;
  };
  for (auto& out : given) {
    idle.push_back(subscribe(feed.hub, "/registry/nodes/", 0));
    world.spawn(take(&world, idle.back().get(), &out));
  }
  world.loop.run_ready();
  auto steps = world.loop.steps();
  for (int i = 0; i < 50; ++i) feed.write("/registry/pods/a/web");
  world.loop.run_ready();
  CHECK(world.loop.steps() == steps);
  CHECK(idle[0]->progress() == 50);
  CHECK(!idle[0]->is_ready());
  feed.write("/registry/nodes/node-1");
  world.loop.run_ready();
  for (const auto& out : given) CHECK(revisions(out) == std::vector<Revision>{51});
}

TEST_CASE("next returns nothing at its deadline, at once after close, and takes a revision to come") {
  SimWorld world;
  Feed feed;
  auto subscription = subscribe(feed.hub, "/registry/pods/", 3);
  auto none = world.run(subscription->next(world.env, 10, soon(world, 5s)));
  REQUIRE(none);
  CHECK(none->empty());
  CHECK(world.loop.now() == Instant(5s));
  CHECK(!subscription->is_closed());
  for (int i = 0; i < 5; ++i) feed.write("/registry/pods/a/web");
  CHECK(revisions(*world.run(subscription->next(world.env, 10, soon(world)))) == std::vector<Revision>{4, 5});
  feed.hub.close();
  auto ended = world.run(subscription->next(world.env, 10, soon(world)));
  REQUIRE(ended);
  CHECK(ended->empty());
  CHECK(subscription->is_closed());
}

TEST_CASE("a cancelled wait leaves nothing behind") {
  SimWorld world;
  Feed feed;
  {
    SimWorld other;
    auto scene = [](SimWorld* w, WatchHub* hub) -> awaitable<void> {
      auto subscription = subscribe(*hub, "/registry/", 0);
      co_await subscription->next(w->env, 1, w->loop.now() + 1h);
    };
    other.spawn(scene(&other, &feed.hub));
    other.loop.run_ready();
    CHECK(feed.hub.subscriptions() == 1);
    other.stop();
    CHECK(feed.hub.subscriptions() == 0);
  }
  feed.write("/registry/pods/a/web");
  CHECK(feed.hub.subscriptions() == 0);
}

TEST_CASE("after a start nothing before the loaded revision can be watched") {
  Feed feed;
  feed.hub.set_oldest(40);
  CHECK(!feed.hub.subscribe("/", 39));
  auto subscription = subscribe(feed.hub, "/", 40);
  feed.revision = 40;
  feed.write("/registry/pods/a/web");
  SimWorld world;
  CHECK(revisions(*world.run(subscription->next(world.env, 10, soon(world)))) == std::vector<Revision>{41});
}

TEST_CASE("watch lines carry the right state at the new revision and are made once") {
  Feed feed;
  auto created = feed.write(pod_key("web"), false, "one");
  auto changed = feed.write(pod_key("web"), false, "two");
  auto removed = feed.write(pod_key("web"), true, "last");
  auto object = [](const std::string& line) {
    CHECK(line.ends_with("}\n"));
    return nlohmann::json::parse(line);
  };
  auto added = object(created->line_added());
  CHECK(added["type"] == "ADDED");
  CHECK(added["object"]["metadata"]["resourceVersion"] == "1");
  CHECK(added["object"]["kind"] == "Pod");
  auto modified = object(changed->line_modified());
  CHECK(modified["type"] == "MODIFIED");
  CHECK(modified["object"]["spec"]["text"] == "two");
  CHECK(modified["object"]["metadata"]["resourceVersion"] == "2");
  auto left_selector = object(changed->line_deleted());  // the old state, the new revision
  CHECK(left_selector["type"] == "DELETED");
  CHECK(left_selector["object"]["spec"]["text"] == "one");
  CHECK(left_selector["object"]["metadata"]["resourceVersion"] == "2");
  auto deleted = object(removed->line_deleted());
  CHECK(deleted["object"]["spec"]["text"] == "last");
  CHECK(deleted["object"]["metadata"]["resourceVersion"] == "3");
  CHECK(created->line_added().data() == created->line_added().data());
}

}  // namespace kubeloop::apiserver
