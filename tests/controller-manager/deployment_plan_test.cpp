// The decisions of the deployment controller as tables. Expected values: the
// examples of Kubernetes' documentation of Deployments, and its deployment_util.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "controller-manager/controllers/deployment/bodies.hpp"
#include "controller-manager/controllers/deployment/plan.hpp"
#include "controller-manager/controllers/deployment/revisions.hpp"
#include "controller-manager/controllers/deployment/rollout_limits.hpp"
#include "controller-manager/controllers/deployment/rollout_plan.hpp"
#include "controller-manager/controllers/deployment/scale_plan.hpp"
#include "controller-manager/controllers/deployment/status_plan.hpp"
#include "controller-manager/controllers/deployment/template_hash.hpp"
#include "controller-manager/int_or_percent.hpp"
#include "libs/api/time.hpp"

#include <nlohmann/json.hpp>

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

using Strings = std::vector<std::string>;

const WallTime kNow = *api::parse_time("2026-01-01T01:00:00Z");

api::Deployment deployment(std::int64_t replicas, std::string surge = "25%", std::string unavailable = "25%") {
  api::Deployment result;
  result.metadata.name = "web";
  result.metadata.namespace_ = "default";
  result.metadata.uid = "d-uid";
  result.metadata.generation = 1;
  result.spec.replicas = replicas;
  result.spec.revisionHistoryLimit = 10;
  result.spec.progressDeadlineSeconds = 600;
  result.spec.selector.matchLabels["app"] = "web";
  result.spec.strategy.type = "RollingUpdate";
  result.spec.strategy.rollingUpdate.emplace();
  result.spec.strategy.rollingUpdate->maxSurge = std::move(surge);
  result.spec.strategy.rollingUpdate->maxUnavailable = std::move(unavailable);
  result.spec.template_.text = R"({"metadata":{"labels":{"app":"web"}},"spec":{"containers":[]}})";
  return result;
}

SetState set_of(std::string name, std::int64_t replicas, std::int64_t available, int age = 0) {
  SetState set;
  set.name = std::move(name);
  set.uid = "uid-" + set.name;
  set.template_ = set.name;
  set.created = fmt::format("2026-01-01T00:{:02}:00Z", 59 - age);
  set.replicas = replicas;
  set.status.replicas = replicas;
  set.status.readyReplicas = set.status.availableReplicas = available;
  set.status.terminatingReplicas = 0;
  return set;
}

// Names and sizes after the step, oldest first.
std::string sizes(const SetStates& sets) {
  std::string text;
  for (const auto* set : sets.all()) text += fmt::format("{}{}={}", text.empty() ? "" : " ", set->name, set->replicas);
  return text;
}

// Plays the other controllers: every set has the pods it wants, and all of them are available. Tells each size that
// changed, as the events do; stops when nothing changes any more.
struct Rollout {
  api::Deployment subject;
  std::vector<SetState> sets;
  Strings steps;
  std::int64_t most = 0, least_available = 1000;
  WallTime now = kNow;
  int turns = 0;

  explicit Rollout(api::Deployment d) : subject(std::move(d)) {}

  DeploymentPlan turn(const std::string& template_, bool pods_get_ready = true) {
    auto plan = plan_deployment(subject, template_, sets, now);
    if (plan.creation) {
      auto created = *plan.creation;
      created.uid = "uid-" + created.name;
      created.created = api::format_time(now);
      created.name = template_;
      created.status.terminatingReplicas = 0;
      steps.push_back(fmt::format("{} {}", created.name, created.replicas));
      sets.push_back(std::move(created));
    }
    for (const auto& change : plan.changes) {
      for (auto& set : sets) {
        if (set.name != change.name) continue;
        if (change.replicas) {
          set.replicas = *change.replicas;
          steps.push_back(fmt::format("{} {}", set.name, set.replicas));
        }
        for (const auto& [key, value] : change.annotations) set.annotations[key] = value;
      }
    }
    for (const auto& removed : plan.removals) {
      std::erase_if(sets, [&](const auto& set) { return set.name == removed.name; });
      steps.push_back("remove " + removed.name);
    }
    subject.status = plan.status;
    if (!plan.revision.empty()) subject.metadata.annotations[kRevision] = plan.revision;
    std::int64_t total = 0, available = 0;
    for (auto& set : sets) {
      set.status.replicas = set.replicas;
      set.status.availableReplicas = std::min(set.status.availableReplicas, set.replicas);
      total += set.replicas;
      available += set.status.availableReplicas;
      if (pods_get_ready) set.status.readyReplicas = set.status.availableReplicas = set.replicas;
    }
    most = std::max(most, total);
    least_available = std::min(least_available, available);
    now += 1s;
    return plan;
  }
  Strings run(const std::string& template_, bool pods_get_ready = true) {
    steps.clear();
    most = 0;
    least_available = 1000;
    for (turns = 0; turns < 200; ++turns) {
      auto before = subject.status;
      auto size = steps.size();
      turn(template_, pods_get_ready);
      if (is_same(before, subject.status) && steps.size() == size) break;
    }
    return steps;
  }
  std::string annotation(const std::string& name, const char* key) const {
    for (const auto& set : sets) {
      if (set.name != name) continue;
      auto it = set.annotations.find(key);
      return it == set.annotations.end() ? "-" : it->second;
    }
    return "no such set";
  }
};

