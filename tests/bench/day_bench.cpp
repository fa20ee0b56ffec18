// A day of a large cluster in virtual time: idle nodes that renew their leases and report their status, and pods that
// are created over the day, live a while and are deleted. Prints what was done, how many steps of the loop that took,
// and how fast virtual time went. Not a test: it asserts that every pod ran and went, never how fast.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>

#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"
#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/sim_loop.hpp"
#include "simulator/story/flow_reader.hpp"

namespace {

using namespace kubeloop;
using namespace kubeloop::simulator;

struct Size {
  int nodes = 1000;
  int pods = 200;
  double hours = 1.0 / 12;
};

// Time for the nodes to register and the components to start; before the churn.
constexpr Duration kWarmUp = std::chrono::minutes(2);
constexpr Duration kLife = std::chrono::minutes(20);

struct Counts {
  int created = 0, running = 0, deleted = 0, failed = 0;
};

client::ClientIdentity driver_identity() {
  client::ClientIdentity identity;
  identity.actor = "day-bench";
  return identity;
}

std::string pod_object(const std::string& name) {
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":")" + name +
         R"(","labels":{"app":"churn"}},"spec":{"containers":[{"name":"c","image":"nginx:1.27",)"
         R"("resources":{"requests":{"cpu":"100m","memory":"64Mi"}}}]}})";
}

// Pods are created and deleted as a user would; what is deleted must have been Running.
class Churn {
 public:
  Churn(const Env& env, http::Transport& hub, Size size)
      : env_(env), client_(hub, driver_identity()), tasks_(env), size_(size) {}

  awaitable<void> run() {
    Duration day = std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::ratio<3600>>(size_.hours));
    Instant began = env_.clock.now();
    co_await sleep_for(env_, kWarmUp);
    Duration span = std::max<Duration>(day - kWarmUp, std::chrono::minutes(1));
    Duration life = std::min<Duration>(kLife, span / 3);
    tasks_.spawn("removals", remove_all(life));
    Duration pace = size_.pods > 0 ? (span - life - std::min<Duration>(span / 6, std::chrono::minutes(2))) / size_.pods
                                   : Duration::zero();
    for (int i = 0; i < size_.pods; ++i) {
      co_await create(i);
      co_await sleep_for(env_, pace);
    }
    co_await sleep_until(env_, began + day);
    is_done = true;
  }

  Counts counts;
  bool is_done = false;

 private:
  awaitable<void> create(int i) {
    std::string name = fmt::format("churn-{}", i);
    std::string body = pod_object(name);
    auto made = co_await client_.create(api::kPods, "default", std::move(body), client::Cause());
    if (!made) {
      ++counts.failed;
      co_return;
    }
    ++counts.created;
    births_.emplace_back(env_.clock.now(), std::move(name));
    born_.notify();
  }

  awaitable<void> remove_all(Duration life) {
    for (std::size_t next = 0;; ++next) {
      while (next >= births_.size()) co_await born_.wait();
      std::string name = births_[next].second;
      Instant due = births_[next].first + life;
      co_await sleep_until(env_, due);
      auto pod = co_await client_.get(api::kPods, "default", name, client::Cause());
      if (pod && pod->find(R"("phase":"Running")") != std::string::npos) ++counts.running;
      auto removed = co_await client_.remove(api::kPods, "default", name, "", client::Cause());
      if (removed) {
        ++counts.deleted;
      } else {
        ++counts.failed;
      }
    }
  }

  const Env& env_;
  client::ApiClient client_;
  TaskGroup tasks_;
  Size size_;
  std::vector<std::pair<Instant, std::string>> births_;
  Signal born_;
};

// What the hub has counted: requests answered, by "verb resource/subresource", and its last revision.
struct HubCounts {
  std::map<std::string, std::uint64_t> requests;
  std::uint64_t revision = 0;
};

std::string label(std::string_view line, std::string_view name) {
  std::string start = std::string(name) + "=\"";
  auto at = line.find(start);
  if (at == std::string_view::npos) return "";
  at += start.size();
  return std::string(line.substr(at, line.find('"', at) - at));
}

std::uint64_t last_number(std::string_view line) {
  std::uint64_t value = 0;
  auto at = line.rfind(' ') + 1;
  std::from_chars(line.data() + at, line.data() + line.size(), value);
  return value;
}

