// The runtime's data: image names, pull errors, commands, annotations, durations.
#include <doctest/doctest.h>

#include "kubelet-sim/runtime/behaviour.hpp"
#include "kubelet-sim/runtime/command.hpp"
#include "kubelet-sim/runtime/durations.hpp"
#include "kubelet-sim/runtime/runtime.hpp"

namespace kubeloop::kubelet_sim {
namespace {

Behaviour behaviour(const std::string& image, std::vector<std::string> command = {}, api::StringMap annotations = {}) {
  api::Pod pod;
  pod.metadata.annotations = std::move(annotations);
  api::Container container;
  container.name = "c";
  container.image = image;
  container.command = std::move(command);
  return behaviour_of(pod, container);
}

}  // namespace

TEST_CASE("image names in full") {
  CHECK(normalized_image("nginx") == "docker.io/library/nginx:latest");
  CHECK(normalized_image("nginx:1.29") == "docker.io/library/nginx:1.29");
  CHECK(normalized_image("bitnami/redis") == "docker.io/bitnami/redis:latest");
  CHECK(normalized_image("quay.io/a/b:v1") == "quay.io/a/b:v1");
  CHECK(normalized_image("localhost:5000/a") == "localhost:5000/a:latest");
  CHECK(normalized_image("a@sha256:12") == "docker.io/library/a@sha256:12");
  CHECK(short_image_name("localhost:5000/x/nginx:1") == "nginx");
  CHECK(image_digest("nginx") == image_digest("docker.io/library/nginx:latest"));
  CHECK(image_digest("nginx").size() == std::string("docker.io/library/nginx@sha256:").size() + 64);
  CHECK(image_name_error("nginx") == "");
  CHECK(image_name_error("NGINX") == "invalid reference format: repository name (library/NGINX) must be lowercase");
}

TEST_CASE("images that cannot be pulled") {
  CHECK(behaviour("nginx").pull.error == PullError::kNone);
  CHECK(behaviour("nosuch").pull.error == PullError::kDenied);
  CHECK(behaviour("quay.io/team/missing-thing:1").pull.error == PullError::kDenied);
  CHECK(behaviour("nginx:missing").pull.error == PullError::kNotFound);
  CHECK(
      pull_error_text(PullError::kDenied, "nosuch") ==
      "rpc error: code = Unknown desc = failed to pull and unpack image \"docker.io/library/nosuch:latest\": failed to "
      "resolve reference \"docker.io/library/nosuch:latest\": pull access denied, repository does not exist or may "
      "require authorization: server message: insufficient_scope: authorization failed");
}

TEST_CASE("commands") {
  auto sleep = behaviour("busybox", {"sleep", "30"});
  CHECK(sleep.run(0).exit_after == Duration(30s));
  CHECK(sleep.stop.ignores_sigterm);
  CHECK(behaviour("busybox").run(0).exit_after == Duration(0));
  CHECK_FALSE(behaviour("nginx").run(0).exit_after);
  CHECK_FALSE(behaviour("nginx").stop.ignores_sigterm);
  CHECK_FALSE(behaviour("anything:v3").run(0).exit_after);
  CHECK(behaviour("busybox", {"false"}).run(0).exit_code == 1);
  CHECK(behaviour("busybox", {"/bin/true"}).run(0).exit_code == 0);
  auto failing = behaviour("busybox", {"sh", "-c", "echo hello; sleep 5 && exit 3"});
  CHECK(failing.run(0).exit_after == Duration(5s));
  CHECK(failing.run(0).exit_code == 3);
  CHECK(behaviour("busybox", {"sh", "-c", "false || sleep 2"}).run(0).exit_after == Duration(2s));
  CHECK(behaviour("busybox", {"sh", "-c", "false && sleep 2"}).run(0).exit_code == 1);
  auto loop = behaviour("busybox", {"/bin/sh", "-c", "while true; do echo tick; sleep 1; done"});
  CHECK_FALSE(loop.run(0).exit_after);
  CHECK(loop.stop.ignores_sigterm);
  CHECK_FALSE(behaviour("busybox", {"sh", "-c", "trap 'exit 0' TERM; sleep 9"}).stop.ignores_sigterm);
  CHECK_FALSE(behaviour("busybox", {"sleep", "infinity"}).run(0).exit_after);
  CHECK_FALSE(behaviour("python:3", {"python", "app.py"}).run(0).exit_after);
  CHECK(behaviour("busybox", {"/bin/nonexistent"})
            .start_error.ends_with("exec: \"/bin/nonexistent\": stat /bin/nonexistent: no such file or directory"));
}

TEST_CASE("annotations override, for all containers or for one") {
  auto runs = behaviour("nginx", {}, {{"kubeloop.dev/run", "5s exit 1 x2, 1m oom, forever"}});
  CHECK(runs.run(0).exit_code == 1);
  CHECK(runs.run(1).exit_after == Duration(5s));
  CHECK(runs.run(2).is_oom);
  CHECK(runs.run(2).exit_code == 137);
  CHECK_FALSE(runs.run(3).exit_after);
  CHECK_FALSE(runs.run(99).exit_after);
  CHECK(behaviour("nginx", {}, {{"kubeloop.dev/pull", "7s"}}).pull.latency == Duration(7s));
  CHECK(behaviour("nginx", {}, {{"kubeloop.dev/pull", "timeout"}}).pull.error == PullError::kTimeout);
  CHECK(behaviour("nosuch", {}, {{"kubeloop.dev/pull", "1s"}}).pull.error == PullError::kNone);
  CHECK(behaviour("nginx", {}, {{"kubeloop.dev/stop", "ignore"}}).stop.ignores_sigterm);
  CHECK(behaviour("nginx", {}, {{"kubeloop.dev/stop", "2s exit 3"}}).stop.exit_code == 3);
  CHECK(behaviour("nginx", {}, {{"kubeloop.dev/run", "9s"}, {"kubeloop.dev/run.c", "3s"}}).run(0).exit_after ==
        Duration(3s));
  CHECK_FALSE(behaviour("nginx", {}, {{"kubeloop.dev/run", "soon"}}).run(0).exit_after);
  auto probe = behaviour("nginx", {}, {{"kubeloop.dev/readiness", "fail 10s-20s, 60s-"}}).readiness;
  CHECK(probe.succeeds(9s));
  CHECK_FALSE(probe.succeeds(10s));
  CHECK(probe.succeeds(20s));
  CHECK_FALSE(probe.succeeds(1h));
}

TEST_CASE("an exec probe answers what its command would, if it is one that we know") {
  api::Pod pod;
  api::Container container;
  container.image = "nginx";
  container.readinessProbe.emplace();
  container.readinessProbe->exec.emplace();
  auto answers = [&](std::vector<std::string> command) {
    container.readinessProbe->exec->command = std::move(command);
    return behaviour_of(pod, container).readiness.succeeds(1h);
  };
  CHECK_FALSE(answers({"false"}));
  CHECK_FALSE(answers({"sh", "-c", "exit 3"}));
  CHECK(answers({"true"}));
  CHECK(answers({"cat", "/tmp/healthy"}));  // the image's business
  pod.metadata.annotations["kubeloop.dev/readiness"] = "ok";
  CHECK(answers({"false"}));  // an annotation has the last word
}

TEST_CASE("durations in Go's form") {
  CHECK(go_duration(2345ms) == "2.345s");
  CHECK(go_duration(2100ms) == "2.1s");
  CHECK(go_duration(512ms) == "512ms");
  CHECK(go_duration(5min) == "5m0s");
  CHECK(go_duration(90s + 500ms) == "1m30.5s");
  CHECK(go_duration(Duration(0)) == "0s");
  CHECK(parse_go_duration("1m30s") == Duration(90s));
  CHECK(parse_go_duration("1.5h") == Duration(90min));
  CHECK_FALSE(parse_go_duration("10"));
  CHECK_FALSE(parse_go_duration("s"));
  CHECK_FALSE(parse_go_duration(""));
  CHECK_FALSE(parse_go_duration("99999999h"));
}

TEST_CASE("pulls of one node wait for each other, and an image is pulled once") {
  Timings timings;
  timings.cost_jitter_percent = 0;
  Runtime runtime(Rng(1), timings);
  runtime.add_node("n", "172.18.0.1");
  api::Pod a, b;
  a.metadata.uid = "a";
  b.metadata.uid = "b";
  api::Container container;
  container.name = "c";
  container.image = "nginx:1.29";
  a.spec.containers.push_back(container);
  b.spec.containers.push_back(container);
  PullImage op;
  op.container = "c";
  runtime.apply("n", a, op, Instant{}, WallTime{});
  CHECK(runtime.find("n", "a")->pull->done_at == Instant(2100ms));
  CHECK_FALSE(runtime.has_image("n", "nginx:1.29", Instant(2s)));
  runtime.apply("n", b, op, Instant(1s), WallTime{});
  const auto& second = *runtime.find("n", "b")->pull;
  CHECK(second.took == Duration(400ms));
  CHECK(second.with_waiting == Duration(1500ms));
  CHECK(runtime.has_image("n", "nginx:1.29", Instant(2100ms)));
}

}  // namespace kubeloop::kubelet_sim
