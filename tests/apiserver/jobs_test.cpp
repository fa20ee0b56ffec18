// Jobs: defaults, generated labels, validation, what may change, status rules, deletion. Source: Kubernetes'
// batch defaults, strategy and validation.
#include "apiserver/strategies/index_intervals.hpp"
#include "tests/apiserver/hub_fixture.hpp"

namespace kubeloop::apiserver {
namespace {

const std::string kJobs = "/apis/batch/v1/namespaces/default/jobs";

Json job(const std::string& name, const char* spec = "{}") {
  auto out = Json::parse(R"({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{"spec":{
    "restartPolicy":"Never","containers":[{"name":"c","image":"busybox:1.36"}]}}}})");
  out["metadata"]["name"] = name;
  out["spec"].update(Json::parse(spec));
  return out;
}

std::string causes_of(const Answer& answer) {
  CHECK(answer.code == 422);
  std::string all;
  auto status = answer.json();
  for (const auto& cause : status["details"]["causes"]) {
    all += (all.empty() ? "" : "\n") + cause["field"].get<std::string>() + ": " + cause["message"].get<std::string>();
  }
  return all;
}

TEST_CASE("a job gets its defaults, its selector and its labels") {
  HubFixture hub;
  auto answer = hub.post(kJobs, job("pi"));
  REQUIRE(answer.code == 201);
  auto made = answer.json();
  const auto& spec = made["spec"];
  auto uid = made["metadata"]["uid"];
  CHECK(made["metadata"]["generation"] == 1);
  CHECK(spec["parallelism"] == 1);
  CHECK(spec["completions"] == 1);
  CHECK(spec["backoffLimit"] == 6);
  CHECK(spec["completionMode"] == "NonIndexed");
  CHECK(spec["suspend"] == false);
  CHECK(spec["manualSelector"] == false);
  CHECK(spec["podReplacementPolicy"] == "TerminatingOrFailed");
  CHECK(spec["selector"]["matchLabels"] == Json({{"batch.kubernetes.io/controller-uid", uid}}));
  Json labels({{"batch.kubernetes.io/controller-uid", uid},
               {"batch.kubernetes.io/job-name", "pi"},
               {"controller-uid", uid},
               {"job-name", "pi"}});
  CHECK(spec["template"]["metadata"]["labels"] == labels);
  CHECK(made["metadata"]["labels"] == labels);
  CHECK(made["status"] == Json::object());
}

TEST_CASE("defaults that depend on each other") {
  HubFixture hub;
  auto spec_of = [&](const char* spec) {
    static int count = 0;
    auto answer = hub.post(kJobs, job("j" + std::to_string(count++), spec));
    REQUIRE(answer.code == 201);
    return answer.json()["spec"];
  };
  // A work queue: completions stays absent.
  auto queue = spec_of(R"({"parallelism":3})");
  CHECK_FALSE(queue.contains("completions"));
  CHECK(spec_of(R"({"completions":3})")["parallelism"] == 1);
  auto indexed = spec_of(R"({"completions":3,"completionMode":"Indexed","backoffLimitPerIndex":1})");
  CHECK(indexed["backoffLimit"] == 2147483647);
  auto policy = spec_of(R"({"podFailurePolicy":{"rules":[{"action":"Ignore",
    "onPodConditions":[{"type":"DisruptionTarget"}]}]}})");
  CHECK(policy["podReplacementPolicy"] == "Failed");
  CHECK(policy["podFailurePolicy"]["rules"][0]["onPodConditions"][0]["status"] == "True");
}

TEST_CASE("labels and selectors that a writer gives") {
  HubFixture hub;
  auto labelled = job("own");
  labelled["metadata"]["labels"] = Json::parse(R"({"app":"x"})");
  CHECK(hub.post(kJobs, labelled).json()["metadata"]["labels"] == Json::parse(R"({"app":"x"})"));

  auto wrong = job("wrong");
  wrong["spec"]["template"]["metadata"]["labels"]["job-name"] = "other";
  auto answer = hub.post(kJobs, wrong);
  CHECK(causes_of(answer).starts_with("spec.template.metadata.labels[job-name]: Invalid value: {"));
  CHECK(causes_of(answer).ends_with(": must be 'wrong'"));

  auto chosen = job("chosen", R"({"selector":{"matchLabels":{"a":"b"}}})");
  chosen["spec"]["template"]["metadata"]["labels"]["a"] = "b";
  CHECK(causes_of(hub.post(kJobs, chosen)).ends_with(": `selector` not auto-generated"));

  auto manual = job("manual", R"({"manualSelector":true,"selector":{"matchLabels":{"a":"b"}}})");
  manual["spec"]["template"]["metadata"]["labels"]["a"] = "b";
  auto made = hub.post(kJobs, manual);
  CHECK(made.code == 201);
  CHECK(made.json()["spec"]["selector"] == Json::parse(R"({"matchLabels":{"a":"b"}})"));
  CHECK(made.json()["metadata"]["labels"] == Json::parse(R"({"a":"b"})"));
  CHECK(causes_of(hub.post(kJobs, job("none", R"({"manualSelector":true})"))) ==
        "spec.selector: Required value\nspec.template.metadata.labels: Invalid value: null: `selector` does not match "
        "template `labels`");
}

