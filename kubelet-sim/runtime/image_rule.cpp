#include "kubelet-sim/runtime/image_rule.hpp"

#include "kubelet-sim/runtime/image.hpp"

namespace kubeloop::kubelet_sim {
namespace {

// Goes back to the last * only, so it takes no more than pattern times text.
bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t at = 0, in_text = 0;
  std::size_t star = std::string_view::npos, after_star = 0;
  while (in_text < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      after_star = in_text;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == text[in_text])) {
      ++at;
      ++in_text;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in_text = ++after_star;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace

const std::vector<std::string>& behaviour_names() {
  static const std::vector<std::string> kNames = {"liveness", "pull", "readiness", "run", "startup", "stop"};
  return kNames;
}

bool matches_image(std::string_view pattern, std::string_view image) {
  if (matches_pattern(pattern, image)) return true;
  std::string tag = image_tag(image);
  return matches_pattern(pattern, short_image_name(image) + (tag.empty() ? "" : ":" + tag));
}

}  // namespace kubeloop::kubelet_sim
