// Leader election by real processes: two schedulers over one hub, with short timings; how each way of going ends.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/e2e/cluster_fixture.hpp"

namespace kubeloop::tests {
namespace {

// A hub that asks nobody who they are, and the credential file that leads to it.
class LoneHub {
 public:
  LoneHub() : process_({program("apiserver"), "--insecure", "--store=memory", "--secure-port=0"}) {
    REQUIRE_MESSAGE(process_.wait_for_output("ready port=[0-9]+"), process_.output());
    std::smatch found;
    std::string text = process_.output();
    std::regex_search(text, found, std::regex("ready port=([0-9]+)"));
    url_ = "http://127.0.0.1:" + found[1].str();
    write_text(config(),
               "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
               "clusters: [{name: c, cluster: {server: \"" +
                   url_ +
                   "\"}}]\n"
                   "contexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n");
  }
  std::string config() const { return folder_.path() + "/config"; }
  nlohmann::json get(const std::string& path) const {
    return nlohmann::json::parse(run_command({"curl", "-s", url_ + path}).out, nullptr, false);
  }
  nlohmann::json lease(const std::string& name) const {
    return get("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/" + name)["spec"];
  }
  void post(const std::string& path, const std::string& body) const {
    run_command({"curl", "-s", "-H", "Content-Type: application/json", "-d", body, url_ + path});
  }
  void kill() { process_.kill(SIGKILL); }