Strings conditions_of(const api::DeploymentStatus& status) {
  Strings result;
  for (const auto& c : status.conditions) result.push_back(fmt::format("{} {} {}", c.type, c.status, c.reason));
  return result;
}

}  // namespace

TEST_CASE("surge rounds up, unavailable rounds down, both zero means one unavailable") {
  struct Row {
    std::int64_t replicas;
    std::string surge, unavailable;
    std::int64_t expected_surge, expected_unavailable;
  };
  for (const auto& row : std::vector<Row>{{3, "25%", "25%", 1, 0},
                                          {4, "25%", "25%", 1, 1},
                                          {10, "25%", "25%", 3, 2},
                                          {1, "25%", "25%", 1, 0},
                                          {2, "0%", "1%", 0, 1},
                                          {1, "0", "1%", 0, 1},
                                          {2, "1%", "25%", 1, 0},
                                          {10, "3", "2", 3, 2},
                                          {2, "1", "5", 1, 2},
                                          {0, "25%", "25%", 0, 0},
                                          {10, "100%", "0", 10, 0},
                                          {4, "", "", 1, 1}}) {
    CAPTURE(row.replicas);
    CAPTURE(row.surge);
    auto limits = rollout_limits(deployment(row.replicas, row.surge, row.unavailable));
    CHECK(limits.surge == row.expected_surge);
    CHECK(limits.unavailable == row.expected_unavailable);
  }
  auto recreate = deployment(10);
  recreate.spec.strategy.type = "Recreate";
  CHECK(rollout_limits(recreate).surge == 0);
  CHECK(rollout_limits(recreate).unavailable == 0);
  CHECK(rollout_limits(deployment(10, "x%", "2")).surge == 0);
  CHECK_FALSE(int_or_percent("x%", 10, true));
  CHECK_FALSE(int_or_percent("", 10, true));
}

TEST_CASE("a rolling update of three: one new, wait, one old less, and so on") {
  Rollout rollout(deployment(3));
  CHECK(rollout.run("a") == Strings{"a 3"});
  rollout.subject.metadata.generation = 2;
  CHECK(rollout.run("b") == Strings{"b 1", "a 2", "b 2", "a 1", "b 3", "a 0"});
  CHECK(rollout.most == 4);
  CHECK(rollout.least_available == 3);
  CHECK(conditions_of(rollout.subject.status) ==
        Strings{"Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable"});
}

TEST_CASE("a rolling update of ten begins with three new and eight old, and keeps its limits") {
  Rollout rollout(deployment(10));
  rollout.run("a");
  rollout.subject.metadata.generation = 2;
  auto steps = rollout.run("b");
  REQUIRE(steps.size() > 2);
  CHECK(steps[0] == "b 3");
  CHECK(steps[1] == "a 8");
  CHECK(steps.back() == "a 0");
  CHECK(rollout.most == 13);
  CHECK(rollout.least_available >= 8);
}

TEST_CASE("without surge the old go first, with surge alone the new") {
  Rollout down(deployment(2, "0", "1"));
  down.run("a");
  down.subject.metadata.generation = 2;
  CHECK(down.run("b") == Strings{"b 0", "a 1", "b 1", "a 0", "b 2"});
  Rollout one(deployment(1, "1", "0"));
  one.run("a");
  one.subject.metadata.generation = 2;
  CHECK(one.run("b") == Strings{"b 1", "a 0"});
}

