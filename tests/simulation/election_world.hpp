// One hub, and two candidates of a component with clocks that disagree, each behind a transport that can be cut and
// that looks at every write: whoever sends one must lead, and nobody else may. Something is always there to be done.
#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "apiserver/hub.hpp"
#include "apiserver/storage/memory_store.hpp"
#include "controller-manager/controller_manager.hpp"
#include "libs/api/views/core.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"
#include "scheduler/scheduler.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::simulator {

// A clock that is ahead of the loop's by so much.
class AheadClock final : public Clock {
 public:
  AheadClock(Clock& inner, Duration ahead) : inner_(inner), ahead_(ahead) {}
  Instant now() const override { return inner_.now() + ahead_; }
  WallTime wall() const override { return inner_.wall() - ahead_ * 3; }
  TimerId arm(Instant at, Task task) override { return inner_.arm(at - ahead_, std::move(task)); }
  bool disarm(TimerId id) override { return inner_.disarm(id); }
  // What a process sees that was frozen so long: its timers come late by that much.
  void jump(Duration by) { ahead_ += by; }

 private:
  Clock& inner_;
  Duration ahead_;
};

// Tells of every request before it is passed on.
class WatchedTransport final : public http::Transport {
 public:
  WatchedTransport(http::Transport& inner, std::function<void(const http::Request&)> on_send)
      : inner_(inner), on_send_(std::move(on_send)) {}
  awaitable<Result<http::Response>> send(http::Request request) override {
    on_send_(request);
    return inner_.send(std::move(request));
  }

 private:
  http::Transport& inner_;
  std::function<void(const http::Request&)> on_send_;
};

struct ElectionWorld {
  using json = nlohmann::json;
  enum class Kind { kScheduler, kControllerManager };

  // One life of one candidate.
  struct Life {
    Life(ElectionWorld& w, const std::string& name, Env own, Duration ahead)
        : clock(w.loop, ahead),
          env(own.executor, clock, own.rng, Log(), own.faults),
          direct(std::make_unique<http::DirectTransport>(own.child("transport"), w.handler(), admin_peer(), 1ms)),
          watched(*direct, [&w, name](const http::Request& request) { w.look_at(name, request); }),
          tasks(env) {}

    AheadClock clock;
    Env env;
    std::unique_ptr<http::DirectTransport> direct;
    WatchedTransport watched;
    TaskGroup tasks;
    std::unique_ptr<scheduler::Scheduler> scheduler;
    std::unique_ptr<controller_manager::ControllerManager> manager;
    std::string identity, end;

    bool is_leading() const { return scheduler ? scheduler->is_leading() : manager->is_leading(); }
    awaitable<void> run() {
      try {
        if (scheduler) co_await scheduler->run();
        if (manager) co_await manager->run();
      } catch (const std::runtime_error& e) {
        end = e.what();
      }
    }
    awaitable<void> stop() {
      if (scheduler) co_await scheduler->stop();
      if (manager) co_await manager->stop();
      tasks.stop();
    }
  };

  Kind kind;
  Rng rng;
  SimLoop loop;
  NoFaults faults;
  Env env;
  apiserver::MemoryStore store;
  apiserver::Hub hub;
  http::DirectTransport direct;
  client::ApiClient admin;
  TaskGroup tasks;
  std::map<std::string, std::unique_ptr<Life>> lives;
  std::vector<std::unique_ptr<http::DirectTransport>> dead_transports;
  std::map<std::string, int> counts;
  std::set<std::string> identities;
  std::string history, violation, defect;
  int deeds = 0;  // writes that only a leader may send

