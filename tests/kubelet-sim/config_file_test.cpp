// The file behind --config, and the rules for images in it.
#include <doctest/doctest.h>

#include "kubelet-sim/config_file.hpp"
#include "kubelet-sim/runtime/behaviour.hpp"

namespace kubeloop::kubelet_sim {
namespace {

TEST_CASE("what is written is what is read") {
  auto options = Options::with_nodes(1);
  options.nodes[0].labels = {{"topology.kubernetes.io/zone", "a"}};
  api::Taint taint;
  taint.key = "dedicated";
  taint.effect = "NoSchedule";
  options.nodes[0].taints = {taint};
  options.nodes[0].capacity["example.com/gpu"] = "2";
  options.image_rules = {{"web:*", {{"run", "5s exit 1"}, {"pull", "1s"}}}};
  std::string text = config_text(options);
  auto read = parse_config(text);
  REQUIRE_MESSAGE(read.has_value(), read.error().message);
  CHECK(config_text(*read) == text);
  CHECK(read->nodes[0].name == "node-1");
  CHECK(read->nodes[0].capacity == options.nodes[0].capacity);
  CHECK(read->nodes[0].taints == options.nodes[0].taints);
  CHECK(read->image_rules[0].texts == options.image_rules[0].texts);
}

TEST_CASE("what is no configuration is refused") {
  CHECK(parse_config("x").error().message == "no configuration of format 1");
  CHECK(parse_config(R"({"format":2,"nodes":[]})").error().message == "no configuration of format 1");
  CHECK_FALSE(parse_config(R"({"format":1})").has_value());
  CHECK_FALSE(parse_config(R"({"format":1,"nodes":[{}]})").has_value());
  CHECK_FALSE(parse_config(R"({"format":1,"nodes":7})").has_value());
  auto bad = parse_config(R"({"format":1,"nodes":[],"behaviours":[{"image":"a","run":"x"}]})");
  CHECK(bad.error().message == "behaviour of a: run \"x\" cannot be read");
}

TEST_CASE("patterns match the image as named, or its last part with its tag") {
  CHECK(matches_image("web:*", "web:1"));
  CHECK(matches_image("web:*", "registry.example/team/web:1"));
  CHECK(matches_image("web:latest", "web"));
  CHECK(matches_image("*", "anything"));
  CHECK(matches_image("registry.example/*", "registry.example/team/web:1"));
  CHECK(matches_image("w?b:*1*", "web:212"));
  CHECK_FALSE(matches_image("web:*", "webs:1"));
  CHECK_FALSE(matches_image("web", "web:1"));
  CHECK_FALSE(matches_image("", "web"));
}

TEST_CASE("rules stand above what is known of images, annotations above rules") {
  api::Pod pod;
  api::Container container;
  container.name = "c";
  container.image = "nginx:1.27";
  ImageRules rules = {{"nginx:*", {{"pull", "7s"}, {"run", "5s exit 1"}}}, {"*", {{"run", "forever"}}}};
  auto by_rules = behaviour_of(pod, container, rules);
  CHECK(by_rules.pull.latency == 7s);
  CHECK_FALSE(by_rules.run(0).exit_after);  // the later rule
  pod.metadata.annotations["kubeloop.dev/pull"] = "denied";
  CHECK(behaviour_of(pod, container, rules).pull.error == PullError::kDenied);
  CHECK(behaviour_of(pod, container).pull.latency == 2100ms);
}

}  // namespace
}  // namespace kubeloop::kubelet_sim
