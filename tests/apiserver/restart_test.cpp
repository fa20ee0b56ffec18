// Random requests with kills and restarts of the hub, by seed: what was answered is there, what a watch tells is
// ordered, unique and complete, and the same seed gives the same history.
#include <algorithm>
#include <map>
#include <set>

#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";

// What a client knows of the cluster from answers alone.
struct Model {
  std::map<std::string, std::string> data;  // by name
  std::uint64_t highest = 0;                // revision that was answered
  std::uint64_t writes = 0;
};

void note_revision(Model& model, const Json& object) {
  auto revision = std::stoull(object["metadata"]["resourceVersion"].get<std::string>());
  CHECK(revision >= model.highest);
  model.highest = std::max<std::uint64_t>(model.highest, revision);
}

void one_request(HubFixture& hub, Model& model, Rng& rng) {
  std::string name = "m" + std::to_string(rng.below(12));
  std::string value = std::to_string(rng.below(1000));
  bool exists = model.data.contains(name);
  switch (rng.below(4)) {
    case 0: {
      auto object = HubFixture::config_map(name);
      object["data"]["a"] = value;
      auto made = hub.post(kMaps, object);
      CHECK(made.code == (exists ? 409 : 201));
      if (!exists) {
        model.data[name] = value;
        note_revision(model, made.json());
        ++model.writes;
      }
      break;
    }
    case 1: {
      Json patch;
      patch["data"]["a"] = value;
      auto patched = hub.patch(kMaps + "/" + name, patch, "merge-patch");
      CHECK(patched.code == (exists ? 200 : 404));
      if (exists) {
        if (model.data[name] != value) note_revision(model, patched.json());
        if (model.data[name] != value) ++model.writes;
        model.data[name] = value;
      }
      break;
    }
    case 2: {
      auto removed = hub.remove(kMaps + "/" + name);
      CHECK(removed.code == (exists ? 200 : 404));
      model.writes += model.data.erase(name);
      break;
    }
    default: {
      auto read = hub.get(kMaps + "/" + name);
      CHECK(read.code == (exists ? 200 : 404));
      if (exists) CHECK(read.json()["data"]["a"] == model.data[name]);
    }
  }
}

std::map<std::string, std::string> listed(HubFixture& hub) {
  std::map<std::string, std::string> out;
  for (const auto& item : hub.get(kMaps).json()["items"]) {
    out[item["metadata"]["name"].get<std::string>()] = item["data"]["a"].get<std::string>();
  }
  return out;
}

// A client that keeps a copy by watching, going on from its last revision after every break.
struct Copy {
  std::map<std::string, std::string> data;
  std::uint64_t revision = 0;
  std::set<std::uint64_t> seen;

  void take(const std::vector<Json>& events) {
    for (const auto& event : events) {
      const auto& object = event["object"];
      auto at = std::stoull(object["metadata"]["resourceVersion"].get<std::string>());
      REQUIRE(event["type"] != "ERROR");
      CHECK(at > revision);
      CHECK(seen.insert(at).second);
      revision = at;
      auto name = object["metadata"]["name"].get<std::string>();
      bool is_known = data.contains(name);
      if (event["type"] == "DELETED") {
        CHECK(is_known);
        data.erase(name);
      } else {
        CHECK(is_known == (event["type"] == "MODIFIED"));
        data[name] = object["data"]["a"].get<std::string>();
      }
    }
  }
};

std::string run_history(std::uint64_t seed, std::optional<std::uint64_t> shuffle) {
  HubFixture hub(seed, HubFixture::default_options(), shuffle);
  Rng rng = Rng(seed).fork("requests");
  Model model;
  Copy copy;
  copy.revision = std::stoull(hub.get(kMaps).json()["metadata"]["resourceVersion"].get<std::string>());
  auto follow = [&] { return hub.watch(kMaps + "?watch=true&resourceVersion=" + std::to_string(copy.revision)); };
  auto stream = follow();
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 20; ++i) one_request(hub, model, rng);
    if (rng.below(2) == 0) copy.take(hub.events(stream));
    stream.reader.reset();
    if (rng.below(2) == 0) {
      hub.kill();
    } else {
      hub.stop();
    }
    hub.run_for(std::chrono::milliseconds(rng.below(2000)));
    hub.start();
    CHECK(listed(hub) == model.data);
    stream = follow();
  }
  copy.take(hub.events(stream));
  CHECK(copy.data == model.data);
  CHECK(copy.seen.size() == model.writes);
  return hub.get(kMaps).body;
}

TEST_CASE("twenty seeds, each twice and once shuffled") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    auto first = run_history(seed, std::nullopt);
    CHECK(run_history(seed, std::nullopt) == first);
    run_history(seed, seed);
  }
}