struct Case {
  const char* spec;
  const char* expected;
};

const Case kInvalid[] = {
    {R"({"parallelism":-1})", "spec.parallelism: Invalid value: -1: must be greater than or equal to 0"},
    {R"({"backoffLimit":-1})", "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0"},
    {R"({"completionMode":"Sorted"})",
     "spec.completionMode: Unsupported value: \"Sorted\": supported values: \"Indexed\", \"NonIndexed\""},
    {R"({"completionMode":"Indexed","parallelism":1})",
     "spec.completions: Required value: when completion mode is Indexed"},
    {R"({"completionMode":"Indexed","completions":200000,"parallelism":100001})",
     "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed"},
    {R"({"backoffLimitPerIndex":1})", "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"},
    {R"({"completionMode":"Indexed","completions":2,"maxFailedIndexes":1})",
     "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"},
    {R"({"managedBy":"me"})",
     "spec.managedBy: Invalid value: \"me\": must be a domain-prefixed path (such as \"acme.io/foo\")"},
    {R"({"podReplacementPolicy":"Now"})",
     "spec.podReplacementPolicy: Unsupported value: \"Now\": supported values: \"Failed\", \"TerminatingOrFailed\""},
    {R"({"successPolicy":{"rules":[]}})",
     "spec.successPolicy: Invalid value: {\"rules\":[]}: requires indexed completion mode"},
    {R"({"completionMode":"Indexed","completions":3,"successPolicy":{"rules":[{"succeededIndexes":"1,5"}]}})",
     "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"1,5\": error parsing succeededIndexes: too large "
     "index: \"5\""},
    {R"({"completionMode":"Indexed","completions":3,"successPolicy":{"rules":[{"succeededIndexes":"0-1",
         "succeededCount":3}]}})",
     "spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of "
     "indexes "
     "in the specified succeededIndexes field)"},
    {R"({"podFailurePolicy":{"rules":[{"action":"FailJob"}]}})",
     "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required"},
    {R"({"podFailurePolicy":{"rules":[{"action":"FailIndex","onExitCodes":{"operator":"In","values":[2,1,0]}}]}})",
     "spec.podFailurePolicy.rules[0].action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be "
     "set\n"
     "spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Invalid value: 0: must not be 0 for the In operator\n"
     "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1,0]: must be ordered"},
    {R"({"podFailurePolicy":{"rules":[{"action":"","onExitCodes":{"containerName":"x","operator":"In",
         "values":[1,1]}}]}})",
     "spec.podFailurePolicy.rules[0].action: Required value: valid values: [\"Count\" \"FailIndex\" \"FailJob\" "
     "\"Ignore\"]\n"
     "spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: \"x\": must be one of the container or "
     "initContainer names in the pod template\n"
     "spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Duplicate value: 1"},
};

TEST_CASE("what makes a job invalid") {
  HubFixture hub;
  for (const auto& one : kInvalid) {
    CAPTURE(std::string(one.spec));
    CHECK(causes_of(hub.post(kJobs, job("bad", one.spec))) == one.expected);
  }
  const char* path = "/spec/template/spec/restartPolicy";
  auto always = job("bad");
  always["spec"]["template"]["spec"].erase("restartPolicy");
  auto answer = hub.post(kJobs, always);
  CHECK(causes_of(answer) ==
        "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"");
  auto retried = job("bad", R"({"podFailurePolicy":{"rules":[{"action":"Count","onExitCodes":
    {"operator":"In","values":[1]}}]}})");
  retried[Json::json_pointer(path)] = "OnFailure";
  CHECK(causes_of(hub.post(kJobs, retried)) ==
        "spec.template.spec.restartPolicy: Invalid value: \"OnFailure\": only \"Never\" is supported when "
        "podFailurePolicy is specified");
  auto long_name = job(std::string(63, 'a'), R"({"completionMode":"Indexed","completions":1})");
  CHECK(causes_of(hub.post(kJobs, long_name)) ==
        "metadata.name: Invalid value: \"" + std::string(63, 'a') +
            "\": will not able to create pod with invalid DNS label: " + std::string(63, 'a') + "-0");
}

