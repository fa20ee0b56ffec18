// The life of jobs against the real hub, in virtual time, with pods ended by the test. Expected: what
// Kubernetes' job controller does, with the texts of v1.35.
#include "tests/controller-manager/death_at_write.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

const char* kFinalizer = "batch.kubernetes.io/job-tracking";

struct Cluster : HubWorld {
  explicit Cluster(std::optional<std::uint64_t> shuffle = std::nullopt) : HubWorld(1, shuffle) {
    start_manager();
    add_node("node-1");
    run_for(5s);
  }

  void create_job(const std::string& name, json spec = json::object()) {
    json job = json::parse(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{},"spec":{"template":{"spec":{
      "restartPolicy":"Never","nodeName":"node-1","containers":[{"name":"c","image":"busybox"}]}}}})");
    job["metadata"]["name"] = name;
    job["spec"].merge_patch(spec);
    run(admin.create(api::kJobs, "default", job.dump(), client::Cause()));
  }
  void patch_job(const std::string& name, const char* patch) {
    run(admin.patch(api::kJobs, "default", name, client::PatchType::kMerge, patch, client::Cause()));
  }
  std::optional<json> job(const std::string& name) {
    auto text = try_run(admin.get(api::kJobs, "default", name, client::Cause()));
    if (!text) return std::nullopt;
    return json::parse(*text);
  }
  json status(const std::string& name) { return (*job(name))["status"]; }
  // "Complete=True CompletionsReached", in order.
  Strings conditions(const std::string& name) {
    Strings result;
    auto all = status(name).value("conditions", json::array());
    for (const auto& condition : all) {
      result.push_back(fmt::format("{}={} {}", condition["type"].get<std::string>(),
                                   condition["status"].get<std::string>(), condition["reason"].get<std::string>()));
    }
    return result;
  }
  // Pods of the job, oldest first.
  std::vector<json> pods(const std::string& name) {
    client::ListOptions list;
    list.namespace_ = "default";
    list.label_selector = "batch.kubernetes.io/job-name=" + name;
    std::vector<json> result = run(admin.list(api::kPods, list))["items"];
    auto order = [](const json& pod) {
      return std::pair(pod["metadata"]["creationTimestamp"].get<std::string>(),
                       pod["metadata"]["name"].get<std::string>());
    };
    std::ranges::sort(result, {}, order);
    return result;
  }
  std::vector<json> pods_in(const std::string& name, const std::string& phase) {
    auto all = pods(name);
    std::erase_if(all, [&](const json& pod) {
      return pod["status"]["phase"] != phase || pod["metadata"].contains("deletionTimestamp");
    });
    return all;
  }
  static bool is_tracked(const json& pod) {
    return pod["metadata"].value("finalizers", json::array()) == json::array({kFinalizer});
  }
  void set_phase(const json& pod, const std::string& phase, int exit_code = 0) {
    json patch = json::object();
    patch["status"]["phase"] = phase;
    bool is_running = phase == "Running";
    json ready = json::parse(R"({"type":"Ready"})");
    ready["status"] = is_running ? "True" : "False";
    patch["status"]["conditions"].push_back(ready);
    if (!is_running) {
      json container = json::parse(R"({"name":"c","image":"busybox","imageID":"","ready":false,"restartCount":0})");
      container["state"]["terminated"]["exitCode"] = exit_code;
      container["state"]["terminated"]["finishedAt"] = api::format_time(loop.wall());
      container["state"]["terminated"]["startedAt"] = container["state"]["terminated"]["finishedAt"];
      patch["status"]["containerStatuses"].push_back(container);
    }
    run(admin.patch(api::kPods, "default", pod["metadata"]["name"], client::PatchType::kStrategicMerge, patch.dump(),
                    client::Cause(), "status"));
  }
  // What a kubelet does with pods that are told to go: ends them, then removes them.
  void end_deleted(const std::string& name) {
    auto all = pods(name);
    for (const auto& pod : all) {
      if (!pod["metadata"].contains("deletionTimestamp")) continue;
      if (pod["status"]["phase"] == "Running" || pod["status"]["phase"] == "Pending") set_phase(pod, "Failed", 137);
      try_run(admin.remove(api::kPods, "default", pod["metadata"]["name"],
                           R"({"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0})", client::Cause()));
    }
  }
};

}  // namespace

