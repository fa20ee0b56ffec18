// The grammar of checks: how each is told, and the text and place of each refusal.
#include "simulator/scenario/scenario.hpp"
#include "tests/simulator/check_world.hpp"

namespace kubeloop::simulator {
namespace {

std::string text_of(const std::string& check) {
  return parse_one_check(check).text;
}

TEST_CASE("every kind of check in words") {
  CHECK(text_of("object: pod/default/a, condition: Ready") == "pod/default/a is Ready");
  CHECK(text_of("objects: pods, namespace: '*', selector: app=web, count: {$gte: 3}") ==
        "at least 3 pods of all namespaces with app=web exist");
  CHECK(text_of("placement: {selector: app=web, on: {zone: a}, differentNodes: true}") ==
        "pods with app=web are on nodes with topology.kubernetes.io/zone=a and on different nodes");
  CHECK(text_of("placement: {selector: app=web, namespace: team, notOn: node-1, spread: {topologyKey: zone}}") ==
        "pods with app=web in team are not on node-1 and spread over topology.kubernetes.io/zone (skew 1)");
  CHECK(text_of("events: {reason: FailedScheduling, regarding: pod/default/a, count: 0}") ==
        "there are 0 events FailedScheduling about pod/default/a");
  CHECK(text_of("order: [{object: pod/default/a, created: true}, {object: pod/default/a, condition: Ready}]") ==
        "pod/default/a is created, then pod/default/a is Ready");
  CHECK(text_of("noDowntime: {service: web}") == "service default/web has at least 1 ready endpoint");
  CHECK(text_of("noDowntime: {selector: app=web, minReady: 2}") == "at least 2 of pods with app=web are ready");
  CHECK(text_of("reachable: {service: team/web}") == "service team/web reaches pods");
  CHECK(text_of("writes: {by: scheduler, verb: create, resource: pod, count: {$lte: 10}}") ==
        "scheduler writes (create) pods at most 10 times");
  CHECK(text_of("latency: {from: created, to: ready, of: {selector: app=web}, p99: '<5s', max: 10s}") ==
        "pods with app=web get from created to ready with p99 < 5s, max <= 10s");
  CHECK(text_of("object: secret/default/s, matches: {data: {password: x}}").find("x}") == std::string::npos);
}

TEST_CASE("what is refused, and where") {
  auto says = [](const std::string& check, const std::string& part) {
    std::string error = check_error(check);
    CHECK_MESSAGE(error.find(part) != std::string::npos, error);
    CHECK_MESSAGE(error.starts_with("x.yaml:6:"), error);
  };
  says("condition: Ready", "needs \"object\"");
  says("object: pod/a/b, objects: pods, count: 1", "\"object\" and \"objects\" are two checks: write two");
  says("object: pod/a/b, matches: {a: {$gtt: 1}}", "unknown operator \"$gtt\"");
  says("objects: pods, count: {$gte: many}", "takes a number, a quantity or a time");
  says("objects: pods, count: 1.5", "\"count\" must be a whole number or operators");
  says("placement: {selector: app=web}", "a placement needs one of on, notOn");
  says("placement: {on: node-1}", "needs \"selector\"");
  says("placement: {selector: 'a in (', on: node-1}", "unable to parse requirement");
  says("placement: {selector: a=b, on: []}", "nodes are a name, a list of names");
  says("events: {}", "needs one of reason, message, regarding");
  says("order: [{object: pod/a/b, created: true}]", "a list of 2 to");
  says("order: [{object: pod/a/b}, {object: pod/a/b, created: true}]", "a happening needs one of created");
  says("noDowntime: {}", "needs \"service\"");
  says("noDowntime: {service: a/b/c}", "is no service");
  says("noDowntime: {service: web, minReady: 0}", "\"minReady\" must be 1 or more");
  says("writes: {count: 1, verb: shout}", "\"verb\" is one of create");
  says("writes: {count: 1, resource: unicorns}", "knows no kind \"unicorns\"");
  says("writes: {by: scheduler}", "needs \"count\"");
  says("latency: {from: ready, to: created, max: 1s}", "\"created\" does not come after \"ready\"");
  says("latency: {from: created, to: ready}", "needs one of p50, p90, p99, max");
  says("latency: {from: created, to: ready, max: fast}", "\"max\" must be a duration like 5s or \"<5s\"");
  says("object: pod/a/b, points: -1", "\"points\" must not be negative");
  says("object: pod/a/b, sustained: 10s, within: 5s", "\"sustained\" is longer than \"within\"");
  says("object: pod/a/b, colour: red", "unknown key \"colour\"");
}

TEST_CASE("steps that ask about a span") {
  auto error_of = [](const std::string& step) {
    auto scenario = parse_scenario(
        "x.yaml",
        "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n  steps:\n  - " + step + "\n");
    return scenario ? "" : scenario.error().message;
  };
  CHECK(error_of("always: {object: pod/a/b, condition: Ready, for: 10s}") == "");
  CHECK(error_of("never: {objects: pods, count: {$gt: 3}}") == "");
  CHECK(error_of("eventually: {object: pod/a/b}") == "");
  CHECK(error_of("sustained: {object: pod/a/b, for: 10s, within: 20s}") == "");
  CHECK(error_of("sustained: {object: pod/a/b, within: 20s}").find("needs \"for\"") != std::string::npos);
  CHECK(error_of("sustained: {object: pod/a/b, for: 30s, within: 20s}").find("\"for\" is longer than \"within\"") !=
        std::string::npos);
  CHECK(error_of("always: {order: [{object: pod/a/b, created: true}, {object: pod/a/b, deleted: true}]}")
            .find("an order is judged by wait, assert or eventually") != std::string::npos);
  CHECK(error_of("always: {latency: {from: created, to: ready, max: 1s}}").find("a latency is judged by") !=
        std::string::npos);
}

TEST_CASE("files of checks") {
  auto error_of = [](const std::string& text) {
    auto file = parse_check_file("x.yaml", text);
    return file ? "" : file.error().message;
  };
  const std::string head = "apiVersion: kubeloop.dev/v1\nkind: Checks\nmetadata: {name: lab-1}\nspec:\n";
  auto file =
      parse_check_file("x.yaml", head + "  checks:\n  - {name: a, object: pod/default/a, points: 2.5, within: 3s}\n");
  REQUIRE(file.has_value());
  CHECK(file->name == "lab-1");
  REQUIRE(file->checks.size() == 1);
  CHECK(file->checks[0].points == 2.5);
  CHECK(file->checks[0].within == 3s);
  CHECK(file->checks[0].line == 6);
  CHECK(error_of(head + "  checks: []\n").find("at least one check") != std::string::npos);
  CHECK(error_of(head + "  {}\n").find("needs \"checks\"") != std::string::npos);
  CHECK(error_of(head + "  checks: [{name: a, object: pod/a/b}, {name: a, object: pod/a/b}]\n")
            .find("there are two checks named \"a\"") != std::string::npos);
  CHECK(error_of("apiVersion: v1" + head.substr(head.find('\n')) + "  checks: [{name: a, object: pod/a/b}]\n") ==
        "x.yaml:1:13: apiVersion must be kubeloop.dev/v1 (KL106): did you mean \"kubeloop.dev/v1\"?");
  CHECK(error_of("apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec: {steps: [{sleep: 1s}]}\n") ==
        "x.yaml: the scenario has no spec.checks");
}

}  // namespace
}  // namespace kubeloop::simulator