HubCounts read_counts(std::string_view text) {
  HubCounts counts;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.starts_with("kubeloop_hub_revision ")) counts.revision = last_number(line);
    if (!line.starts_with("apiserver_request_total{")) continue;
    std::string what = label(line, "verb") + " " + label(line, "resource");
    if (auto subresource = label(line, "subresource"); !subresource.empty()) what += "/" + subresource;
    what += " " + label(line, "code");
    counts.requests[what] += last_number(line);
  }
  return counts;
}

struct Day {
  Day(const Env& env, VirtualCluster& c, Size size)
      : cluster(c), flow(env, c.admin(), FlowInterest::kCommits), churn(env, c.admin(), size), tasks(env) {}
  VirtualCluster& cluster;
  FlowReader flow;
  Churn churn;
  TaskGroup tasks;
  HubCounts hub;
  int pods_left = 0;
  bool is_over = false;
};

awaitable<void> drive(const Env& env, Day& day) {
  auto started = co_await day.cluster.start();
  if (!started) {
    fmt::print(stderr, "{}\n", started.error().message);
    std::exit(1);
  }
  day.tasks.spawn("flow log", day.flow.run());
  co_await day.churn.run();
  client::ApiClient client(day.cluster.admin(), driver_identity());
  auto left = co_await client.list(api::kPods, client::ListOptions());
  if (left) {
    for (auto at = left->find("\"name\":\"churn-"); at != std::string::npos;
         at = left->find("\"name\":\"churn-", at + 1))
      ++day.pods_left;
  }
  co_await day.flow.catch_up();
  auto metrics = co_await client.raw("GET", "/metrics", "", "", client::Cause());
  if (metrics) day.hub = read_counts(*metrics);
  day.tasks.stop();
  co_await day.tasks.join();
  day.is_over = true;
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

int print(const Day& day, const Size& size, std::uint64_t steps, double took, const std::string& history) {
  std::uint64_t renewals = 0, statuses = 0, requests = 0;
  for (const auto& [what, n] : day.hub.requests) {
    requests += n;
    if (what == "PUT leases 200") renewals = n;
    if (what == "PATCH nodes/status 200") statuses = n;
  }
  const auto& pods = day.churn.counts;
  fmt::print("nodes {}, virtual hours {:.3f}\n", size.nodes, size.hours);
  fmt::print("lease renewals {}, node statuses {}, requests {}, commits {}\n", renewals, statuses, requests,
             day.hub.revision);
  fmt::print("pods created {}, running when deleted {}, deleted {}, failed {}, left {}\n", pods.created, pods.running,
             pods.deleted, pods.failed, day.pods_left);
  fmt::print("loop steps {}, log events {}\n", steps, day.flow.count());
  fmt::print("cpu {:.2f} s: {:.0f} steps/s, {:.0f} log events/s, {:.0f} times real time\n", took,
             static_cast<double>(steps) / took, static_cast<double>(day.flow.count()) / took, size.hours * 3600 / took);
  fmt::print("history {}\n", history);
  if (std::getenv("DAY_BENCH_REQUESTS")) {
    for (const auto& [what, n] : day.hub.requests) fmt::print("  {:>9} {}\n", n, what);
  }
  bool is_complete = pods.created == size.pods && pods.running == size.pods && pods.deleted == size.pods;
  if (!is_complete) fmt::print(stderr, "failed: not every pod was created, ran and was deleted\n");
  return is_complete ? 0 : 1;
}

}  // namespace

// day_bench [NODES [PODS [HOURS]]]
int main(int argc, char** argv) {
  Size size;
  if (argc > 1) size.nodes = std::atoi(argv[1]);
  if (argc > 2) size.pods = std::atoi(argv[2]);
  if (argc > 3) size.hours = std::atof(argv[3]);
  double began = cpu_seconds();
  SimLoop loop;
  NoFaults no_faults;
  Env env(loop.executor(), loop, Rng(1), Log(), no_faults);
  VirtualClusterOptions options;
  options.nodes = size.nodes;
  VirtualCluster cluster(loop, env.child("cluster"), options);
  Day day(env, cluster, size);
  TaskGroup driver(env);
  driver.spawn("day", drive(env, day));
  Instant horizon = Instant{} + std::chrono::hours(24 * 365);
  loop.run_until(horizon, [&] { return day.is_over || driver.live() == 0 || !cluster.defect().empty(); });
  double took = cpu_seconds() - began;
  if (!day.is_over) {
    fmt::print(stderr, "failed: {}\n", cluster.defect().empty() ? "the driver ended" : cluster.defect());
    return 1;
  }
  int code = print(day, size, loop.steps(), took, day.flow.history_hash());
  std::fflush(stdout);
  std::_Exit(code);  // taking a cluster of this size apart is not what is measured
}