TEST_CASE("a job of one pod: created at once, complete about a second after its pod has ended") {
  Cluster world;
  world.create_job("pi");
  world.run_for(2s);
  auto pods = world.pods("pi");
  REQUIRE(pods.size() == 1);
  CHECK(Cluster::is_tracked(pods[0]));
  CHECK(pods[0]["metadata"]["generateName"] == "pi-");
  CHECK(pods[0]["metadata"]["ownerReferences"][0]["kind"] == "Job");
  auto status = world.status("pi");
  CHECK(status["active"] == 1);
  CHECK(status["ready"] == 0);
  CHECK(status["terminating"] == 0);
  CHECK(status.contains("startTime"));
  CHECK(status["uncountedTerminatedPods"] == json::object());
  world.set_phase(pods[0], "Running");
  world.run_for(4s);
  CHECK(world.status("pi")["ready"] == 1);
  world.set_phase(pods[0], "Succeeded");
  world.run_for(500ms);
  CHECK(world.conditions("pi").empty());
  world.run_for(1s);
  CHECK(world.conditions("pi") ==
        Strings{"SuccessCriteriaMet=True CompletionsReached", "Complete=True CompletionsReached"});
  status = world.status("pi");
  CHECK(status["conditions"][1]["message"] == "Reached expected number of succeeded pods");
  CHECK(status["succeeded"] == 1);
  CHECK_FALSE(status.contains("active"));
  CHECK(status["ready"] == 0);
  CHECK(status.contains("completionTime"));
  CHECK(status["uncountedTerminatedPods"] == json::object());
  CHECK_FALSE(Cluster::is_tracked(world.pods("pi")[0]));
  std::string pod_name = pods[0]["metadata"]["name"];
  auto events = world.events("default", "pi");
  CHECK(events["Normal SuccessfulCreate Created pod: " + pod_name + " (job-controller)"] == 1);
  CHECK(events["Normal Completed Job completed (job-controller)"] == 1);
  CHECK(events.size() == 2);
}

TEST_CASE("parallelism and completions: never more pods than are wanted") {
  Cluster world;
  world.create_job("many", json::parse(R"({"parallelism":3,"completions":7})"));
  world.run_for(2s);
  int ended = 0;
  for (int round = 0; round < 10; ++round) {
    auto pending = world.pods_in("many", "Pending");
    CHECK(static_cast<int>(pending.size()) == std::min(3, 7 - ended));
    if (pending.empty()) break;
    world.set_phase(pending[0], "Succeeded");
    ++ended;
    world.run_for(3s);
  }
  CHECK(ended == 7);
  CHECK(world.pods("many").size() == 7);
  CHECK(world.status("many")["succeeded"] == 7);
  CHECK(world.conditions("many").back() == "Complete=True CompletionsReached");
}

TEST_CASE("a failing job: its pods come back after 10 s, 20 s, 40 s; then it has failed") {
  Cluster world;
  world.create_job("bad", json::parse(R"({"backoffLimit":3})"));
  world.run_for(2s);
  std::vector<Duration> waits;
  for (int failures = 1; failures <= 4; ++failures) {
    auto pending = world.pods_in("bad", "Pending");
    REQUIRE(pending.size() == 1);
    Duration failed_at = world.now();
    world.set_phase(pending[0], "Failed", 1);
    if (failures == 4) break;
    Duration back = world.run_until(300s, [&] { return world.pods_in("bad", "Pending").size() == 1; });
    waits.push_back(back - failed_at);
  }
  REQUIRE(waits.size() == 3);
  CHECK(waits[0] >= 9s);
  CHECK(waits[0] <= 12s);
  CHECK(waits[1] >= 19s);
  CHECK(waits[1] <= 22s);
  CHECK(waits[2] >= 39s);
  CHECK(waits[2] <= 42s);
  world.run_for(3s);
  CHECK(world.conditions("bad") ==
        Strings{"FailureTarget=True BackoffLimitExceeded", "Failed=True BackoffLimitExceeded"});
  auto status = world.status("bad");
  CHECK(status["conditions"][1]["message"] == "Job has reached the specified backoff limit");
  CHECK(status["failed"] == 4);
  CHECK_FALSE(status.contains("completionTime"));
  CHECK(world.pods("bad").size() == 4);  // they stay, for their logs
  auto events = world.events("default", "bad");
  CHECK(events["Warning BackoffLimitExceeded Job has reached the specified backoff limit (job-controller)"] == 1);
  world.run_for(700s);
  CHECK(world.pods("bad").size() == 4);
}