TEST_CASE("a bad rollout gets stuck with enough old pods, and undo goes back") {
  Rollout rollout(deployment(4));
  rollout.run("a");
  rollout.subject.metadata.generation = 2;
  CHECK(rollout.run("bad", false) == Strings{"bad 1", "a 3", "bad 2"});
  CHECK(rollout.least_available == 3);
  // The deadline passes: Progressing turns False, once.
  auto plan = rollout.turn("bad", false);
  REQUIRE(plan.requeue_after);
  CHECK(*plan.requeue_after <= 601s);
  rollout.now += *plan.requeue_after;
  rollout.turn("bad", false);
  CHECK(conditions_of(rollout.subject.status) ==
        Strings{"Available True MinimumReplicasAvailable", "Progressing False ProgressDeadlineExceeded"});
  CHECK(rollout.subject.status.conditions[1].message == "ReplicaSet \"bad\" has timed out progressing.");
  CHECK_FALSE(rollout.turn("bad", false).requeue_after);

  rollout.subject.metadata.generation = 3;
  rollout.run("a");
  CHECK(rollout.annotation("a", kRevision) == "3");
  CHECK(rollout.annotation("a", kRevisionHistory) == "1");
  CHECK(rollout.annotation("bad", kRevision) == "2");
  CHECK(rollout.subject.metadata.annotations[kRevision] == "3");
  CHECK(conditions_of(rollout.subject.status) ==
        Strings{"Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable"});
}

TEST_CASE("a rollout whose beginning was never written keeps the word of the last one, and cannot time out") {
  Rollout rollout(deployment(4));
  rollout.run("a");
  rollout.subject.metadata.generation = 2;
  auto before = rollout.subject.status;
  // Both status writes of the beginning are lost: that a set was made, and that it has no pods yet.
  for (int turn = 0; turn < 4; ++turn) {
    rollout.turn("bad", false);
    rollout.subject.status = before;
  }
  for (int turn = 0; turn < 3; ++turn) {
    rollout.turn("bad", false);
    rollout.now += 601s;
  }
  CHECK(rollout.subject.status.updatedReplicas == 2);
  CHECK(conditions_of(rollout.subject.status) ==
        Strings{"Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable"});
}

TEST_CASE("unhealthy old replicas go without asking how many are available") {
  SetStates sets;
  sets.old = {set_of("a", 8, 7, 2)};
  sets.current = set_of("b", 5, 5, 1);
  CHECK(roll_one_step(deployment(10, "3", "2"), sets));
  // 13 - 8 = 5 may go: the unhealthy one, and of the available 12 - 8 = 4.
  CHECK(sizes(sets) == "a=3 b=5");
  sets.old = {set_of("a", 8, 7, 2)};
  sets.current = set_of("b", 5, 0, 1);
  CHECK_FALSE(roll_one_step(deployment(10, "3", "2"), sets));
}

TEST_CASE("proportional scaling, by Kubernetes' example: 8 and 5 of 10+3, scaled to 15, become 11 and 7") {
  auto subject = deployment(10, "3", "2");
  SetStates sets;
  sets.old = {set_of("a", 8, 8, 2)};
  sets.current = set_of("b", 5, 0, 1);
  for (auto* set : sets.all()) mark_size(*set, subject);
  CHECK_FALSE(is_scaling_event(subject, sets));
  subject.spec.replicas = 15;
  CHECK(is_scaling_event(subject, sets));
  scale_sets(subject, sets);
  CHECK(sizes(sets) == "a=11 b=7");
  CHECK_FALSE(is_scaling_event(subject, sets));
  subject.spec.replicas = 5;
  scale_sets(subject, sets);
  CHECK(sizes(sets) == "a=5 b=3");
  subject.spec.replicas = 0;
  scale_sets(subject, sets);
  CHECK(sizes(sets) == "a=0 b=0");
}

TEST_CASE("what remains of proportional scaling goes to the largest, among equals to the newer when growing") {
  auto subject = deployment(4, "0", "1");
  SetStates sets;
  sets.old = {set_of("a", 2, 2, 2)};
  sets.current = set_of("b", 2, 2, 1);
  for (auto* set : sets.all()) mark_size(*set, subject);
  subject.spec.replicas = 5;  // each gains 0.5: the first takes it, nothing is left for the second
  scale_sets(subject, sets);
  CHECK(sizes(sets) == "a=2 b=3");
  subject.spec.replicas = 4;
  scale_sets(subject, sets);
  CHECK(sizes(sets) == "a=2 b=2");
}

TEST_CASE("scaling: the only set with pods is scaled, else the latest; a complete one stops the others") {
  auto subject = deployment(5);
  SetStates sets;
  sets.old = {set_of("a", 0, 0, 2)};
  sets.current = set_of("b", 3, 3, 1);
  scale_sets(subject, sets);
  CHECK(sizes(sets) == "a=0 b=5");
  sets.current = set_of("b", 0, 0, 1);
  scale_sets(subject, sets);
  CHECK(sizes(sets) == "a=0 b=5");
  sets.old = {set_of("a", 0, 0, 3), set_of("c", 0, 0, 2)};
  sets.current.reset();
  scale_sets(subject, sets);
  CHECK(sizes(sets) == "a=0 c=5");
  sets.old = {set_of("a", 2, 2, 2)};
  sets.current = set_of("b", 5, 5, 1);
  mark_size(*sets.current, subject);
  scale_sets(subject, sets);
  CHECK(sizes(sets) == "a=0 b=5");
}