TEST_CASE("no uid is given out twice, in no life of the hub") {
  HubFixture hub;
  std::set<std::string> uids;
  auto add = [&](const Json& object) { CHECK(uids.insert(object["metadata"]["uid"].get<std::string>()).second); };
  auto namespaces = hub.get("/api/v1/namespaces").json();
  for (const auto& item : namespaces["items"]) add(item);
  for (int life = 0; life < 4; ++life) {
    for (int i = 0; i < 6; ++i) {
      auto made = hub.post(kMaps, Json::parse(R"({"metadata":{"generateName":"g-"}})"));
      REQUIRE(made.code == 201);
      add(made.json());
    }
    hub.stop();
    hub.start();
  }
}

TEST_CASE("killed in the middle of writes: what was answered is there, what is there is whole") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    HubFixture hub(seed, HubFixture::default_options(), seed % 2 == 0 ? std::optional(seed) : std::nullopt);
    Rng rng = Rng(seed).fork("kills");
    std::set<std::string> answered;
    std::uint64_t highest = 0;
    for (int round = 0; round < 8; ++round) {
      constexpr std::size_t kWriters = 8;
      std::vector<std::optional<http::Response>> answers(kWriters);
      TaskGroup writers(hub.env);
      for (std::size_t i = 0; i < kWriters; ++i) {
        auto body = HubFixture::config_map("r" + std::to_string(round) + "-" + std::to_string(i)).dump();
        auto sent = hub.hub->handle(hub.make_request("POST", kMaps, body, HubFixture::no_headers()));
        writers.spawn("write", HubFixture::keep(std::move(sent), answers[i]));
      }
      hub.run_for(std::chrono::microseconds(rng.below(700)));
      for (const auto& answer : answers) {
        if (!answer) continue;
        CHECK(answer->code == 201);
        auto object = Json::parse(answer->text());
        answered.insert(object["metadata"]["name"].get<std::string>());
        highest =
            std::max<std::uint64_t>(highest, std::stoull(object["metadata"]["resourceVersion"].get<std::string>()));
      }
      hub.kill();
      hub.run_for(std::chrono::milliseconds(rng.below(3)));
      hub.start();
      auto list = hub.get(kMaps).json();
      CHECK(std::stoull(list["metadata"]["resourceVersion"].get<std::string>()) >= highest);
      std::set<std::string> there;
      for (const auto& item : list["items"]) {
        CHECK(item["data"]["a"] == "1");
        there.insert(item["metadata"]["name"].get<std::string>());
      }
      CHECK(std::ranges::includes(there, answered));
      hub.run_for(std::chrono::seconds(1));  // what was under way ends, unheard
    }
  }
}

TEST_CASE("many writers of few objects at the same time: watches and lists tell the same") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    HubFixture hub(seed, HubFixture::default_options(), seed);
    Rng rng = Rng(seed).fork("writers");
    Copy copy;
    copy.revision = std::stoull(hub.get(kMaps).json()["metadata"]["resourceVersion"].get<std::string>());
    auto stream = hub.watch(kMaps + "?watch=true&resourceVersion=" + std::to_string(copy.revision));
    HeaderList type;
    type.emplace_back("Content-Type", "application/merge-patch+json");
    std::vector<std::optional<http::Response>> answers(150);
    TaskGroup writers(hub.env);
    for (auto& answer : answers) {
      auto name = "m" + std::to_string(rng.below(4));
      auto value = std::to_string(rng.below(1000));
      auto object = HubFixture::config_map(name);
      object["data"]["a"] = value;
      auto what = rng.below(4);
      auto request = what < 2 ? hub.make_request("POST", kMaps, object.dump(), HubFixture::no_headers())
                     : what < 3
                         ? hub.make_request("PATCH", kMaps + "/" + name, R"({"data":{"a":")" + value + R"("}})", type)
                         : hub.make_request("DELETE", kMaps + "/" + name, "", HubFixture::no_headers());
      auto sent = hub.hub->handle(std::move(request));
      writers.spawn("write", HubFixture::keep(std::move(sent), answer));
      if (rng.below(5) == 0) hub.run_for(std::chrono::microseconds(rng.below(300)));
    }
    hub.run_for(std::chrono::seconds(5));
    for (const auto& answer : answers) {
      REQUIRE(answer.has_value());
      CHECK((answer->code == 200 || answer->code == 201 || answer->code == 404 || answer->code == 409));
    }
    copy.take(hub.events(stream));
    CHECK(copy.data == listed(hub));
  }
}

TEST_CASE("a killed hub writes nothing more") {
  HubFixture hub;
  std::optional<http::Response> answer;
  TaskGroup tasks(hub.env);
  auto sent =
      hub.hub->handle(hub.make_request("POST", kMaps, HubFixture::config_map("late").dump(), HubFixture::no_headers()));
  hub.kill();
  tasks.spawn("late", HubFixture::keep(std::move(sent), answer));
  hub.run_for(std::chrono::seconds(1));
  REQUIRE(answer.has_value());
  CHECK(answer->code == 503);
  hub.start();
  CHECK(hub.get(kMaps + "/late").code == 404);
}

}  // namespace
}  // namespace kubeloop::apiserver