TEST_CASE("the deadline: running pods are deleted, and the job has failed when they are gone") {
  Cluster world;
  world.create_job("slow", json::parse(R"({"activeDeadlineSeconds":30})"));
  world.run_for(2s);
  world.set_phase(world.pods("slow")[0], "Running");
  Duration failing = world.run_until(60s, [&] { return !world.conditions("slow").empty(); });
  CHECK(failing >= 34s);  // created at 5 s
  CHECK(failing <= 37s);
  CHECK(world.conditions("slow") == Strings{"FailureTarget=True DeadlineExceeded"});
  CHECK(world.pods("slow").size() == 1);
  CHECK(world.pods("slow")[0]["metadata"].contains("deletionTimestamp"));
  CHECK(world.status("slow")["terminating"] == 1);
  world.end_deleted("slow");
  world.run_for(3s);
  CHECK(world.conditions("slow") == Strings{"FailureTarget=True DeadlineExceeded", "Failed=True DeadlineExceeded"});
  CHECK(world.status("slow")["failed"] == 1);
  CHECK(world.pods("slow").empty());
  auto events = world.events("default", "slow");
  CHECK(events["Warning DeadlineExceeded Job was active longer than specified deadline (job-controller)"] == 1);
}

TEST_CASE("suspend and resume") {
  Cluster world;
  world.create_job("pause", json::parse(R"({"parallelism":2,"completions":2})"));
  world.run_for(2s);
  for (const auto& pod : world.pods("pause")) world.set_phase(pod, "Running");
  world.patch_job("pause", R"({"spec":{"suspend":true}})");
  world.run_for(1s);
  CHECK(world.pods_in("pause", "Running").empty());
  world.end_deleted("pause");
  world.run_for(3s);
  CHECK(world.pods("pause").empty());
  CHECK(world.conditions("pause") == Strings{"Suspended=True JobSuspended"});
  CHECK_FALSE(world.status("pause").contains("startTime"));
  CHECK_FALSE(world.status("pause").contains("failed"));
  world.run_for(60s);
  world.patch_job("pause", R"({"spec":{"suspend":false}})");
  world.run_for(3s);
  CHECK(world.pods_in("pause", "Pending").size() == 2);
  CHECK(world.conditions("pause") == Strings{"Suspended=False JobResumed"});
  CHECK(world.status("pause").contains("startTime"));
  auto events = world.events("default", "pause");
  CHECK(events["Normal Suspended Job suspended (job-controller)"] == 1);
  CHECK(events["Normal Resumed Job resumed (job-controller)"] == 1);
}

TEST_CASE("a deleted pod counts as failed and is replaced; one released by its labels is not ours any more") {
  Cluster world;
  world.create_job("pi");
  world.run_for(2s);
  auto first = world.pods("pi")[0];
  world.set_phase(first, "Running");
  world.run(world.admin.remove(api::kPods, "default", first["metadata"]["name"], "", client::Cause()));
  world.run_for(3s);
  CHECK(world.status("pi")["failed"] == 1);
  world.end_deleted("pi");
  world.run_until(20s, [&] { return world.pods_in("pi", "Pending").size() == 1; });
  auto second = world.pods_in("pi", "Pending");
  REQUIRE(second.size() == 1);
  std::string name = second[0]["metadata"]["name"];
  world.run(world.admin.patch(api::kPods, "default", name, client::PatchType::kMerge,
                              R"({"metadata":{"labels":{"batch.kubernetes.io/controller-uid":"other"}}})",
                              client::Cause()));
  world.run_for(5s);
  auto released = *world.pod(name);
  CHECK_FALSE(released["metadata"].contains("ownerReferences"));
  CHECK_FALSE(Cluster::is_tracked(released));
}

TEST_CASE("finalizers of pods whose job is gone are taken off") {
  Cluster world;
  world.create_job("pi");
  world.run_for(2s);
  CHECK(Cluster::is_tracked(world.pods("pi")[0]));
  world.run(world.admin.remove(api::kJobs, "default", "pi",
                               R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Orphan"})",
                               client::Cause()));
  world.run_until(30s, [&] { return !world.job("pi").has_value(); });
  world.run_for(5s);
  auto left = world.pods("pi");
  REQUIRE(left.size() == 1);
  CHECK_FALSE(Cluster::is_tracked(left[0]));
}

