// The hub's disk in virtual time: what is durable outlives every store over it.
#include "simulator/cluster/sim_storage.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/storage/sim_world.hpp"

namespace kubeloop::simulator {
namespace {

using apiserver::Change;
using apiserver::LogStore;
using apiserver::Revision;
using apiserver::SimWorld;
using apiserver::Write;

struct Committed final : Observer {
  void committed(const Change& change, Instant) override { keys.push_back(change.key); }
  std::vector<std::string> keys;
};

struct World : SimWorld {
  explicit World(Medium medium = Medium::kMemory) : storage(env, medium, &seen, [this] { ++cuts; }) { reopen(); }

  Committed seen;
  int cuts = 0;
  SimStorage storage;
  std::unique_ptr<LogStore> store;

  Result<Revision> put(const std::string& name) {
    Write write;
    write.key = "/registry/configmaps/default/" + name;
    auto header = std::make_shared<apiserver::Header>();
    header->resource = "configmaps";
    header->namespace_ = "default";
    header->name = name;
    write.header = std::move(header);
    write.value = std::make_shared<const std::string>("{\"metadata\":{\"name\":\"" + name + "\"}}");
    return run(store->commit(std::move(write)));
  }
  // As a hub that dies and one that begins.
  void reopen() {
    if (store) storage.crash();
    store.reset();
    auto opened = storage.open();
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    store = std::move(*opened);
  }
  std::vector<std::string> names() {
    auto objects = storage.read_all();
    REQUIRE(objects.has_value());
    std::vector<std::string> names;
    for (const auto& [key, value] : *objects) names.push_back(key.substr(key.rfind('/') + 1));
    return names;
  }
};

using Names = std::vector<std::string>;

void check_reopened(Medium medium) {
  World w(medium);
  CHECK(w.put("a") == 1);
  CHECK(w.put("b") == 2);
  w.reopen();
  CHECK(w.store->current() == 2);
  CHECK(w.names() == Names{"a", "b"});
  CHECK(w.put("c") == 3);
  CHECK(w.names() == Names{"a", "b", "c"});
  CHECK(w.seen.keys.size() == 3);
}

TEST_CASE("what was written is there after the store was opened anew") {
  check_reopened(Medium::kMemory);
  check_reopened(Medium::kSqlite);
}

TEST_CASE("power that goes before the call: nothing of it is durable") {
  World w;
  w.storage.cut_power(2, false);
  CHECK(w.put("a").has_value());
  CHECK(w.cuts == 0);
  auto lost = w.put("b");
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().code == 500);
  CHECK(w.cuts == 1);
  CHECK_FALSE(w.put("c").has_value());
  CHECK(w.cuts == 1);
  w.reopen();
  CHECK(w.names() == Names{"a"});
  CHECK(w.seen.keys.size() == 1);
  CHECK(w.put("d").has_value());
}

TEST_CASE("power that goes after the call: it is durable, but nobody is told") {
  World w;
  w.storage.cut_power(1, true);
  CHECK_FALSE(w.put("a").has_value());
  CHECK(w.cuts == 1);
  CHECK(w.names() == Names{"a"});
  CHECK(w.seen.keys.size() == 1);
  w.reopen();
  CHECK(w.store->current() == 1);
  CHECK(w.put("b") == 2);
}

TEST_CASE("a cut that is forgotten does not come") {
  World w;
  w.storage.cut_power(1, false);
  w.storage.forget_power_cut();
  CHECK(w.put("a").has_value());
  CHECK(w.cuts == 0);
}

void check_full(Medium medium) {
  World w(medium);
  CHECK(w.put("a").has_value());
  w.storage.set_full(true);
  auto refused = w.put("b");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == 500);
  CHECK(w.store->write_error() != "");
  w.storage.set_full(false);
  CHECK_FALSE(w.put("c").has_value());
  w.reopen();
  CHECK(w.store->write_error() == "");
  CHECK(w.put("d") == 2);
  CHECK(w.names() == Names{"a", "d"});
}

TEST_CASE("a full disk turns the store read-only until it is opened again") {
  check_full(Medium::kMemory);
  check_full(Medium::kSqlite);
}

TEST_CASE("power that goes at any call of SQLite: what was answered is there, and each write is there or not") {
  for (std::uint64_t call = 1; call <= 40; ++call) {
    for (bool is_carried_out : {false, true}) {
      World w(Medium::kSqlite);
      CHECK(w.put("a").has_value());
      w.storage.cut_power(call, is_carried_out);
      Names answered = {"a"};
      for (const char* name : {"b", "c", "d"}) {
        if (w.put(name)) answered.emplace_back(name);
      }
      w.storage.forget_power_cut();
      w.reopen();
      CAPTURE(call);
      auto there = w.names();
      CHECK(std::ranges::includes(there, answered));
      CHECK(there.size() <= answered.size() + 1);
      CHECK(w.put("e").has_value());
    }
  }
}

TEST_CASE("a slow disk takes its time, and is as fast as before afterwards") {
  World w;
  auto time_of = [&w](const std::string& name) {
    Instant begin = w.loop.now();
    CHECK(w.put(name).has_value());
    return w.loop.now() - begin;
  };
  auto usual = time_of("a");
  CHECK(usual < 100ms);
  w.storage.set_slow(2s);
  CHECK(time_of("b") >= 2s);
  CHECK(time_of("c") < 2s + 100ms);
  w.reopen();
  CHECK(time_of("d") >= 2s);  // it is the disk that is slow, not the store
  w.storage.set_slow(Duration::zero());
  CHECK(time_of("e") == usual);
}

TEST_CASE("what is compacted away leaves the present objects") {
  World w;
  for (const char* name : {"a", "b", "c"}) CHECK(w.put(name).has_value());
  CHECK(w.run(w.store->compact(2)).has_value());
  CHECK(w.names() == Names{"a", "b", "c"});
  w.storage.cut_power(1, true);
  CHECK_FALSE(w.run(w.store->compact(3)).has_value());
  w.reopen();
  CHECK(w.store->compacted() == 3);
  CHECK(w.names() == Names{"a", "b", "c"});
}

}  // namespace
}  // namespace kubeloop::simulator
