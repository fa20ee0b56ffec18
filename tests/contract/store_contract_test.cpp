// What every Store must do, run against each: memory, SQLite in virtual time, SQLite on a disk with its thread.
#include <doctest/doctest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>

#include "apiserver/storage/memory_store.hpp"
#include "apiserver/storage/sqlite_store.hpp"
#include "apiserver/storage/timed_runner.hpp"
#include "libs/base/real_clock.hpp"
#include "simulator/faults/sqlite_power_loss_vfs.hpp"
#include "tests/storage/sim_world.hpp"

namespace kubeloop::apiserver {
namespace {

using Changes = std::vector<Change>;

// A store in its surroundings; restart() is what a restart of the process does to it.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual Store& store() = 0;
  virtual void restart() = 0;
  virtual void spawn(awaitable<void> task) = 0;
  // Runs until everything that was spawned has ended.
  virtual void finish() = 0;

  template <class T>
  T get(awaitable<T> task) {
    auto value = std::make_shared<std::optional<T>>();
    spawn(keep<T>(std::move(task), value));
    finish();
    REQUIRE(value->has_value());
    return std::move(**value);
  }
  Revision put(const std::string& name, Revision expected, const std::string& text = "") {
    auto result = get(store().commit(put_pod(name, expected, text)));
    REQUIRE(result);
    return *result;
  }
  Revision remove(const std::string& name, Revision expected) {
    auto result = get(store().commit(delete_pod(name, expected)));
    REQUIRE(result);
    return *result;
  }

 private:
  template <class T>
  static awaitable<void> keep(awaitable<T> task, std::shared_ptr<std::optional<T>> value) {
    auto result = co_await std::move(task);
    value->emplace(std::move(result));
  }
};

class MemoryStage final : public Stage {
 public:
  MemoryStage() : store_(world_.env) {}
  Store& store() override { return store_; }
  void restart() override {}
  void spawn(awaitable<void> task) override { world_.spawn(std::move(task)); }
  void finish() override {
    world_.loop.run_until(world_.loop.now() + 1h, [&] { return world_.group.live() == 0; });
    REQUIRE(world_.group.live() == 0);
  }

 private:
  SimWorld world_;
  MemoryStore store_;
};

class VirtualSqliteStage final : public Stage {
 public:
  VirtualSqliteStage() : vfs_("contract") { open(); }
  Store& store() override { return *store_; }
  void restart() override {
    store_.reset();
    open();
  }
  void spawn(awaitable<void> task) override { world_.spawn(std::move(task)); }
  void finish() override {
    world_.loop.run_until(world_.loop.now() + 1h, [&] { return world_.group.live() == 0; });
    REQUIRE(world_.group.live() == 0);
  }

 private:
  void open() {
    SqliteDiskOptions options;
    options.vfs = vfs_.name();
    options.checkpoint_pages = 20;
    DiskContents contents;
    auto disk = SqliteDisk::open("/data", options, contents);
    REQUIRE_MESSAGE(disk, disk.error().message);
    DiskTimes times;
    times.append = 200us;
    LogStoreLimits limits;
    limits.recent_changes = 5;  // so that reads go to the disk, too
    limits.compaction_rows = 4;
    auto runner = std::make_unique<TimedRunner>(world_.loop, times);
    store_ = std::make_unique<LogStore>(world_.env.executor, std::move(*disk), std::move(runner), contents, limits);
  }
  SimWorld world_;
  simulator::PowerLossVfs vfs_;
  std::unique_ptr<LogStore> store_;
};

class SqliteStage final : public Stage {
 public:
  SqliteStage() : clock_(context_), env_(context_.get_executor(), clock_, Rng(1), Log(), faults_), group_(env_) {
    char path[] = "/tmp/kubeloop-store-XXXXXX";
    directory_ = mkdtemp(path);
    open();
  }
  ~SqliteStage() override {
    store_.reset();
    context_.restart();
    context_.run();
    std::filesystem::remove_all(directory_);
  }
  Store& store() override { return *store_; }
  void restart() override {
    store_.reset();
    open();
  }
  void spawn(awaitable<void> task) override { group_.spawn("test", std::move(task)); }
  void finish() override {
    context_.restart();
    context_.run();
    REQUIRE(group_.live() == 0);
  }

