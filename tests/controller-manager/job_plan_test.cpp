// The decisions of the job controller as tables. Expected values: pkg/controller/job in
// Kubernetes.
#include "controller-manager/controllers/job/pod_body.hpp"
#include "controller-manager/controllers/job/pod_claims.hpp"
#include "controller-manager/controllers/job/status_patch.hpp"
#include "controller-manager/controllers/ttl-after-finished/plan.hpp"
#include "tests/controller-manager/job_plan_world.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using namespace kubeloop::controller_manager::job_plan;
using nlohmann::json;

TEST_CASE("how many pods are made or deleted") {
  struct Row {
    const char* name;
    std::optional<int> completions;
    int parallelism, pending, running, succeeded, expected;  // positive: made; negative: deleted
  };
  for (const Row& row :
       {Row{"new", 1, 1, 0, 0, 0, 1}, Row{"parallel", 5, 3, 0, 0, 0, 3}, Row{"enough run", 5, 3, 1, 2, 0, 0},
        Row{"one has succeeded", 5, 3, 0, 2, 1, 1}, Row{"less than parallelism remain", 5, 3, 0, 0, 4, 1},
        Row{"done", 5, 3, 0, 0, 5, 0}, Row{"too many run", 5, 1, 1, 2, 0, -2},
        Row{"parallelism zero", 5, 0, 1, 1, 0, -2}, Row{"work queue", {}, 3, 0, 0, 0, 3},
        Row{"work queue, one succeeded", {}, 3, 0, 2, 1, 0}, Row{"more than 500", 2000, 1000, 0, 0, 0, 500}}) {
    CAPTURE(row.name);
    World world;
    world.job->spec.completions = row.completions;
    world.job->spec.parallelism = row.parallelism;
    for (int i = 0; i < row.pending; ++i) world.add("Pending");
    for (int i = 0; i < row.running; ++i) world.add("Running");
    for (int i = 0; i < row.succeeded; ++i) world.add("Succeeded");
    auto orders = world.orders();
    CHECK(orders.creates - static_cast<int>(orders.deletes.size()) == row.expected);
    CHECK(orders.is_managed);
  }
}

TEST_CASE("pods that have not come far go first") {
  World world;
  world.job->spec.completions = 5;
  auto running = world.add("Running");
  auto scheduled = world.add("Pending");
  scheduled->spec.nodeName = "node-1";
  auto ready = world.add("Running");
  running->spec.nodeName = ready->spec.nodeName = "node-1";
  api::Condition condition;
  condition.type = "Ready";
  condition.status = "True";
  ready->status.conditions = {condition};
  world.add("Pending");  // not scheduled
  CHECK(names(world.orders().deletes) == Strings{"pi-03", "pi-01", "pi-00"});
  CHECK(world.orders().frees_deleted);
}

TEST_CASE("when a pod is replaced that is being deleted") {
  struct Row {
    std::string policy;
    int expected;
  };
  for (const Row& row : {Row{"TerminatingOrFailed", 1}, Row{"Failed", 0}}) {
    World world;
    world.job->spec.podReplacementPolicy = row.policy;
    World::remove(*world.add("Running"));
    auto assessment = world.assessment();
    CHECK(assessment.terminating == 1);
    CHECK(assessment.failed == row.expected);  // counted at once, or when it has ended
    CHECK(world.orders().creates == row.expected);
  }
}

