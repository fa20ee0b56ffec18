// How the containers of some images behave, as a scenario says it: above the table of known images and the commands,
// below a pod's own annotations. Plain data and its matching. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kubeloop::kubelet_sim {

struct ImageRule {
  std::string image;                         // a pattern: * stands for any text, ? for one character
  std::map<std::string, std::string> texts;  // "pull", "run", "stop", "liveness", "readiness", "startup"
};
using ImageRules = std::vector<ImageRule>;

// What a rule may say something of, sorted.
const std::vector<std::string>& behaviour_names();

// Whether the pattern matches the image as the pod names it, or its last part with its tag ("web:latest" for
// "registry.example/team/web").
bool matches_image(std::string_view pattern, std::string_view image);

}  // namespace kubeloop::kubelet_sim
