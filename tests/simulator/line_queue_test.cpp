// Lines of a watch under faults: late, left out or in another order, and yet the objects become what they are.
#include "simulator/faults/line_queue.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

namespace kubeloop::simulator {
namespace {

constexpr std::uint64_t kStreams = 1000;

Instant at(Duration since) {
  return Instant{} + since;
}

ActiveFaults with(FaultKind kind, Duration amount, std::uint64_t count = 0, const std::string& resource = "") {
  Fault fault;
  fault.kind = kind;
  fault.target = "scheduler";
  fault.amount = amount;
  fault.count = count;
  fault.resource = resource;
  return {{1, fault}};
}

std::string line(const std::string& type, const std::string& name, int revision) {
  return fmt::format(R"({{"type":"{}","object":{{"metadata":{{"namespace":"default","name":"{}",)"
                     R"("resourceVersion":"{}"}}}}}})",
                     type, name, revision);
}

// As a hub sends them: each object is added, modified and deleted in turns, with bookmarks in between.
std::vector<std::string> random_stream(Rng& rng) {
  std::vector<std::string> lines;
  std::map<std::string, bool> is_there;
  for (int revision = 1; revision <= 60; ++revision) {
    if (rng.below(12) == 0) {
      lines.push_back(
          fmt::format(R"({{"type":"BOOKMARK","object":{{"metadata":{{"resourceVersion":"{}"}}}}}})", revision));
      continue;
    }
    std::string name(1, static_cast<char>('a' + rng.below(4)));
    bool& there = is_there[name];
    bool goes = there && rng.below(4) == 0;
    lines.push_back(line(!there ? "ADDED" : goes ? "DELETED" : "MODIFIED", name, revision));
    there = !goes;
  }
  return lines;
}

struct Told {
  std::vector<std::string> lines;
  std::map<std::string, std::string> objects;                 // name -> revision, in the end
  std::map<std::string, std::vector<std::string>> by_object;  // the lines of each
  std::vector<std::string> structure;                         // all but MODIFIED, as they were told
};

Told replay(const std::vector<std::string>& lines) {
  Told told;
  told.lines = lines;
  for (const auto& text : lines) {
    auto json = nlohmann::json::parse(text);
    std::string type = json["type"], name = json["object"]["metadata"].value("name", "");
    if (type != "BOOKMARK") told.by_object[name].push_back(text);
    if (type == "DELETED") told.objects.erase(name);
    if (type == "ADDED" || type == "MODIFIED") told.objects[name] = json["object"]["metadata"]["resourceVersion"];
    if (type != "MODIFIED") told.structure.push_back(text);
  }
  return told;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one);) lines.push_back(one);
  return lines;
}

// Pushes the stream, a line or a few at a time, and takes whatever is due.
std::vector<std::string> pass(const std::vector<std::string>& stream, const ActiveFaults& faults, Rng& rng) {
  LineQueue queue;
  std::vector<std::string> told;
  Duration now{};
  auto take = [&] {
    for (auto& text : split(queue.take(at(now), faults, "pods"))) told.push_back(std::move(text));
  };
  for (const auto& text : stream) {
    queue.push(text, at(now), faults, "pods", rng);
    if (rng.below(3) == 0) now += std::chrono::milliseconds(static_cast<std::int64_t>(rng.below(900)));
    if (rng.below(2) == 0) take();
  }
  while (auto due = queue.next_due()) {
    now = *due - Instant{};
    take();
  }
  CHECK(queue.is_empty());
  return told;
}

// The sequence of bookmarks, and what stands before each of them.
std::vector<std::size_t> places_of_bookmarks(const std::vector<std::string>& lines) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find("BOOKMARK") != std::string::npos) places.push_back(i);
  }
  return places;
}

