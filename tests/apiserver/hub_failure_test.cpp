// A hub one of whose background tasks has met with an exception is worth nothing, and says so.
#include <doctest/doctest.h>

#include <stdexcept>

#include "apiserver/hub.hpp"
#include "apiserver/storage/memory_store.hpp"
#include "libs/base/task_group.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::apiserver {
namespace {

// A store whose changes can be made to fail in a way that no store should.
class BrokenStore final : public Store {
 public:
  explicit BrokenStore(Store& inner) : inner_(inner) {}
  bool is_broken = false;

  awaitable<Result<Revision>> commit(Write write) override { return inner_.commit(std::move(write)); }
  awaitable<Result<Base>> base() override { return inner_.base(); }
  awaitable<Result<std::vector<Change>>> changes_after(Revision revision, std::size_t limit) override {
    auto changes = co_await inner_.changes_after(revision, limit);
    if (is_broken) throw std::runtime_error("the disk is made of cheese");
    co_return changes;
  }
  awaitable<Result<Change>> change_at(Revision revision) override { return inner_.change_at(revision); }
  awaitable<Result<void>> compact(Revision revision) override { return inner_.compact(revision); }
  Revision current() const override { return inner_.current(); }
  Revision compacted() const override { return inner_.compacted(); }
  std::string write_error() const override { return inner_.write_error(); }

 private:
  Store& inner_;
};

awaitable<void> start(Hub* hub) {
  auto started = co_await hub->start();
  CHECK(started.has_value());
}

awaitable<void> watch(Hub* hub, std::string* end) {
  try {
    co_await hub->until_stopped();
    *end = "stopped";
  } catch (const std::exception& e) {
    *end = e.what();
  }
}

awaitable<void> ask(Hub* hub, http::Request request, int* code) {
  auto response = co_await hub->handle(std::move(request));
  *code = response.code;
}

TEST_CASE("hub: an exception in a background task ends it; a stop is no failure") {
  for (bool is_broken : {false, true}) {
    simulator::SimLoop loop;
    NoFaults faults;
    Env env(loop.executor(), loop, Rng(1), Log(), faults);
    MemoryStore memory(env);
    BrokenStore store(memory);
    HubOptions options;
    options.is_insecure = true;
    Hub hub(env.child("hub"), store, options);
    TaskGroup tasks(env);
    std::string end;
    tasks.spawn("watch", watch(&hub, &end));
    tasks.spawn("start", start(&hub));
    loop.run_until(Instant(1s));
    CHECK(end == "");
    store.is_broken = is_broken;
    http::Request request("POST", "/api/v1/namespaces");
    request.headers.add("Content-Type", "application/json");
    request.body = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team"}})";
    int code = 0;
    tasks.spawn("ask", ask(&hub, std::move(request), &code));
    loop.run_until(Instant(2s));
    CHECK(end == (is_broken ? "task changes failed: the disk is made of cheese" : ""));
    if (!is_broken) CHECK(code == 201);
    tasks.spawn("stop", hub.stop());
    loop.run_until(Instant(3s));
    if (!is_broken) CHECK(end == "stopped");
    CHECK(tasks.live() == 0);
  }
}

}  // namespace
}  // namespace kubeloop::apiserver