TEST_CASE("what may change in a job") {
  HubFixture hub;
  REQUIRE(hub.post(kJobs, job("pi", R"({"completions":3})")).code == 201);
  auto change = [&](const char* spec) {
    return hub.patch(kJobs + "/pi", Json::parse(std::string(R"({"spec":)") + spec + "}"));
  };
  auto changed = change(R"({"parallelism":2,"suspend":true,"ttlSecondsAfterFinished":5,"backoffLimit":1})");
  CHECK(changed.code == 200);
  CHECK(changed.json()["metadata"]["generation"] == 2);
  CHECK(causes_of(change(R"({"completions":4})")) == "spec.completions: Invalid value: 4: field is immutable");
  CHECK(causes_of(change(R"({"completionMode":"Indexed"})")) ==
        "spec.completionMode: Invalid value: \"Indexed\": field is immutable");
  CHECK(causes_of(change(R"({"managedBy":"a.io/b"})")) ==
        "spec.managedBy: Invalid value: \"a.io/b\": field is immutable");
  // Suspended and never started: scheduling rules may change, what runs may not.
  CHECK(change(R"({"template":{"spec":{"nodeSelector":{"disk":"ssd"},"tolerations":[{"operator":"Exists"}],
    "affinity":{"nodeAffinity":{}}},"metadata":{"annotations":{"a":"b"}}}})")
            .code == 200);
  CHECK(change(R"({"template":{"spec":{"affinity":null}}})").code == 200);
  auto image = change(R"({"template":{"spec":{"containers":[{"name":"c","image":"other:1"}]}}})");
  CHECK(causes_of(image).starts_with("spec.template: Invalid value: {"));
  CHECK(causes_of(image).ends_with(": field is immutable"));
  // Once it runs, nothing in the template may.
  REQUIRE(change(R"({"suspend":false})").code == 200);
  CHECK(change(R"({"template":{"spec":{"nodeSelector":{"disk":"hdd"}}}})").code == 422);

  REQUIRE(hub.post(kJobs, job("elastic", R"({"completions":3,"parallelism":3,"completionMode":"Indexed"})")).code ==
          201);
  auto stretch = [&](const char* spec) {
    return hub.patch(kJobs + "/elastic", Json::parse(std::string(R"({"spec":)") + spec + "}"));
  };
  CHECK(stretch(R"({"completions":5,"parallelism":5})").code == 200);
  CHECK(causes_of(stretch(R"({"completions":6})")) ==
        "spec.completions: Invalid value: 6: can only be modified in tandem with spec.parallelism");
}

struct StatusCase {
  const char* status;
  const char* expected;
};

// From a job with startTime 00:00:10, failed 2, succeeded 1, active 1.
const StatusCase kStatusCases[] = {
    {R"({"failed":1})", "status.failed: Invalid value: 1: cannot decrease the failed counter"},
    {R"({"succeeded":0})", "status.succeeded: Invalid value: 0: cannot decrease the succeeded counter"},
    {R"({"active":-1})", "status.active: Invalid value: -1: must be greater than or equal to 0"},
    {R"({"startTime":null})", "status.startTime: Required value: startTime cannot be removed for unsuspended job"},
    {R"({"completionTime":"2026-01-01T00:00:20Z"})",
     "status.completionTime: Invalid value: \"2026-01-01T00:00:20Z\": cannot set completionTime when there is no "
     "Complete=True condition"},
    {R"({"conditions":[{"type":"Complete","status":"True"}],"active":0})",
     "status.completionTime: Required value: completionTime is required for Complete jobs"},
    {R"({"conditions":[{"type":"Failed","status":"True"}]})",
     "status.active: Invalid value: 1: active>0 is invalid for finished job"},
    {R"({"conditions":[{"type":"Complete","status":"True"}],"active":0,"completionTime":"2026-01-01T00:00:05Z"})",
     "status.completionTime: Invalid value: \"2026-01-01T00:00:05Z\": completionTime cannot be set before startTime"},
    {R"({"conditions":[{"type":"SuccessCriteriaMet","status":"True"},{"type":"FailureTarget","status":"True"}]})",
     "status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"},
    {R"({"completedIndexes":"0"})",
     "status.completedIndexes: Invalid value: \"0\": cannot set non-empty completedIndexes when non-indexed completion "
     "mode"},
    {R"({"uncountedTerminatedPods":{"succeeded":["a"],"failed":["a"]}})",
     "status.uncountedTerminatedPods.failed[0]: Duplicate value: \"a\""},
};