TEST_CASE("the wait before failed pods are replaced: 10 s doubling up to 10 min, anew after a success") {
  struct Row {
    int failures;
    Duration expected;
  };
  for (const Row& row :
       {Row{0, 0s}, Row{1, 10s}, Row{2, 20s}, Row{3, 40s}, Row{6, 320s}, Row{7, 600s}, Row{50, 600s}}) {
    PodBackoff backoff;
    backoff.failures = row.failures;
    backoff.last_failure = kNow;
    CHECK(backoff.remaining(kNow) == row.expected);
    CHECK(backoff.remaining(kNow + 4s) == std::max<Duration>(0s, row.expected - 4s));
    CHECK(backoff.remaining(kNow + 1h) == 0s);
  }
  World world;
  auto early = world.add("Failed"), late = world.add("Failed"), good = world.add("Succeeded");
  World::end(*early, 30s, 1);
  World::end(*good, 20s, 0);
  World::end(*late, 10s, 1);
  PodBackoff before;
  before.failures = 3;
  before.last_failure = kNow - 1min;
  auto after = before.after({}, {late, early});
  CHECK(after.failures == 5);
  CHECK(after.last_failure == kNow - 10s);
  after = before.after({good}, {early, late});
  CHECK(after.failures == 1);
  CHECK(before.after({good}, {early}).failures == 0);
  CHECK(before.after({}, {}).failures == 3);
  // It holds back new pods, and says how long.
  World one;
  one.add("Failed");
  PodBackoff failed;
  failed.failures = 1;
  failed.last_failure = kNow;
  CHECK(one.orders(failed).creates == 0);
  CHECK(one.orders(failed).wait == 10s);
}

TEST_CASE("why a job is to end") {
  struct Row {
    const char* name;
    std::function<void(World&)> prepare;
    std::string expected;  // "type reason", or ""
  };
  auto fail = [](int pods) {
    return [=](World& w) {
      for (int i = 0; i < pods; ++i) w.add("Failed");
    };
  };
  auto restarts = [](int limit, int count, std::string policy) {
    return [=](World& w) {
      w.job->spec.backoffLimit = limit;
      w.job->spec.template_.text = R"({"spec":{"restartPolicy":")" + policy + "\"}}";
      api::ContainerStatus container;
      container.restartCount = count;
      w.add("Running")->status.containerStatuses = {container};
    };
  };
  auto deadline = [](Duration since, bool is_suspended) {
    return [=](World& w) {
      w.job->spec.activeDeadlineSeconds = 100;
      w.job->spec.suspend = is_suspended;
      w.job->status.startTime = at(-since);
    };
  };
  std::vector<Row> rows = {
      {"nothing", [](World&) {}, ""},
      {"as many failures as allowed", fail(6), ""},
      {"one more", fail(7), "FailureTarget BackoffLimitExceeded"},
      {"counted ones too",
       [](World& w) {
         w.job->status.failed = 4;
         w.job->status.uncountedTerminatedPods.failed = {"x", "y"};
         w.add("Failed");
       },
       "FailureTarget BackoffLimitExceeded"},
      {"restarts below the limit", restarts(3, 2, "OnFailure"), ""},
      {"restarts at the limit", restarts(3, 3, "OnFailure"), "FailureTarget BackoffLimitExceeded"},
      {"restarts of a pod that is not restarted", restarts(3, 3, "Never"), ""},
      {"limit 0, no restart", restarts(0, 0, "OnFailure"), ""},
      {"limit 0, one restart", restarts(0, 1, "OnFailure"), "FailureTarget BackoffLimitExceeded"},
      {"before the deadline", deadline(99s, false), ""},
      {"at the deadline", deadline(100s, false), "FailureTarget DeadlineExceeded"},
      {"suspended past the deadline", deadline(200s, true), ""},
      {"was to fail", [](World& w) { w.add_condition("FailureTarget", "Why"); }, "Failed Why"},
      {"was to succeed", [](World& w) { w.add_condition("SuccessCriteriaMet", "Why"); }, "SuccessCriteriaMet Why"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    row.prepare(world);
    auto ending = world.assessment().ending;
    CHECK((ending ? ending->type + " " + ending->reason : "") == row.expected);
  }
  World world;
  deadline(60s, false)(world);
  CHECK(world.assessment().deadline_in == 40s);
}