TEST_CASE("Recreate: all old ones stop, and only when their pods have ended the new ones come") {
  auto subject = deployment(3);
  subject.spec.strategy.type = "Recreate";
  subject.spec.strategy.rollingUpdate.reset();
  Rollout rollout(subject);
  CHECK(rollout.run("a") == Strings{"a 3"});
  rollout.subject.metadata.generation = 2;
  rollout.sets[0].pods_not_ended = 3;
  CHECK(rollout.run("b") == Strings{"a 0"});
  rollout.sets[0].pods_not_ended = 0;
  CHECK(rollout.run("b") == Strings{"b 3"});
}

TEST_CASE("pause keeps the rollout but not the scaling; the deadline does not count meanwhile") {
  Rollout rollout(deployment(3));
  rollout.run("a");
  rollout.subject.spec.paused = true;
  rollout.subject.metadata.generation = 2;
  CHECK(rollout.run("b") == Strings{});
  CHECK(conditions_of(rollout.subject.status) ==
        Strings{"Available True MinimumReplicasAvailable", "Progressing Unknown DeploymentPaused"});
  rollout.subject.spec.replicas = 5;
  CHECK(rollout.run("b") == Strings{"a 5"});
  rollout.now += 3600s;
  CHECK_FALSE(rollout.turn("b").requeue_after);
  rollout.subject.spec.paused = false;
  rollout.subject.metadata.generation = 3;
  rollout.turn("b", false);
  CHECK(conditions_of(rollout.subject.status) ==
        Strings{"Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetCreated"});
  rollout.run("b");
  CHECK(conditions_of(rollout.subject.status)[1] == "Progressing True NewReplicaSetAvailable");
}

TEST_CASE("history keeps revisionHistoryLimit old sets, the highest revisions") {
  auto subject = deployment(1);
  subject.spec.revisionHistoryLimit = 1;
  Rollout rollout(subject);
  for (std::string name : {"a", "b", "c"}) {
    ++rollout.subject.metadata.generation;
    rollout.run(name);
  }
  Strings names;
  for (const auto& set : rollout.sets) names.push_back(set.name);
  CHECK(names == Strings{"b", "c"});
  // A rollback makes "b" the highest: then it is "c" that stays.
  ++rollout.subject.metadata.generation;
  rollout.run("b");
  ++rollout.subject.metadata.generation;
  rollout.run("d");
  names.clear();
  for (const auto& set : rollout.sets) names.push_back(set.name);
  CHECK(names == Strings{"b", "d"});
}

TEST_CASE("the current set gets the deployment's annotations, but not kubectl's and our own") {
  auto subject = deployment(1);
  subject.metadata.annotations = {{"kubernetes.io/change-cause", "why"},
                                  {"kubectl.kubernetes.io/last-applied-configuration", "{}"},
                                  {kRevision, "7"}};
  auto set = set_of("a", 1, 1);
  mark_current(set, subject, 2);
  CHECK(set.annotations == api::StringMap{{"kubernetes.io/change-cause", "why"}, {kRevision, "2"}});
  mark_current(set, subject, 2);
  mark_current(set, subject, 1);
  CHECK(set.annotations.at(kRevision) == "2");
  mark_current(set, subject, 5);
  mark_current(set, subject, 9);
  CHECK(set.annotations.at(kRevisionHistory) == "2,5");
  CHECK(highest_revision({set, set_of("b", 1, 1)}) == 9);
  // Numbers, not texts.
  mark_current(set, subject, 10);
  CHECK(set.annotations.at(kRevision) == "10");
}

TEST_CASE("conditions: what stays the same keeps its place and its dates, what changes goes to the end") {
  std::vector<api::Condition> list;
  set_rollout_condition(list, "A", "True", "R", "m", kNow);
  set_rollout_condition(list, "B", "True", "R", "m", kNow);
  set_rollout_condition(list, "A", "True", "R", "other", kNow + 5s);
  CHECK(list[0].type == "A");
  CHECK(list[0].message == "m");
  set_rollout_condition(list, "A", "True", "S", "m", kNow + 5s);
  CHECK(list[1].type == "A");
  CHECK(list[1].lastTransitionTime == "2026-01-01T01:00:00Z");
  CHECK(list[1].lastUpdateTime == "2026-01-01T01:00:05Z");
  set_rollout_condition(list, "B", "False", "S", "m", kNow + 9s);
  CHECK(list[1].lastTransitionTime == "2026-01-01T01:00:09Z");
}

