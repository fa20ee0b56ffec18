// A hub over stores that misbehave or are shared: a disk that takes no writes, and a second hub beside it.
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";

// A store whose disk can fail.
class FailingStore final : public Store {
 public:
  explicit FailingStore(Store& inner) : inner_(inner) {}
  awaitable<Result<Revision>> commit(Write write) override {
    if (!error.empty()) co_return failure(500, "InternalError", "Internal error occurred: " + error);
    co_return co_await inner_.commit(std::move(write));
  }
  awaitable<Result<Base>> base() override { return inner_.base(); }
  awaitable<Result<std::vector<Change>>> changes_after(Revision revision, std::size_t limit) override {
    return inner_.changes_after(revision, limit);
  }
  awaitable<Result<Change>> change_at(Revision revision) override { return inner_.change_at(revision); }
  awaitable<Result<void>> compact(Revision revision) override { return inner_.compact(revision); }
  Revision current() const override { return inner_.current(); }
  Revision compacted() const override { return inner_.compacted(); }
  std::string write_error() const override { return error; }

  std::string error;

 private:
  Store& inner_;
};

// Another hub on the loop of a fixture.
struct OtherHub {
  OtherHub(HubFixture& f, Store& store) : fixture(f), hub(f.env.child("other"), store, HubOptions()) {
    std::optional<Result<void>> started;
    TaskGroup tasks(fixture.env);
    tasks.spawn("start", HubFixture::keep(hub.start(), started));
    fixture.run_for(std::chrono::seconds(1));
    REQUIRE(started.has_value());
    REQUIRE(started->has_value());
  }
  Answer request(const std::string& method, const std::string& target, const std::string& body = "") {
    std::optional<http::Response> response;
    TaskGroup tasks(fixture.env);
    auto sent = hub.handle(fixture.make_request(method, target, body, HubFixture::no_headers()));
    tasks.spawn("request", HubFixture::keep(std::move(sent), response));
    fixture.loop.run_until(fixture.loop.now() + std::chrono::seconds(5), [&] { return response.has_value(); });
    REQUIRE(response.has_value());
    Answer answer;
    answer.code = response->code;
    answer.body = response->text();
    return answer;
  }
  HubFixture& fixture;
  Hub hub;
};

TEST_CASE("a disk that takes no writes: 500 for writers, readers go on, readyz says why") {
  HubFixture fixture;
  FailingStore store(fixture.store);
  OtherHub hub(fixture, store);
  CHECK(hub.request("POST", kMaps, HubFixture::config_map("a").dump()).code == 201);
  store.error = "disk full";
  auto refused = hub.request("POST", kMaps, HubFixture::config_map("b").dump());
  CHECK(refused.code == 500);
  CHECK(refused.json()["reason"] == "InternalError");
  CHECK(hub.request("GET", kMaps).json()["items"].size() == 1);
  CHECK(hub.request("GET", "/livez").code == 200);
  auto ready = hub.request("GET", "/readyz");
  CHECK(ready.code == 500);
  CHECK(ready.body.find("[-]etcd failed: the store takes no writes: disk full\n") != std::string::npos);
}

TEST_CASE("two hubs over one store see each other's writes and never lose one") {
  HubFixture fixture;
  OtherHub other(fixture, fixture.store);
  auto stream = fixture.watch(kMaps + "?watch=true");
  CHECK(other.request("POST", kMaps, HubFixture::config_map("a").dump()).code == 201);
  CHECK(fixture.get(kMaps + "/a").code == 200);
  CHECK(fixture.events(stream).size() == 1);
  // Both patch the same object at the same time; whoever is late reads again.
  constexpr std::size_t kPatches = 20;
  std::vector<std::optional<http::Response>> answers(kPatches);
  TaskGroup writers(fixture.env);
  HeaderList type;
  type.emplace_back("Content-Type", "application/merge-patch+json");
  for (std::size_t i = 0; i < kPatches; ++i) {
    auto body = R"({"data":{"k)" + std::to_string(i) + R"(":"v"}})";
    auto& hub = i % 2 == 0 ? *fixture.hub : other.hub;
    auto sent = hub.handle(fixture.make_request("PATCH", kMaps + "/a", body, type));
    writers.spawn("patch", HubFixture::keep(std::move(sent), answers[i]));
  }
  fixture.run_for(std::chrono::seconds(5));
  for (const auto& answer : answers) {
    REQUIRE(answer.has_value());
    CHECK(answer->code == 200);
  }
  CHECK(fixture.get(kMaps + "/a").json()["data"].size() == kPatches + 1);
  CHECK(other.request("GET", kMaps + "/a").body == fixture.get(kMaps + "/a").body);
  CHECK(fixture.events(stream).size() == kPatches);
}

}  // namespace
}  // namespace kubeloop::apiserver
