// Indexed jobs, and the policies for failure and success, as tables. Expected values:
// pkg/controller/job in Kubernetes.
#include "controller-manager/controllers/job/pod_body.hpp"
#include "controller-manager/controllers/job/success_policy.hpp"
#include "tests/controller-manager/job_plan_world.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using namespace kubeloop::controller_manager::job_plan;
using nlohmann::json;

TEST_CASE("index sets") {
  struct Row {
    std::string text;
    std::int64_t completions;
    std::string expected;
    std::int64_t total;
  };
  for (const Row& row : {Row{"", 9, "", 0}, Row{"0,1", 9, "0,1", 2}, Row{"0-1", 9, "0,1", 2}, Row{"0,1,2", 9, "0-2", 3},
                         Row{"1,3-5,7", 9, "1,3-5,7", 5}, Row{"3-8", 6, "3-5", 3}, Row{"8", 6, "", 0},
                         Row{"x,2,3-,4", 9, "2,4", 2}, Row{"0-2,2-4", 9, "0-4", 5}}) {
    auto set = IndexSet::parse(row.text, row.completions);
    CHECK(set.text() == row.expected);
    CHECK(set.total() == row.total);
  }
  auto set = IndexSet::parse("1,3-5", 9);
  CHECK(set.contains(4));
  CHECK_FALSE(set.contains(2));
  CHECK(set.first_missing(3, 9) == std::vector<std::int64_t>{0, 2, 6});
  CHECK(set.first_missing(9, 7) == std::vector<std::int64_t>{0, 2, 6});
  CHECK(set.common(IndexSet::parse("0-3", 9)) == 2);
  set.add(2);
  CHECK(set.text() == "1-5");
}

TEST_CASE("Indexed: a pod for each index, its success counted by index") {
  World world;
  world.job->spec.completionMode = "Indexed";
  world.job->spec.completions = 4;
  world.job->spec.parallelism = 3;
  world.job->status.completedIndexes = "1";
  world.job->status.succeeded = 1;
  world.add("Succeeded", 2);
  world.add("Running", 0);
  auto orders = world.orders();
  CHECK(orders.indexes == std::vector<std::int64_t>{3});
  auto t = world.tracking();
  CHECK(t.status.completedIndexes == "1,2");
  CHECK(t.status.succeeded == 2);
  CHECK(t.status.uncountedTerminatedPods.succeeded.empty());
  CHECK(names(t.to_free) == Strings{"pi-00"});
  // A second pod of an index, and one without a valid index, go.
  world.add("Pending", 0);
  world.add("Running", 9);
  world.add("Running");
  CHECK(names(world.orders().deletes).size() == 3);
  auto body = json::parse(*job_pod_body(world.assessment(), 3));
  CHECK(body["metadata"]["generateName"] == "pi-3-");
  CHECK(body["metadata"]["annotations"] == json::parse(R"({"batch.kubernetes.io/job-completion-index":"3"})"));
  CHECK(body["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"] == "3");
  CHECK(body["spec"]["hostname"] == "pi-3");
  CHECK(body["spec"]["containers"][0]["env"][0]["valueFrom"]["fieldRef"]["fieldPath"] ==
        "metadata.labels['batch.kubernetes.io/job-completion-index']");
}

TEST_CASE("backoffLimitPerIndex: the failed pod's count is taken over, and an index that is spent fails") {
  World world;
  world.job->spec.completionMode = "Indexed";
  world.job->spec.completions = 2;
  world.job->spec.parallelism = 2;
  world.job->spec.backoffLimitPerIndex = 1;
  world.job->spec.backoffLimit.reset();
  auto failed = world.add("Failed", 0);
  World::end(*failed, 20s, 1);
  world.add("Running", 1);
  auto a = world.assessment();
  CHECK(a.failed_last.at(0)->metadata.name == "pi-00");
  CHECK(a.failed_indexes->text() == "");
  CHECK(world.orders().indexes == std::vector<std::int64_t>{0});
  CHECK(world.tracking().to_free.empty());  // until its successor is there
  auto body = json::parse(*job_pod_body(a, 0));
  CHECK(body["metadata"]["annotations"][kIndexFailures] == "1");
  World::end(*failed, 4s, 1);
  CHECK(world.orders().creates == 0);
  CHECK(world.orders().wait == 6s);
  failed->metadata.annotations[kIndexFailures] = "1";
  a = world.assessment();
  CHECK(a.failed_indexes->text() == "0");
  CHECK_FALSE(a.ending.has_value());
  CHECK(world.tracking().status.failedIndexes == "0");
  CHECK(world.orders().creates == 0);
  // The other one succeeds: the job has failed indexes.
  world.pods.pop_back();
  world.add("Succeeded", 1);
  a = world.assessment();
  CHECK(a.ending->reason == "FailedIndexes");
  CHECK(a.ending->message == "Job has failed indexes");
  world.job->spec.maxFailedIndexes = 0;
  CHECK(world.assessment().ending->reason == "MaxFailedIndexesExceeded");
}

