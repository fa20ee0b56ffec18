#include "apiserver/storage/object_map.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>

#include "libs/base/rng.hpp"
#include "tests/storage/sample_pods.hpp"

namespace kubeloop::apiserver {
namespace {

Change change_of(const Write& write, Revision revision, Revision create_revision) {
  Change change;
  change.revision = revision;
  change.key = write.key;
  change.kind = write.kind;
  change.create_revision = create_revision;
  change.previous = write.expected;
  change.header = write.header;
  change.value = write.value;
  change.expires_at_ms = write.expires_at_ms;
  return change;
}

std::vector<std::string> names(const std::vector<StoredObjectPtr>& objects) {
  std::vector<std::string> out;
  for (const auto& object : objects)
    out.push_back(fmt::format("{}@{}", object->key.substr(pod_key("").size()), object->revision));
  return out;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("applying gives what stood there before") {
  ObjectMap map;
  CHECK(map.apply(change_of(put_pod("a", 0), 1, 1)) == nullptr);
  auto before = map.apply(change_of(put_pod("a", 1), 2, 1));
  REQUIRE(before);
  CHECK(before->revision == 1);
  CHECK(map.get(pod_key("a"))->revision == 2);
  CHECK(map.get(pod_key("a"))->create_revision == 1);
  CHECK(map.apply(change_of(delete_pod("a", 2), 3, 1))->revision == 2);
  CHECK(map.get(pod_key("a")) == nullptr);
  CHECK(map.size() == 0);
  CHECK(map.revision() == 3);
}

TEST_CASE("lists are by prefix, from a start, in key order, at any retained revision") {
  ObjectMap map;
  map.apply(change_of(put_pod("b", 0), 1, 1));
  map.apply(change_of(put_pod("a", 0), 2, 2));
  map.apply(change_of(put_pod("c", 0), 3, 3));
  map.apply(change_of(put_pod("a", 2), 4, 2));
  map.apply(change_of(delete_pod("b", 1), 5, 1));
  map.apply(change_of(put_pod("b", 0), 6, 6));
  auto prefix = pod_key("");
  CHECK(names(map.list(prefix, "")) == Names{"a@4", "b@6", "c@3"});
  CHECK(names(map.list(prefix, pod_key("a") + '\0')) == Names{"b@6", "c@3"});
  CHECK(names(map.list(prefix, "", 2)) == Names{"a@4", "b@6"});
  CHECK(map.list("/registry/nodes/", "").empty());
  CHECK(map.count(prefix) == 3);
  CHECK(names(*map.list_at(prefix, "", 1)) == Names{"b@1"});
  CHECK(names(*map.list_at(prefix, "", 3)) == Names{"a@2", "b@1", "c@3"});
  CHECK(names(*map.list_at(prefix, "", 5)) == Names{"a@4", "c@3"});
  CHECK(names(*map.list_at(prefix, pod_key("b"), 4)) == Names{"b@1", "c@3"});
  CHECK(names(*map.list_at(prefix, "", 4, 2)) == Names{"a@4", "b@1"});
  auto old = *map.list_at(prefix, "", 3);
  CHECK(old[0]->value == nullptr);  // changed since: to be read from the log
  CHECK(old[2]->value != nullptr);
}

TEST_CASE("a list at a compacted or a future revision is refused as Kubernetes does") {
  ObjectMap map;
  map.apply(change_of(put_pod("a", 0), 1, 1));
  map.apply(change_of(put_pod("a", 1), 2, 1));
  map.apply(change_of(put_pod("a", 2), 3, 1));
  map.compact(2);
  auto early = map.list_at("/", "", 1);
  REQUIRE(!early);
  CHECK(early.error().code == 410);
  CHECK(early.error().message == "The resourceVersion for the provided list is too old.");
  CHECK(names(*map.list_at("/", "", 2)) == Names{"a@2"});
  auto future = map.list_at("/", "", 9);
  REQUIRE(!future);
  CHECK(future.error().code == 504);
  CHECK(future.error().message == "Timeout: Too large resource version: 9, current: 3");
  REQUIRE(future.error().causes.size() == 1);
  CHECK(future.error().causes[0].reason == "ResourceVersionTooLarge");
}

TEST_CASE("after loading, the map stands at the compacted revision even if its rows are gone") {
  ObjectMap map;
  map.compact(100);
  CHECK(map.revision() == 100);
  CHECK(map.list_at("/", "", 100));
  CHECK(!map.list_at("/", "", 99));
}

TEST_CASE("expired keys come oldest first and only while their expiry stands") {
  ObjectMap map;
  map.apply(change_of(put_pod("late", 0, "", 500), 1, 1));
  map.apply(change_of(put_pod("soon", 0, "", 100), 2, 2));
  map.apply(change_of(put_pod("never", 0), 3, 3));
  map.apply(change_of(put_pod("renewed", 0, "", 50), 4, 4));
  map.apply(change_of(put_pod("renewed", 4, "", 900), 5, 4));
  CHECK(map.expired(99, 10).empty());
  CHECK(names(map.expired(500, 10)) == Names{"soon@2", "late@1"});
  CHECK(names(map.expired(500, 1)) == Names{"soon@2"});
  map.apply(change_of(delete_pod("soon", 2), 6, 2));
  CHECK(names(map.expired(5000, 10)) == Names{"late@1", "renewed@5"});
}

TEST_CASE("random histories: every retained revision lists as it was") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Rng rng(seed);
    ObjectMap map;
    std::map<Revision, Names> history = {{0, {}}};
    std::map<std::string, std::pair<Revision, Revision>> standing;  // name -> revision, create revision
    for (Revision revision = 1; revision <= 200; ++revision) {
      std::string name(1, static_cast<char>('a' + rng.below(8)));
      auto it = standing.find(name);
      if (it != standing.end() && rng.below(3) == 0) {
        map.apply(change_of(delete_pod(name, it->second.first), revision, it->second.second));
        standing.erase(it);
      } else {
        Revision expected = it == standing.end() ? 0 : it->second.first;
        Revision created = expected ? it->second.second : revision;
        map.apply(change_of(put_pod(name, expected), revision, created));
        standing[name] = {revision, created};
      }
      Names now;
      for (const auto& [key, at] : standing) now.push_back(fmt::format("{}@{}", key, at.first));
      history[revision] = now;
      if (rng.below(20) == 0) map.compact(rng.below(revision + 1));
      Revision probe = rng.below(revision + 1);
      auto list = map.list_at(pod_key(""), "", probe);
      REQUIRE(list.has_value() == (probe >= map.compacted()));
      if (list) REQUIRE(names(*list) == history[probe]);
    }
    map.compact(200);
    REQUIRE(names(*map.list_at(pod_key(""), "", 200)) == history[200]);
  }
}

}  // namespace kubeloop::apiserver
