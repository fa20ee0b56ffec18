// The checker of watches: each of the guarantees, kept and broken.
#include "tests/simulator/checkers_world.hpp"

namespace kubeloop::simulator {
namespace {

const std::string kTitle = "watch-guarantees: the watch of pods by test (from 1) ";

// Three pods at revisions 1, 2 and 4; 3 is a node. Pod b is moved out of app=web at 5 and goes at 6.
struct WatchWorld : CheckersWorld {
  WatchWorld() {
    RestScope nothing;
    nothing.has_controllers = false;
    checkers.set_rest_scope(nothing);
    put("pods", pod("a"));
    put("pods", pod("b"));
    put("nodes", node("node-1"));
    put("pods", pod("c"));
    auto moved = pod("b");
    moved["metadata"]["labels"]["app"] = "db";
    put("pods", moved);
    remove("pods", "b");
  }
  // DELETED as the hub tells it: the state at `state` under the revision `at`.
  void tell_left(std::uint64_t stream, apiserver::Revision state, apiserver::Revision at) {
    const auto& change = history.at(state - 1);
    tell_text(stream, "DELETED", apiserver::splice_revision(*change.value, *change.header, at), at);
  }
};

TEST_CASE("a watch from a revision is told every commit after it, in order") {
  WatchWorld world;
  auto watch = world.open_watch("pods", "1");
  world.tell(watch, "ADDED", 2);
  world.bookmark(watch, 3);
  world.tell(watch, "ADDED", 4);
  world.tell(watch, "MODIFIED", 5);
  world.tell(watch, "DELETED", 6);
  world.bookmark(watch, 6);
  world.advance(1min);
  world.rest();
  CHECK(world.found() == "");
}

TEST_CASE("selectors: entering is ADDED, leaving is DELETED with the state before") {
  WatchWorld world;
  auto watch = world.open_watch("pods", "1", "default", "app=web");
  world.tell(watch, "ADDED", 2);
  world.tell(watch, "ADDED", 4);
  world.tell_left(watch, 2, 5);
  auto db = world.open_watch("pods", "1", "", "app=db");
  world.tell(db, "ADDED", 5);
  world.tell(db, "DELETED", 6);
  auto named = world.open_watch("pods", "0", "", "", "metadata.name=c");
  world.tell(named, "ADDED", 4);
  world.bookmark(named, 6, true);
  auto elsewhere = world.open_watch("pods", "1", "other");
  world.bookmark(elsewhere, 6);
  world.advance(1min);
  world.rest();
  CHECK(world.found() == "");
}

TEST_CASE("selectors: a change that leaves is told as a change, or with the state after") {
  WatchWorld world;
  auto watch = world.open_watch("pods", "4", "", "app=web");
  world.tell(watch, "MODIFIED", 5);
  auto other = world.open_watch("pods", "4", "", "app=web");
  world.tell_left(other, 5, 5);
  auto stranger = world.open_watch("pods", "2", "", "app=db");
  world.tell(stranger, "ADDED", 4);
  CHECK(
      world.found() ==
      "watch-guarantees: the watch of pods by test (from 4) was told MODIFIED for revision 5 of pods/default/b, to it "
      "that is DELETED\n"
      "watch-guarantees: the watch of pods by test (from 4) was told revision 5 of pods/default/b with another "
      "content than was committed\n"
      "watch-guarantees: the watch of pods by test (from 2) was told ADDED of revision 4, which is not for it: a "
      "commit of pods/default/c\n");
}

TEST_CASE("what a stream can do wrong") {
  WatchWorld world;
  auto watch = world.open_watch("pods", "1");
  std::string expected;
  SUBCASE("an event is left out") {
    world.tell(watch, "ADDED", 4);
    expected = "was told of revision 4 and not of revision 2 of pods/default/b";
  }
  SUBCASE("one comes twice") {
    world.tell(watch, "ADDED", 2);
    world.tell(watch, "ADDED", 2);
    expected = "was told ADDED of revision 2 again, the last was 2";
  }
  SUBCASE("two are exchanged") {
    world.tell(watch, "ADDED", 2);
    world.tell(watch, "ADDED", 4);
    world.tell(watch, "DELETED", 6);
    expected = "was told of revision 6 and not of revision 5 of pods/default/b";
  }
  SUBCASE("an older one comes later") {
    world.tell(watch, "ADDED", 2);
    world.tell(watch, "ADDED", 4);
    world.tell(watch, "ADDED", 1);
    expected = "was told ADDED of revision 1 after revision 4";
  }
  SUBCASE("a bookmark claims what has not come") {
    world.tell(watch, "ADDED", 2);
    world.bookmark(watch, 4);
    expected = "got a bookmark of revision 4 in front of revision 4 of pods/default/c";
  }
  SUBCASE("a bookmark goes back") {
    world.tell(watch, "ADDED", 2);
    world.tell(watch, "ADDED", 4);
    world.bookmark(watch, 3);
    expected = "got a bookmark of revision 3 after 4";
  }
  SUBCASE("a bookmark claims the future") {
    world.bookmark(watch, 7);
    expected = "got a bookmark of revision 7, but 6 is the last that is durable";
  }
  SUBCASE("it comes below what a bookmark has claimed") {
    auto later = world.open_watch("pods", "1");
    world.tell(watch, "ADDED", 2);
    world.bookmark(watch, 3);
    world.tell(watch, "ADDED", 3);
    world.checkers.watch_ended(later, world.now);
    expected = "was told ADDED of revision 3 again, the last was 3";
  }
  SUBCASE("a commit that never was") {
    world.tell_text(watch, "ADDED", R"({"metadata":{"name":"x","namespace":"default","resourceVersion":"9"}})", 9);
    expected = "was told of revision 9 and not of revision 2 of pods/default/b";
  }
  SUBCASE("the wrong type") {
    world.tell(watch, "MODIFIED", 2);
    expected = "was told MODIFIED for revision 2 of pods/default/b, to it that is ADDED";
  }
  SUBCASE("other bytes") {
    auto text = world.text_at(2);
    text[text.find("Pending")] = 'p';
    world.tell_text(watch, "ADDED", text, 2);
    expected = "was told revision 2 of pods/default/b with another content than was committed";
  }
  SUBCASE("it falls silent") {
    world.tell(watch, "ADDED", 2);
    world.advance(31s);
    world.rest();
    expected = "was never told of revision 4 of pods/default/c";
  }
  CHECK(world.found() == kTitle + expected + "\n");
  auto count = world.checkers.count();
  world.tell(watch, "ADDED", 1);  // nothing more is said of a stream that is wrong
  CHECK(world.checkers.count() == count);
}

TEST_CASE("a commit that is not durable") {
  WatchWorld world;
  auto watch = world.open_watch("pods", "6");
  world.tell_text(watch, "ADDED", R"({"metadata":{"name":"x","namespace":"default","resourceVersion":"7"}})", 7);
  CHECK(world.found() ==
        "watch-guarantees: the watch of pods by test (from 6) was told ADDED of revision 7, which is not durable: of "
        "pods/default/x\n");
}

TEST_CASE("a watch resumed at what it was told last goes on there; after ERROR nothing is demanded") {
  WatchWorld world;
  auto watch = world.open_watch("pods", "1");
  world.tell(watch, "ADDED", 2);
  world.checkers.watch_ended(watch, world.now);
  auto resumed = world.open_watch("pods", "2");
  world.tell(resumed, "ADDED", 4);
  world.tell_text(resumed, "ERROR", R"({"kind":"Status","code":410})", 0);
  auto future = world.open_watch("pods", "9");
  world.bookmark(future, 9);
  for (const char* name : {"g", "h", "i", "j"}) world.put("pods", pod(name));  // 7 to 10
  world.tell(future, "ADDED", 10);
  world.advance(1min);
  world.rest();
  CHECK(world.found() == "");
}

TEST_CASE("a watch without a revision begins with what is there") {
  WatchWorld world;
  const std::string title = "watch-guarantees: the watch of pods by test (from the beginning) ";
  auto watch = world.open_watch("pods", "");
  std::string expected;
  SUBCASE("all of it, then the changes") {
    world.tell(watch, "ADDED", 1);
    world.tell(watch, "ADDED", 4);
    auto later = world.put("pods", pod("d"));
    world.bookmark(watch, 6, true);
    world.tell(watch, "ADDED", later);
  }
  SUBCASE("as of an earlier revision") {
    world.tell(watch, "ADDED", 1);
    world.tell(watch, "ADDED", 5);
    world.tell(watch, "ADDED", 4);
    world.bookmark(watch, 5, true);
    world.tell(watch, "DELETED", 6);
  }
  SUBCASE("one is missing") {
    world.tell(watch, "ADDED", 1);
    world.bookmark(watch, 6, true);
    expected = "begins as of revision 6 without pods/default/c, which stood at 4";
  }
  SUBCASE("one too many") {
    world.tell(watch, "ADDED", 1);
    world.tell(watch, "ADDED", 5);
    world.tell(watch, "ADDED", 4);
    world.bookmark(watch, 6, true);
    expected = "begins as of revision 6 with pods/default/b at 5, which is not there or not for it";
  }
  SUBCASE("an older state") {
    world.tell(watch, "ADDED", 1);
    world.tell(watch, "ADDED", 2);
    world.tell(watch, "ADDED", 4);
    world.bookmark(watch, 5, true);
    expected = "begins as of revision 5 with pods/default/b at 2, it stood at 5";
  }
  SUBCASE("one twice") {
    world.tell(watch, "ADDED", 1);
    world.tell(watch, "ADDED", 1);
    expected = "begins with pods/default/a twice";
  }
  SUBCASE("other bytes") {
    auto text = world.text_at(4);
    text[text.find("Pending")] = 'p';
    world.tell_text(watch, "ADDED", text, 4);
    expected = "begins with pods/default/c of another content than was committed at revision 4";
  }
  SUBCASE("as of the future") {
    world.bookmark(watch, 7, true);
    expected = "begins as of revision 7, but 6 is the last that is durable";
  }
  CHECK(world.found() == (expected.empty() ? "" : title + expected + "\n"));
}

TEST_CASE("a stream from before what is remembered is not blamed for what is forgotten") {
  CheckersWorld world;
  world.put("pods", pod("a"));
  auto late = world.open_watch("pods", "1");
  for (std::size_t i = 0; i < WatchLog::kKept + 10; ++i) world.put("pods", pod("a", "", i % 2 ? "" : "Pending"));
  world.tell(late, "MODIFIED", 5);  // 2, 3 and 4 are forgotten
  CHECK(world.found() == "");
  world.tell(late, "MODIFIED", 13);
  CHECK(world.found() == kTitle + "was told of revision 13 and not of revision 12 of pods/default/a\n");
}

}  // namespace
}  // namespace kubeloop::simulator