TEST_CASE("ttlSecondsAfterFinished deletes the job") {
  Cluster world;
  world.create_job("brief", json::parse(R"({"ttlSecondsAfterFinished":60})"));
  world.run_for(2s);
  world.set_phase(world.pods("brief")[0], "Succeeded");
  world.run_for(55s);
  CHECK(world.job("brief").has_value());
  world.run_until(30s, [&] { return !world.job("brief").has_value(); });
  CHECK_FALSE(world.job("brief").has_value());
  CHECK(world.pods("brief").empty());
}

TEST_CASE("an Indexed job") {
  Cluster world;
  world.create_job("shards", json::parse(R"({"completionMode":"Indexed","completions":3,"parallelism":2})"));
  world.run_for(2s);
  auto index_of = [](const json& pod) {
    return pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"].get<std::string>();
  };
  auto pods = world.pods("shards");
  REQUIRE(pods.size() == 2);
  std::set<std::string> indexes;
  for (const auto& pod : pods) indexes.insert(index_of(pod));
  CHECK(indexes == std::set<std::string>{"0", "1"});
  CHECK(pods[0]["metadata"]["generateName"] == "shards-" + index_of(pods[0]) + "-");
  for (const auto& pod : pods) world.set_phase(pod, "Succeeded");
  world.run_for(3s);
  CHECK(world.status("shards")["completedIndexes"] == "0,1");
  auto last = world.pods_in("shards", "Pending");
  REQUIRE(last.size() == 1);
  CHECK(index_of(last[0]) == "2");
  world.set_phase(last[0], "Succeeded");
  world.run_for(3s);
  CHECK(world.status("shards")["completedIndexes"] == "0-2");
  CHECK(world.status("shards")["succeeded"] == 3);
  CHECK(world.conditions("shards").back() == "Complete=True CompletionsReached");
}

namespace {

// A job of three pods, of which one fails, with one death of the controller manager at its write `last_write` (< 0:
// none). Returns how many writes the first life made.
int run_through(int last_write, bool dies_before, std::optional<std::uint64_t> shuffle, std::string* outcome) {
  Cluster world(shuffle);
  world.stop_manager();
  world.start_manager();
  DeathAtWrite death(world, last_write, dies_before, 500ms);
  death.step(1s);
  world.create_job("job", json::parse(R"({"parallelism":2,"completions":3})"));
  bool has_failed = false;
  for (int round = 0; round < 20; ++round) {
    death.step(15s);
    auto pending = world.pods_in("job", "Pending");
    CHECK(pending.size() <= 2);
    if (pending.empty()) break;
    if (!has_failed) {
      world.set_phase(pending[0], "Failed", 1);
      has_failed = true;
    } else {
      world.set_phase(pending[0], "Succeeded");
    }
  }
  death.step(10s);
  auto status = world.status("job");
  int tracked = 0;
  auto pods = world.pods("job");
  for (const auto& pod : pods) tracked += Cluster::is_tracked(pod) ? 1 : 0;
  *outcome =
      fmt::format("{} succeeded {} failed {} pods {} tracked {} uncounted {} active {}",
                  fmt::join(world.conditions("job"), ", "), status.value("succeeded", 0), status.value("failed", 0),
                  pods.size(), tracked, status["uncountedTerminatedPods"].dump(), status.value("active", 0));
  return death.writes();
}

}  // namespace

TEST_CASE("a restart at any write counts every pod once and makes none too many") {
  const std::string expected =
      "SuccessCriteriaMet=True CompletionsReached, Complete=True CompletionsReached succeeded 3 failed 1 pods 4 "
      "tracked 0 uncounted {} active 0";
  std::string outcome;
  auto in_order = [](int last_write, bool dies_before, std::string* out) {
    return run_through(last_write, dies_before, std::nullopt, out);
  };
  check_every_death(expected, 15, in_order);
  for (std::uint64_t shuffle = 1; shuffle <= 5; ++shuffle) {
    CAPTURE(shuffle);
    run_through(-1, true, shuffle, &outcome);
    CHECK(outcome == expected);
  }
}