TEST_CASE("success is told in two writes, each pod counted once") {
  World world;
  world.add("Succeeded");
  auto t = world.tracking();
  CHECK(t.needs_write);
  CHECK(types(t.status) == Strings{"SuccessCriteriaMet=True CompletionsReached"});
  CHECK(t.status.conditions[0].message == "Reached expected number of succeeded pods");
  CHECK(t.status.uncountedTerminatedPods.succeeded == Strings{"u0"});
  CHECK(t.status.succeeded == 0);
  CHECK(t.status.active == 0);
  CHECK(names(t.to_free) == Strings{"pi-00"});
  CHECK_FALSE(conclude(t, kNow));  // not while it is uncounted
  CHECK(count_freed(t.status, {}));
  CHECK(t.status.succeeded == 1);
  CHECK(t.status.uncountedTerminatedPods.succeeded.empty());
  CHECK(conclude(t, kNow));
  CHECK(types(t.status) == Strings{"SuccessCriteriaMet=True CompletionsReached", "Complete=True CompletionsReached"});
  CHECK(t.status.completionTime == at(0s));

  // A controller that died after the first write: the uid is there, the finalizer too.
  World after_first = world;
  after_first.job = std::make_shared<api::Job>(*world.job);
  after_first.add_condition("SuccessCriteriaMet", "CompletionsReached");
  after_first.job->status.uncountedTerminatedPods.succeeded = {"u0"};
  after_first.job->status.ready = after_first.job->status.terminating = 0;
  after_first.job->status.startTime = at(0s);
  t = after_first.tracking();
  CHECK_FALSE(t.needs_write);
  CHECK(names(t.to_free) == Strings{"pi-00"});
  // Or after the finalizer went: it is counted now, and once.
  world.pods.clear();
  world.job = after_first.job;
  auto bare = std::make_shared<api::Pod>(*after_first.pods[0]);
  bare->metadata.finalizers.clear();
  world.pods = {bare};
  t = world.tracking();
  CHECK(t.status.succeeded == 1);
  CHECK(t.to_free.empty());
  CHECK(conclude(t, kNow));
}

TEST_CASE("a pod whose finalizer went untold is not counted again") {
  World world;
  world.job->spec.completions = 2;
  world.job->status.succeeded = 1;
  world.add("Succeeded");
  world.freed = {"u0"};
  auto t = world.tracking();
  CHECK(t.status.uncountedTerminatedPods.succeeded.empty());
  CHECK(t.to_free.empty());
  CHECK(world.assessment().succeeded == 1);
}

TEST_CASE("failure: running pods go first, and the job has failed when all have ended") {
  World world;
  world.job->spec.backoffLimit = 0;
  world.job->spec.completions = 3;
  world.job->spec.parallelism = 2;
  world.add("Failed");
  world.add("Running");
  auto orders = world.orders();
  CHECK(names(orders.deletes) == Strings{"pi-01"});
  CHECK_FALSE(orders.frees_deleted);  // they count as failed
  CHECK_FALSE(orders.is_managed);
  auto t = world.tracking();
  CHECK(types(t.status) == Strings{"FailureTarget=True BackoffLimitExceeded"});
  CHECK(t.status.uncountedTerminatedPods.failed == Strings{"u0", "u1"});
  CHECK(t.status.active == 0);
  CHECK(t.status.terminating == 1);
  CHECK(count_freed(t.status, {}));
  CHECK(t.status.failed == 2);
  CHECK_FALSE(conclude(t, kNow));  // one is still terminating
  t.status.terminating = 0;
  CHECK(conclude(t, kNow));
  CHECK(types(t.status) == Strings{"FailureTarget=True BackoffLimitExceeded", "Failed=True BackoffLimitExceeded"});
  CHECK(t.status.completionTime.empty());
  // A deletion that failed: nothing is said yet.
  auto a = world.assessment();
  auto unfinished = plan_tracking(a, orders, OrderOutcome(), kNow);
  CHECK(types(unfinished.status).empty());
  CHECK_FALSE(unfinished.ending.has_value());
}

TEST_CASE("suspension") {
  World world;
  world.job->spec.suspend = true;
  world.job->status.startTime = at(-1h);
  world.add("Running");
  CHECK(names(world.orders().deletes) == Strings{"pi-00"});
  CHECK(world.orders().frees_deleted);
  auto t = world.tracking();
  CHECK(types(t.status) == Strings{"Suspended=True JobSuspended"});
  CHECK(t.suspension == "Suspended");
  CHECK(t.status.startTime.empty());
  world.job->status = t.status;
  CHECK(world.tracking().suspension.empty());
  world.job->spec.suspend = false;
  t = world.tracking();
  CHECK(types(t.status) == Strings{"Suspended=False JobResumed"});
  CHECK(t.suspension == "Resumed");
  CHECK(t.status.startTime == at(0s));
  // One that never was suspended does not say so.
  World fresh;
  CHECK(types(fresh.tracking().status).empty());
  CHECK(fresh.tracking().status.startTime == at(0s));
}