 private:
  void open() {
    SqliteStoreOptions options;
    options.directory = directory_;
    options.limits.recent_changes = 5;
    auto store = SqliteStore::open(context_.get_executor(), options);
    REQUIRE_MESSAGE(store, store.error().message);
    store_ = std::move(*store);
  }
  boost::asio::io_context context_;
  RealClock clock_;
  NoFaults faults_;
  Env env_;
  TaskGroup group_;
  std::string directory_;
  std::unique_ptr<SqliteStore> store_;
};

void with_each_store(const std::function<void(Stage&)>& test) {
  SUBCASE("memory") {
    MemoryStage stage;
    test(stage);
  }
  SUBCASE("SQLite in virtual time") {
    VirtualSqliteStage stage;
    test(stage);
  }
  SUBCASE("SQLite on disk") {
    SqliteStage stage;
    test(stage);
  }
}

Changes all_after(Stage& stage, Revision revision) {
  Changes out;
  while (revision < stage.store().current()) {
    auto page = stage.get(stage.store().changes_after(revision, 3));
    REQUIRE_MESSAGE(page, page.error().message);
    REQUIRE(!page->empty());
    REQUIRE(page->size() <= 3);
    for (Change& change : *page) {
      REQUIRE(change.revision > revision);
      revision = change.revision;
      out.push_back(std::move(change));
    }
  }
  return out;
}

// The code of what change_at answers; 0 when it answers with a change.
int read_error(Stage& stage, Revision revision) {
  auto change = stage.get(stage.store().change_at(revision));
  return change ? 0 : change.error().code;
}

}  // namespace

TEST_CASE("a write is taken only while the key stands where the writer thinks") {
  with_each_store([](Stage& stage) {
    Store& store = stage.store();
    CHECK(store.current() == 0);
    auto first = stage.put("web", 0);
    CHECK(first == store.current());
    auto again = stage.get(store.commit(put_pod("web", 0)));
    REQUIRE(!again);
    CHECK(again.error().code == 409);
    CHECK(again.error().reason == "Conflict");
    auto second = stage.put("web", first);
    CHECK(second == first + 1);
    auto stale = stage.get(store.commit(put_pod("web", first)));
    REQUIRE(!stale);
    CHECK(stale.error().code == 409);
    auto stale_delete = stage.get(store.commit(delete_pod("web", first)));
    CHECK(!stale_delete);
    auto third = stage.remove("web", second);
    auto nothing = stage.get(store.commit(delete_pod("web", 0)));
    REQUIRE(!nothing);
    CHECK(nothing.error().code == 409);
    CHECK(store.current() == third);
    CHECK(stage.put("web", 0) == third + 1);
  });
}

TEST_CASE("changes come back in order with what they replace") {
  with_each_store([](Stage& stage) {
    auto r1 = stage.put("a", 0, "one");
    auto r2 = stage.put("b", 0, "two");
    auto r3 = stage.put("a", r1, "three");
    auto r4 = stage.remove("a", r3);
    auto r5 = stage.put("a", 0, "five");
    auto changes = all_after(stage, 0);
    REQUIRE(changes.size() == 5);
    CHECK(changes[0].key == pod_key("a"));
    CHECK(changes[0].previous == 0);
    CHECK(changes[0].create_revision == r1);
    CHECK(changes[1].revision == r2);
    CHECK(changes[2].previous == r1);
    CHECK(changes[2].create_revision == r1);
    CHECK(changes[3].kind == Change::Kind::kDelete);
    CHECK(changes[3].previous == r3);
    CHECK(changes[3].revision == r4);
    CHECK(changes[4].previous == 0);
    CHECK(changes[4].create_revision == r5);
    Write same = put_pod("a", r1, "three");
    CHECK(*changes[2].value == *same.value);
    CHECK(is_same(*changes[2].header, *same.header));
    CHECK(all_after(stage, r3).size() == 2);
    auto one = stage.get(stage.store().change_at(r3));
    REQUIRE(one);
    CHECK(*one->value == *same.value);
    CHECK(read_error(stage, r5 + 1) == 504);
  });
}