TEST_CASE("podFailurePolicy: the first rule that matches decides") {
  struct Row {
    const char* name;
    std::string rules;
    int exit_code;
    bool is_counted, fails_index;
    std::string message;
  };
  std::string codes = R"("onExitCodes":{"operator":"In","values":[42]})";
  std::vector<Row> rows = {
      {"no rule", "[]", 42, true, false, ""},
      {"FailJob", R"([{"action":"FailJob",)" + codes + "}]", 42, true, false,
       "Container c for pod default/pi-00 failed with exit code 42 matching FailJob rule at index 0"},
      {"another code", R"([{"action":"FailJob",)" + codes + "}]", 1, true, false, ""},
      {"Ignore", R"([{"action":"Ignore",)" + codes + "}]", 42, false, false, ""},
      {"FailIndex", R"([{"action":"FailIndex",)" + codes + "}]", 42, true, true, ""},
      {"Count before FailJob", R"([{"action":"Count",)" + codes + R"(},{"action":"FailJob",)" + codes + "}]", 42, true,
       false, ""},
      {"NotIn", R"([{"action":"FailJob","onExitCodes":{"operator":"NotIn","values":[1]}}])", 42, true, false,
       "Container c for pod default/pi-00 failed with exit code 42 matching FailJob rule at index 0"},
      {"another container",
       R"([{"action":"FailJob","onExitCodes":{"containerName":"d","operator":"In","values":[42]}}])", 42, true, false,
       ""},
      {"a condition",
       R"([{"action":"Ignore",)" + codes +
           R"(},{"action":"FailJob","onPodConditions":[{"type":"DisruptionTarget","status":"True"}]}])",
       1, true, false, "Pod default/pi-00 has condition DisruptionTarget matching FailJob rule at index 1"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    world.job->spec.podFailurePolicy.text = R"({"rules":)" + row.rules + "}";
    auto pod = world.add("Failed");
    World::end(*pod, 0s, row.exit_code);
    api::Condition condition;
    condition.type = "DisruptionTarget";
    condition.status = "True";
    pod->status.conditions = {condition};
    auto verdict = judge_failure(pod_failure_policy_of(*world.job), *pod);
    CHECK(verdict.is_counted == row.is_counted);
    CHECK(verdict.fails_index == row.fails_index);
    CHECK(verdict.fails_job == row.message);
    auto a = world.assessment();
    CHECK(a.failed == (row.is_counted ? 1 : 0));
    CHECK(a.ending.has_value() == !row.message.empty());
    if (a.ending) CHECK(a.ending->reason == "PodFailurePolicy");
    CHECK(world.tracking().status.uncountedTerminatedPods.failed.size() == (row.is_counted ? 1 : 0));
    CHECK(world.tracking().to_free.size() == 1);
  }
}

TEST_CASE("successPolicy: the first rule that is met ends the job") {
  struct Row {
    std::string rules, succeeded, expected;
  };
  for (const Row& row : {Row{R"([{"succeededIndexes":"0,2"}])", "0,1", "none"},
                         Row{R"([{"succeededIndexes":"0,2"}])", "0-2", "Matched rules at index 0"},
                         Row{R"([{"succeededIndexes":"0,2","succeededCount":1}])", "2", "Matched rules at index 0"},
                         Row{R"([{"succeededIndexes":"9"},{"succeededCount":2}])", "1,3", "Matched rules at index 1"},
                         Row{R"([{"succeededCount":3}])", "1,3", "none"}}) {
    World world;
    world.job->spec.completions = 10;
    world.job->spec.successPolicy.text = R"({"rules":)" + row.rules + "}";
    CHECK(match_success_policy(*world.job, IndexSet::parse(row.succeeded, 10)).value_or("none") == row.expected);
  }
  World world;
  world.job->spec.completionMode = "Indexed";
  world.job->spec.completions = 3;
  world.job->spec.parallelism = 3;
  world.job->spec.successPolicy.text = R"({"rules":[{"succeededIndexes":"0"}]})";
  world.add("Succeeded", 0);
  world.add("Running", 1);
  auto t = world.tracking();
  CHECK(types(t.status) == Strings{"SuccessCriteriaMet=True SuccessPolicy"});
  CHECK(t.status.uncountedTerminatedPods.failed.empty());  // the rest was not needed, and has not failed
  CHECK(t.to_free.size() == 2);
}