  ElectionWorld(Kind k, std::uint64_t seed)
      : kind(k),
        rng(Rng(seed).fork("world")),
        loop(seed),
        env(loop.executor(), loop, Rng(seed), Log(), faults),
        store(env.child("store")),
        hub(env.child("hub"), store, hub_options()),
        direct(env.child("transport"), handler(), admin_peer(), 100us),
        admin(direct, client::ClientIdentity()),
        tasks(env) {
    tasks.spawn("hub", start_hub());
    loop.run_until(loop.now() + 1s);
    if (kind == Kind::kScheduler) make_room_for_pods();
    tasks.spawn("feed", feed());
  }

  ~ElectionWorld() {
    while (!lives.empty()) kill(lives.begin()->first);
    tasks.stop();
    TaskGroup last(env);
    last.spawn("hub", hub.stop());
    run_for(1s);
  }

  static apiserver::HubOptions hub_options() {
    apiserver::HubOptions options;
    options.is_insecure = true;
    options.store_name = "memory";
    return options;
  }
  static http::Peer admin_peer() {
    http::Peer peer;
    peer.common_name = "kubernetes-admin";
    peer.organizations = {"system:masters"};
    return peer;
  }
  http::Handler handler() {
    return [this](http::Request request) { return hub.handle(std::move(request)); };
  }
  awaitable<void> start_hub() {
    auto started = co_await hub.start();
    if (!started) defect = started.error().message;
  }

  // A request of the test's own, to its end.
  Result<std::string> ask(awaitable<Result<std::string>> call) {
    auto result = std::make_shared<std::optional<Result<std::string>>>();
    tasks.spawn("call", keep(std::move(call), result));
    loop.run_until(loop.now() + 5s, [&] { return result->has_value(); });
    REQUIRE(result->has_value());
    return **result;
  }
  static awaitable<void> keep(awaitable<Result<std::string>> call,
                              std::shared_ptr<std::optional<Result<std::string>>> out) {
    auto result = co_await std::move(call);
    *out = std::move(result);
  }
  void must(awaitable<Result<std::string>> call) {
    auto result = ask(std::move(call));
    if (!result) defect += result.error().message + "; ";
  }