namespace {

awaitable<void> follow(Store* store, Revision from, std::size_t wanted, std::vector<Revision>* seen) {
  while (seen->size() < wanted) {
    auto changes = co_await store->changes_after(from, 7);
    REQUIRE(changes);
    for (const Change& change : *changes) {
      CHECK(change.revision <= store->current());  // nothing that is not durable
      seen->push_back(change.revision);
      from = change.revision;
    }
  }
}

awaitable<void> write_some(Store* store, std::string prefix, int count) {
  for (int i = 0; i < count; ++i) {
    auto revision = co_await store->commit(put_pod(fmt::format("{}-{}", prefix, i), 0));
    CHECK(revision);
  }
}

struct Counter {
  Revision revision = 0;
  int count = 0;
};
using Counters = std::map<std::string, Counter>;

// Adds one to the counter in a pod, `times` times, each time from what is known to stand there.
awaitable<void> count_up(Store* store, Counters* known, std::string name, int times, int* conflicts) {
  while (times > 0) {
    Counter before = (*known)[name];
    auto result = co_await store->commit(put_pod(name, before.revision, std::to_string(before.count + 1)));
    if (result) {
      Counter& now = (*known)[name];
      if (*result > now.revision) now = Counter{*result, before.count + 1};
      --times;
      continue;
    }
    REQUIRE(result.error().code == 409);
    ++*conflicts;
    // A conflict is answered after the other write's group: what that wrote is to be had now.
    auto changes = co_await store->changes_after(before.revision, 1000);
    REQUIRE(changes);
    for (const Change& change : *changes) {
      auto pod = nlohmann::json::parse(*change.value);
      Counter& now = (*known)[change.header->name];
      if (change.revision > now.revision)
        now = Counter{change.revision, std::stoi(pod["spec"]["text"].get<std::string>())};
    }
  }
}

// What a reader makes of a store from the beginning: base, then all changes.
std::map<std::string, Revision> state_of(Stage& stage) {
  std::map<std::string, Revision> state;
  auto base = stage.get(stage.store().base());
  REQUIRE(base);
  Revision last = 0;
  for (const Change& change : base->changes) {
    CHECK(change.kind == Change::Kind::kPut);
    CHECK(change.revision > last);
    CHECK(change.revision <= base->revision);
    CHECK(!state.contains(change.key));
    last = change.revision;
    state[change.key] = change.revision;
  }
  for (const Change& change : all_after(stage, base->revision)) {
    if (change.kind == Change::Kind::kDelete) {
      state.erase(change.key);
    } else {
      state[change.key] = change.revision;
    }
  }
  return state;
}

}  // namespace

TEST_CASE("changes_after waits for what is to come and misses nothing") {
  with_each_store([](Stage& stage) {
    std::vector<Revision> seen, seen_late;
    stage.spawn(follow(&stage.store(), 0, 40, &seen));
    stage.spawn(write_some(&stage.store(), "a", 20));
    stage.spawn(write_some(&stage.store(), "b", 20));
    stage.finish();
    stage.spawn(follow(&stage.store(), 0, 40, &seen_late));
    stage.finish();
    REQUIRE(seen.size() == 40);
    for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == i + 1);
    CHECK(seen_late == seen);
  });
}

TEST_CASE("fifty writers on five keys lose no update") {
  with_each_store([](Stage& stage) {
    Counters known;
    int conflicts = 0;
    for (int i = 0; i < 50; ++i) {
      stage.spawn(count_up(&stage.store(), &known, fmt::format("counter-{}", i % 5), 8, &conflicts));
    }
    stage.finish();
    CHECK(conflicts > 0);
    CHECK(stage.store().current() == 400);
    for (const auto& [name, counter] : known) CHECK(counter.count == 80);
    CHECK(known.size() == 5);
  });
}