TEST_CASE("the status of a job only goes forward") {
  HubFixture hub;
  REQUIRE(hub.post(kJobs, job("pi")).code == 201);
  auto set = [&](const std::string& status) {
    return hub.patch(kJobs + "/pi/status", Json::parse(R"({"status":)" + status + "}"), "merge-patch");
  };
  REQUIRE(set(R"({"startTime":"2026-01-01T00:00:10Z","failed":2,"succeeded":1,"active":1})").code == 200);
  CHECK(hub.get(kJobs + "?fieldSelector=status.successful%3D1").json()["items"].size() == 1);
  for (const auto& one : kStatusCases) {
    CAPTURE(std::string(one.status));
    CHECK(causes_of(set(one.status)) == one.expected);
  }
  auto done = set(R"({"active":0,"completionTime":"2026-01-01T00:00:30Z","conditions":[
    {"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}]})");
  CHECK(done.code == 200);
  CHECK(done.json()["metadata"]["generation"] == 1);
  CHECK(causes_of(set(R"({"completionTime":"2026-01-01T00:00:40Z"})")) ==
        "status.completionTime: Invalid value: \"2026-01-01T00:00:40Z\": completionTime cannot be mutated");
  CHECK(causes_of(set(R"({"conditions":[{"type":"SuccessCriteriaMet","status":"True"}],"completionTime":null})")) ==
        "status.conditions: Invalid value: cannot disable the terminal Complete=True condition");
}

TEST_CASE("sets of indexes as text") {
  CHECK(count_indexes("", 5).total == 0);
  CHECK(count_indexes("0,2-4", 5).total == 4);
  CHECK(count_indexes("1,5", 5).problem == "too large index: \"5\"");
  CHECK(count_indexes("2,1", 5).problem == "non-increasing order, previous: 2, current: 1");
  CHECK(count_indexes("3-3", 5).problem == "non-increasing order, previous: 3, current: 3");
  CHECK(count_indexes("1,,2", 5).problem == "cannot convert string to integer for index: \"\"");
  CHECK(
      count_indexes("1-2-3", 5).problem ==
      "the fragment \"1-2-3\" violates the requirement that an index interval can have at most two parts separated by "
      "'-'");
  CHECK(count_indexes("99999999999999999999", 5).problem ==
        "cannot convert string to integer for index: \"99999999999999999999\"");
  CHECK(first_shared_index("0-2,7", "3-5,7", 9) == 7);
  CHECK(first_shared_index("0-4", "2-3", 9) == 2);
  CHECK_FALSE(first_shared_index("0-1", "2-3", 9).has_value());
}

TEST_CASE("a raw DELETE of a job leaves its pods alone, and says so") {
  HubFixture hub;
  auto make = [&] { REQUIRE(hub.post(kJobs, job("pi")).code == 201); };
  const std::string warning =
      "299 - \"child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove "
      "them "
      "or set propagationPolicy=Orphan to suppress this warning\"";
  make();
  auto raw = hub.remove(kJobs + "/pi");
  CHECK(raw.code == 200);
  CHECK(raw.header("Warning") == warning);
  CHECK(raw.json()["metadata"]["finalizers"] == Json::parse(R"(["orphan"])"));
  auto orphaned = hub.patch(kJobs + "/pi", Json::parse(R"({"metadata":{"finalizers":null}})"), "merge-patch");
  CHECK(orphaned.code == 200);
  CHECK(hub.get(kJobs + "/pi").code == 404);
  // What kubectl sends.
  make();
  auto background = hub.remove(kJobs + "/pi", R"({"propagationPolicy":"Background"})");
  CHECK(background.header("Warning").empty());
  CHECK(hub.get(kJobs + "/pi").code == 404);
  make();
  auto all = hub.remove(kJobs);
  CHECK(all.header("Warning") == warning);
  CHECK(hub.get(kJobs + "/pi").json()["metadata"]["finalizers"] == Json::parse(R"(["orphan"])"));
}

}  // namespace
}  // namespace kubeloop::apiserver