  void make_room_for_pods() {
    client::Cause cause;
    std::string node = R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"node-1"}})";
    must(admin.create(api::kNodes, "", node, cause));
    std::string room = R"({"status":{"allocatable":{"cpu":"1000","memory":"1000Gi","pods":"10000"}}})";
    must(admin.patch(api::kNodes, "", "node-1", client::PatchType::kMerge, room, cause, "status"));
    std::string account = R"({"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}})";
    must(admin.create(api::kServiceAccounts, "default", account, cause));
  }

  // Twice a second a pod that wants a node, or a namespace that wants its service account.
  awaitable<void> feed() {
    for (int i = 1;; ++i) {
      client::Cause cause;
      Result<std::string> made;
      if (kind == Kind::kScheduler) {
        std::string pod = fmt::format(
            R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p{}"}},"spec":{{"containers":[{{"name":"c",)"
            R"("image":"nginx"}}],"tolerations":[{{"operator":"Exists"}}]}}}})",
            i);
        made = co_await admin.create(api::kPods, "default", pod, cause);
      } else {
        std::string space = fmt::format(R"({{"apiVersion":"v1","kind":"Namespace","metadata":{{"name":"n{}"}}}})", i);
        made = co_await admin.create(api::kNamespaces, "", space, cause);
      }
      if (!made) defect += made.error().message + "; ";
      co_await sleep_for(env, 500ms);
    }
  }

  // Nothing but the election itself, the events and the flow log may be written by one that does not lead.
  void look_at(const std::string& name, const http::Request& request) {
    std::string_view target = request.target;
    bool is_free = request.method == "GET" || target.find("/leases") != target.npos ||
                   target.find("/events") != target.npos || target.starts_with("/kubeloop/");
    history += fmt::format("{} {} {} {}\n", loop.now().time_since_epoch().count(), name, request.method, target);
    check_leaders();
    if (is_free) return;
    ++deeds;
    if (leader() != name) violation += fmt::format("{} sent {} and does not lead; ", name, target);
  }
  void check_leaders() {
    int leaders = 0;
    for (const auto& [name, life] : lives) leaders += life->is_leading() ? 1 : 0;
    if (leaders > 1) violation += fmt::format("{} lead at {}; ", leaders, loop.now().time_since_epoch().count());
  }

  void start(const std::string& name) {
    Env own = env.child(fmt::format("{}{}", name, ++counts[name]));
    lives.erase(name);
    auto life = std::make_unique<Life>(*this, name, own.child("life"), name == "a" ? Duration(1h) : Duration(7s));
    life->identity = client::make_identity(name, own.rng.fork("identity"));
    identities.insert(life->identity);
    if (kind == Kind::kScheduler) {
      scheduler::SchedulerOptions options;
      options.election = scheduler::default_election();
      options.election->identity = life->identity;
      life->scheduler =
          std::make_unique<scheduler::Scheduler>(life->env.child("scheduler"), life->watched, std::move(options));
    } else {
      controller_manager::Options options;
      options.election = controller_manager::default_election();
      options.election->identity = life->identity;
      life->manager = std::make_unique<controller_manager::ControllerManager>(life->env.child("manager"), life->watched,
                                                                              std::move(options));
    }
    life->tasks.spawn(name, life->run());
    lives[name] = std::move(life);
  }
  // A clean stop, and the process is gone.
  void stop(const std::string& name) {
    auto& life = *lives.at(name);
    TaskGroup stopping(env);
    stopping.spawn("stop", life.stop());
    loop.run_until(loop.now() + 10s, [&] { return stopping.live() == 0 && life.tasks.live() == 0; });
    CHECK(life.tasks.live() == 0);
    dead_transports.push_back(std::move(life.direct));
    lives.erase(name);
  }
  void kill(const std::string& name) {
    cut(name);
    stop(name);
  }
  void cut(const std::string& name) { lives.at(name)->direct->cut(); }
  void restore(const std::string& name) { lives.at(name)->direct->restore(); }
  void freeze(const std::string& name, Duration by) { lives.at(name)->clock.jump(by); }

  // Who leads by its own clock; "" for nobody.
  std::string leader() const {
    for (const auto& [name, life] : lives) {
      if (life->is_leading()) return name;
    }
    return "";
  }
  static std::string other(const std::string& name) { return name == "a" ? "b" : "a"; }
  const std::string& identity(const std::string& name) const { return lives.at(name)->identity; }
  const std::string& end_of(const std::string& name) const { return lives.at(name)->end; }

  std::string lease_name() const { return kind == Kind::kScheduler ? "kube-scheduler" : "kube-controller-manager"; }
  json lease() {
    auto text = ask(admin.get(api::kLeases, "kube-system", lease_name(), client::Cause()));
    if (!text) return json::object();
    return json::parse(*text);
  }
  void edit_lease(std::string patch) {
    must(admin.patch(api::kLeases, "kube-system", lease_name(), client::PatchType::kMerge, patch, client::Cause()));
  }
  void delete_lease() { must(admin.remove(api::kLeases, "kube-system", lease_name(), "", client::Cause())); }
  // The messages of the events about the lease.
  std::set<std::string> election_events() {
    client::ListOptions list;
    list.namespace_ = "kube-system";
    std::set<std::string> messages;
    auto text = ask(admin.list(api::kEvents, list));
    if (!text) return messages;
    for (const auto& event : json::parse(*text)["items"]) {
      if (event["reason"] == "LeaderElection" && event["involvedObject"]["name"] == lease_name()) {
        messages.insert(event["message"]);
      }
    }
    return messages;
  }

  void run_for(Duration duration) { loop.run_until(loop.now() + duration); }
  bool run_until(Duration limit, const std::function<bool()>& is_so) {
    return loop.run_until(loop.now() + limit, is_so);
  }
};

}  // namespace kubeloop::simulator