TEST_CASE("compaction drops what was superseded and keeps the state") {
  with_each_store([](Stage& stage) {
    Revision a = stage.put("a", 0), gone = stage.put("gone", 0);
    Revision still = stage.put("still", 0);
    for (int i = 0; i < 20; ++i) a = stage.put("a", a);
    Revision old_a = a;
    Revision removed = stage.remove("gone", gone);
    a = stage.put("a", a);
    auto before = state_of(stage);
    auto target = removed;
    CHECK(stage.get(stage.store().compact(target)));
    CHECK(stage.store().compacted() == target);

    auto early = stage.get(stage.store().changes_after(target - 1, 10));
    REQUIRE(!early);
    CHECK(early.error().code == 410);
    CHECK(early.error().reason == "Expired");
    CHECK(early.error().message == fmt::format("too old resource version: {} ({})", target - 1, target));
    auto later = all_after(stage, target);
    REQUIRE(later.size() == 1);
    CHECK(later[0].previous == old_a);
    CHECK(read_error(stage, gone) == 410);
    CHECK(read_error(stage, removed) == 410);
    CHECK(stage.get(stage.store().change_at(old_a)));  // the state at the compacted revision
    CHECK(stage.get(stage.store().change_at(still)));
    CHECK(state_of(stage) == before);
    CHECK(stage.get(stage.store().compact(target - 3)));  // backwards: nothing to do
    CHECK(stage.store().compacted() == target);

    stage.restart();
    CHECK(stage.store().compacted() == target);
    CHECK(state_of(stage) == before);
    CHECK(read_error(stage, gone) == 410);
    auto conflict = stage.get(stage.store().commit(put_pod("still", 0)));
    CHECK(!conflict);
    CHECK(stage.put("still", still) == a + 1);
  });
}

TEST_CASE("revisions go on after a restart, even when the newest rows were compacted away") {
  with_each_store([](Stage& stage) {
    Revision last = stage.put("web", 0);
    last = stage.remove("web", last);
    CHECK(stage.get(stage.store().compact(last + 100)));  // no further than what there is
    CHECK(stage.store().compacted() == last);
    stage.restart();
    CHECK(stage.store().current() == last);
    CHECK(stage.store().compacted() == last);
    CHECK(state_of(stage).empty());
    CHECK(stage.put("web", 0) == last + 1);
    stage.restart();
    CHECK(stage.store().current() == last + 1);
    CHECK(state_of(stage).size() == 1);
  });
}

TEST_CASE("an expiry is kept with its key, over a restart, until the key is written without one") {
  with_each_store([](Stage& stage) {
    auto first = stage.get(stage.store().commit(put_pod("event", 0, "", 1'767'225'600'000)));
    REQUIRE(first);
    stage.restart();
    auto changes = all_after(stage, 0);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].expires_at_ms == 1'767'225'600'000);
    CHECK(stage.get(stage.store().compact(*first)));
    stage.restart();
    auto base = stage.get(stage.store().base());
    REQUIRE(base);
    REQUIRE(base->changes.size() == 1);
    CHECK(base->changes[0].expires_at_ms == 1'767'225'600'000);
    stage.put("event", *first);
    CHECK(all_after(stage, *first)[0].expires_at_ms == 0);
  });
}

TEST_CASE("compaction and writes go on side by side") {
  with_each_store([](Stage& stage) {
    stage.spawn(write_some(&stage.store(), "first", 30));
    stage.finish();
    Revision revision = 1;
    for (int i = 0; i < 30; ++i) revision = stage.remove(fmt::format("first-{}", i), static_cast<Revision>(i + 1));
    auto compaction = [](Store* store, Revision target) -> awaitable<void> {
      auto done = co_await store->compact(target);
      CHECK(done);
      CHECK(store->compacted() >= target);
    };
    stage.spawn(compaction(&stage.store(), revision - 10));
    stage.spawn(write_some(&stage.store(), "second", 25));
    stage.spawn(compaction(&stage.store(), revision));
    stage.finish();
    CHECK(stage.store().compacted() == revision);
    CHECK(state_of(stage).size() == 25);
    stage.restart();
    CHECK(state_of(stage).size() == 25);
    CHECK(stage.store().current() == revision + 25);
  });
}

}  // namespace kubeloop::apiserver