TEST_CASE("late and stale lines are the same lines in the same order") {
  for (std::uint64_t seed = 1; seed <= kStreams; ++seed) {
    Rng rng(seed);
    auto stream = random_stream(rng);
    CHECK_MESSAGE(pass(stream, with(FaultKind::kWatchDelay, 2s), rng) == stream, seed);
    CHECK_MESSAGE(pass(stream, with(FaultKind::kWatchStale, 2s, 5), rng) == stream, seed);
    CHECK_MESSAGE(pass(stream, {}, rng) == stream, seed);
  }
}

TEST_CASE("what is left out was replaced: the last states, what is added and what goes are all told") {
  std::size_t left_out = 0;
  for (std::uint64_t seed = 1; seed <= kStreams; ++seed) {
    Rng rng(seed);
    auto stream = random_stream(rng);
    auto before = replay(stream), after = replay(pass(stream, with(FaultKind::kWatchSkip, 2s), rng));
    CHECK_MESSAGE(after.objects == before.objects, seed);
    CHECK_MESSAGE(after.structure == before.structure, seed);
    left_out += before.lines.size() - after.lines.size();
  }
  CHECK(left_out > kStreams);
}

TEST_CASE("lines of one object keep their order, and nothing passes a bookmark") {
  std::size_t moved = 0;
  for (std::uint64_t seed = 1; seed <= kStreams; ++seed) {
    Rng rng(seed);
    auto stream = random_stream(rng);
    auto before = replay(stream), after = replay(pass(stream, with(FaultKind::kWatchReorder, 2s), rng));
    CHECK_MESSAGE(after.objects == before.objects, seed);
    CHECK_MESSAGE(after.by_object == before.by_object, seed);
    CHECK_MESSAGE(places_of_bookmarks(after.lines) == places_of_bookmarks(before.lines), seed);
    if (after.lines != before.lines) ++moved;
  }
  CHECK(moved > kStreams / 2);
}

TEST_CASE("all of them together lose nothing either") {
  for (std::uint64_t seed = 1; seed <= kStreams; ++seed) {
    Rng rng(seed);
    auto stream = random_stream(rng);
    ActiveFaults faults;
    std::uint64_t id = 0;
    for (auto kind :
         {FaultKind::kWatchDelay, FaultKind::kWatchStale, FaultKind::kWatchSkip, FaultKind::kWatchReorder}) {
      faults[++id] = with(kind, 1s, 3).at(1);
    }
    CHECK_MESSAGE(replay(pass(stream, faults, rng)).objects == replay(stream).objects, seed);
  }
}

TEST_CASE("a stale watch is some lines behind, and no longer than it may be") {
  LineQueue queue;
  Rng rng(1);
  auto faults = with(FaultKind::kWatchStale, 10s, 2);
  for (int i = 1; i <= 3; ++i) queue.push(line("ADDED", "a", i), at(0s), faults, "pods", rng);
  CHECK(queue.take(at(0s), faults, "pods") == line("ADDED", "a", 1) + "\n");
  CHECK(queue.next_due() == at(10s));
  CHECK(queue.take(at(9s), faults, "pods") == "");
  CHECK(split(queue.take(at(10s), faults, "pods")).size() == 2);
  CHECK_FALSE(queue.next_due());
}

TEST_CASE("other resources are not concerned, and an end tells what is held") {
  LineQueue queue;
  Rng rng(1);
  auto faults = with(FaultKind::kWatchSkip, 10s, 0, "pods");
  queue.push(line("ADDED", "a", 1), at(0s), faults, "nodes", rng);
  CHECK(queue.take(at(0s), faults, "nodes") == line("ADDED", "a", 1) + "\n");
  queue.push(line("ADDED", "a", 1), at(0s), faults, "pods", rng);
  queue.push("no JSON", at(0s), faults, "pods", rng);
  CHECK(queue.take(at(0s), faults, "pods") == "");
  CHECK(queue.size() == 2);
  CHECK(queue.take_all() == line("ADDED", "a", 1) + "\nno JSON\n");
  CHECK(queue.is_empty());
}

}  // namespace
}  // namespace kubeloop::simulator