TEST_CASE("the first conditions of a deployment, and what a set complains of") {
  Rollout rollout(deployment(3));
  rollout.turn("a", false);
  CHECK(conditions_of(rollout.subject.status) ==
        Strings{"Progressing True NewReplicaSetCreated", "Available False MinimumReplicasUnavailable"});
  CHECK(rollout.subject.status.unavailableReplicas == 3);
  CHECK(rollout.subject.status.observedGeneration == 1);
  api::Condition trouble;
  trouble.type = "ReplicaFailure";
  trouble.status = "True";
  trouble.reason = "FailedCreate";
  trouble.message = "quota";
  trouble.lastTransitionTime = "2026-01-01T00:00:00Z";
  rollout.sets[0].status.conditions = {trouble};
  rollout.turn("a", false);
  CHECK(conditions_of(rollout.subject.status).back() == "ReplicaFailure True FailedCreate");
  CHECK(rollout.subject.status.conditions.back().lastUpdateTime == "2026-01-01T00:00:00Z");
  rollout.sets[0].status.conditions.clear();
  rollout.turn("a");
  CHECK(conditions_of(rollout.subject.status).size() == 2);
}

TEST_CASE("a set that was there already is found; without a deadline nothing is said of progress") {
  Rollout rollout(deployment(3));
  rollout.sets = {set_of("a", 1, 0)};
  rollout.turn("a", false);
  CHECK(conditions_of(rollout.subject.status)[0] == "Available False MinimumReplicasUnavailable");
  CHECK(rollout.annotation("a", kRevision) == "1");
  auto endless = deployment(3);
  endless.spec.progressDeadlineSeconds = 2147483647;
  Rollout quiet(endless);
  quiet.run("a");
  CHECK(conditions_of(quiet.subject.status) == Strings{"Available True MinimumReplicasAvailable"});
}

TEST_CASE("templates that mean the same have the same hash; collisions change it") {
  std::string one = canonical_template(R"({"spec":{"b":1,"a":[]},"metadata":{"labels":{"x":"y"},"c":null}})");
  std::string other = canonical_template(R"({"metadata":{"labels":{"pod-template-hash":"q","x":"y"}},"spec":{"b":1}})");
  CHECK(one == other);
  CHECK(one == R"({"metadata":{"labels":{"x":"y"}},"spec":{"b":1}})");
  std::string hash = template_hash(one, std::nullopt);
  CHECK(hash == template_hash(other, std::nullopt));
  CHECK(hash != template_hash(one, 0));
  CHECK(template_hash(one, 0) != template_hash(one, 1));
  CHECK(hash.size() >= 8);
  CHECK(hash.find_first_not_of("bcdfghjklmnpqrstvwxz2456789") == std::string::npos);
  // FNV-32a of "a" is 3826002220: each digit is a letter.
  CHECK(template_hash("a", std::nullopt) == "7d6b446664");
}

TEST_CASE("the ReplicaSet of a deployment: the hash stands in its name, labels, selector and template") {
  auto subject = deployment(3);
  subject.spec.minReadySeconds = 5;
  api::SelectorExpression expression;
  expression.key = "tier";
  expression.operator_ = "Exists";
  subject.spec.selector.matchExpressions = {expression};
  std::string template_ = canonical_template(subject.spec.template_.text);
  auto plan = plan_deployment(subject, template_, {}, kNow);
  auto set = json::parse(*new_set_body(subject, plan));
  std::string hash = template_hash(template_, std::nullopt);
  CHECK(set["metadata"]["name"] == "web-" + hash);
  CHECK(set["metadata"]["labels"] == json{{"app", "web"}, {"pod-template-hash", hash}});
  CHECK(set["metadata"]["annotations"] == json{{kRevision, "1"}, {kDesiredReplicas, "3"}, {kMaxReplicas, "4"}});
  CHECK(set["metadata"]["ownerReferences"][0]["kind"] == "Deployment");
  CHECK(set["spec"]["replicas"] == 3);
  CHECK(set["spec"]["minReadySeconds"] == 5);
  CHECK(set["spec"]["selector"]["matchLabels"] == json{{"app", "web"}, {"pod-template-hash", hash}});
  CHECK(set["spec"]["selector"]["matchExpressions"] == json::parse(R"([{"key":"tier","operator":"Exists"}])"));
  CHECK(set["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] == hash);
}