TEST_CASE("a work queue is done when one has succeeded and all have ended") {
  World world;
  world.job->spec.completions.reset();
  world.job->spec.parallelism = 2;
  world.add("Succeeded");
  world.add("Running");
  CHECK_FALSE(world.tracking().ending.has_value());
  CHECK(world.orders().creates == 0);
  world.pods.pop_back();
  world.add("Failed");
  CHECK(world.tracking().ending->type == "Complete");
}

TEST_CASE("a pod's body") {
  World world;
  auto body = json::parse(*job_pod_body(world.assessment(), std::nullopt));
  CHECK(body["metadata"]["generateName"] == "pi-");
  CHECK(body["metadata"]["labels"] == json::parse(R"({"app":"pi"})"));
  CHECK(body["metadata"]["finalizers"] == json::parse(R"(["batch.kubernetes.io/job-tracking"])"));
  CHECK(body["metadata"]["ownerReferences"] ==
        json::parse(R"([{"apiVersion":"batch/v1","kind":"Job","name":"pi","uid":"job-1","controller":true,
    "blockOwnerDeletion":true}])"));
  CHECK(body["spec"]["restartPolicy"] == "Never");
}

TEST_CASE("which pods are a job's") {
  World world;
  auto pod = world.add("Running");
  pod->metadata.labels = {{"controller-uid", "job-1"}, {"tier", "a"}};
  CHECK_FALSE(is_claimed_by(*world.job, *pod));
  auto& selector = world.job->spec.selector.emplace();
  CHECK_FALSE(is_claimed_by(*world.job, *pod));
  selector.matchLabels = {{"controller-uid", "job-1"}};
  CHECK(is_claimed_by(*world.job, *pod));
  api::SelectorExpression expression;
  expression.key = "tier";
  expression.operator_ = "In";
  expression.values = {"b"};
  selector.matchExpressions = {expression};
  CHECK_FALSE(is_claimed_by(*world.job, *pod));
  selector.matchExpressions[0].values = {"a", "b"};
  CHECK(is_claimed_by(*world.job, *pod));
}

TEST_CASE("the status patch says everything") {
  World world;
  world.add("Succeeded");
  auto t = world.tracking();
  auto patch = json::parse(job_status_patch(*world.job, t.status, "9"));
  CHECK(patch["metadata"] == json::parse(R"({"uid":"job-1","resourceVersion":"9"})"));
  const auto& status = patch["status"];
  CHECK(status["active"].is_null());
  CHECK(status["ready"] == 0);
  CHECK(status["terminating"] == 0);
  CHECK(status["startTime"] == at(0s));
  CHECK(status["uncountedTerminatedPods"] == json::parse(R"({"succeeded":["u0"],"failed":null})"));
  CHECK(status["conditions"][0] ==
        json::parse(fmt::format(R"({{"type":"SuccessCriteriaMet","status":"True","reason":"CompletionsReached",
    "message":"Reached expected number of succeeded pods","lastProbeTime":"{0}","lastTransitionTime":"{0}"}})",
                                at(0s))));
  CHECK_FALSE(status.contains("failedIndexes"));
}

TEST_CASE("when a finished job is deleted") {
  World world;
  CHECK_FALSE(expiry_of(*world.job).has_value());
  world.job->spec.ttlSecondsAfterFinished = 100;
  CHECK_FALSE(expiry_of(*world.job).has_value());
  world.add_condition("Suspended", "JobSuspended");
  CHECK_FALSE(expiry_of(*world.job).has_value());
  world.add_condition("Complete", "CompletionsReached");
  CHECK(expiry_of(*world.job) == kNow + 100s);
  world.job->metadata.deletionTimestamp = at(0s);
  CHECK_FALSE(expiry_of(*world.job).has_value());
}