 private:
  TemporaryFolder folder_;
  RunningCommand process_;
  std::string url_;
};

std::vector<std::string> component(const std::string& name, const LoneHub& hub) {
  return {program(name),
          "--kubeconfig=" + hub.config(),
          "--secure-port=0",
          "--leader-elect-lease-duration=2s",
          "--leader-elect-renew-deadline=1500ms",
          "--leader-elect-retry-period=300ms"};
}

std::string health_url(const RunningCommand& process) {
  std::smatch found;
  std::string text = process.output();
  std::regex_search(text, found, std::regex("health-port=([0-9]+)"));
  return "http://127.0.0.1:" + found[1].str();
}

TEST_CASE("two schedulers: the second stands by, and leads when the first stops or is killed") {
  LoneHub hub;
  RunningCommand first(component("scheduler", hub));
  REQUIRE_MESSAGE(first.wait_for_output("leading by lease kube-system/kube-scheduler"), first.output());
  auto held = hub.lease("kube-scheduler");
  CHECK(held["leaseDurationSeconds"] == 2);
  CHECK(held["leaseTransitions"] == 0);
  CHECK(contains(held["holderIdentity"].get<std::string>(), "^.+_[0-9a-f-]{36}$"));

  RunningCommand second(component("scheduler", hub));
  REQUIRE(second.wait_for_output("ready health-port=[0-9]+"));
  REQUIRE(first.wait_for_output("ready health-port=[0-9]+"));
  CHECK(run_command({"curl", "-s", health_url(second) + "/readyz"}).out == "ok");
  auto metrics = [](const RunningCommand& process) {
    return run_command({"curl", "-s", health_url(process) + "/metrics"}).out;
  };
  CHECK(contains(metrics(first), "leader_election_master_status\\{name=\"kube-scheduler\"\\} 1\n"));
  CHECK(contains(metrics(second), "leader_election_master_status\\{name=\"kube-scheduler\"\\} 0\n"));
  CHECK(contains(metrics(second), "kubeloop_task_failures_total 0\n"));

  first.kill(SIGTERM);
  CHECK(first.wait() == 0);
  REQUIRE_MESSAGE(second.wait_for_output("leading by lease"), second.output());
  CHECK(hub.lease("kube-scheduler")["leaseTransitions"] == 1);

  RunningCommand third(component("scheduler", hub));
  REQUIRE(third.wait_for_output("attempting to acquire"));
  second.kill(SIGKILL);
  REQUIRE_MESSAGE(third.wait_for_output("leading by lease"), third.output());
  CHECK(hub.lease("kube-scheduler")["leaseTransitions"] == 2);
  auto events = hub.get("/api/v1/namespaces/kube-system/events")["items"].dump();
  CHECK(contains(events, held["holderIdentity"].get<std::string>() + " became leader"));
  CHECK(contains(events, held["holderIdentity"].get<std::string>() + " stopped leading"));
}

TEST_CASE("a leader that was frozen ends when it wakes; the other leads on") {
  LoneHub hub;
  RunningCommand first(component("scheduler", hub));
  REQUIRE_MESSAGE(first.wait_for_output("leading by lease"), first.output());
  RunningCommand second(component("scheduler", hub));
  REQUIRE(second.wait_for_output("attempting to acquire"));
  first.kill(SIGSTOP);
  REQUIRE_MESSAGE(second.wait_for_output("leading by lease"), second.output());
  auto taken = hub.lease("kube-scheduler");
  first.kill(SIGCONT);
  CHECK(first.wait() == 1);
  CHECK_MESSAGE(contains(first.output(), "stopping: leaderelection lost\n$"), first.output());
  auto kept = hub.lease("kube-scheduler");
  CHECK(kept["holderIdentity"] == taken["holderIdentity"]);
  CHECK(kept["leaseTransitions"] == 1);
}

TEST_CASE("without its hub a leader ends, with one line that says why") {
  LoneHub hub;
  RunningCommand scheduler(component("scheduler", hub));
  RunningCommand manager(component("controller-manager", hub));
  REQUIRE(scheduler.wait_for_output("leading by lease"));
  REQUIRE(manager.wait_for_output("leading by lease kube-system/kube-controller-manager"));
  hub.kill();
  for (auto* process : {&scheduler, &manager}) {
    CHECK(process->wait() == 1);
    CHECK_MESSAGE(contains(process->output(), "leaderelection lost\n$"), process->output());
  }
}

TEST_CASE("an exception in an inner task ends the process, with one line that says where") {
  LoneHub hub;
  RunningCommand scheduler(component("scheduler", hub));
  REQUIRE(scheduler.wait_for_output("leading by lease"));
  REQUIRE(scheduler.wait_for_output("health-port=[0-9]+"));
  auto armed = run_command({"curl", "-s", "-X", "PUT", "-H", "Content-Type: text/plain", "-d", "throw",
                            health_url(scheduler) + "/kubeloop/v1/faults/before-renew"});
  CHECK(armed.out == "ok\n");
  CHECK(scheduler.wait() == 1);
  std::string expected = "stopping: task leader election failed: told to fail at before-renew\n$";
  CHECK_MESSAGE(contains(scheduler.output(), expected), scheduler.output());
  // Nobody holds the lease any more: it ended in order.
  CHECK(hub.lease("kube-scheduler")["holderIdentity"] == "");
}

TEST_CASE("timings that break the rules are refused; without election nothing is waited for") {
  LoneHub hub;
  for (const char* name : {"scheduler", "controller-manager"}) {
    auto refused = run_command({program(name), "--kubeconfig=" + hub.config(), "--leader-elect-lease-duration=5s"});
    CHECK(refused.code == 2);
    CHECK_MESSAGE(contains(refused.err, "leaseDuration must be greater than renewDeadline"), refused.all());
    refused = run_command({program(name), "--kubeconfig=" + hub.config(), "--leader-elect-renew-deadline=2s"});
    CHECK(refused.code == 2);
    CHECK_MESSAGE(contains(refused.err, "renewDeadline must be greater than retryPeriod\\*JitterFactor"),
                  refused.all());
  }
  RunningCommand alone(
      {program("scheduler"), "--kubeconfig=" + hub.config(), "--secure-port=0", "--leader-elect=false"});
  REQUIRE(alone.wait_for_output("scheduling: 0 nodes"));
  CHECK(hub.lease("kube-scheduler").is_null());
}

}  // namespace
}  // namespace kubeloop::tests
