#include "simulator/scenario/lint/purpose.hpp"

#include <algorithm>
#include <set>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// Steps that fail when something is not as it should be.
bool can_fail(const std::string& name) {
  static const std::set<std::string> kSteps = {"wait",  "assert", "always",  "never", "eventually", "sustained",
                                               "check", "drain",  "barrier", "exec",  "heal"};
  return kSteps.contains(name);
}

bool uses(const json& value, const std::string& text) {
  if (value.is_string()) return value.get_ref<const std::string&>().find(text) != std::string::npos;
  if (!value.is_structured()) return false;
  return std::ranges::any_of(value, [&text](const json& inner) { return uses(inner, text); });
}

void check_parameters(Source& source) {
  const json* matrix = find_in_spec(source, "matrix");
  if (!matrix || !matrix->is_object()) return;
  json rest = source.document.value;
  rest["spec"].erase("matrix");
  for (const auto& [name, values] : matrix->items()) {
    if (uses(rest, "${" + name + "}")) continue;
    source.warn("KL309", "/spec/matrix/" + escape_pointer(name), "parameter \"" + name + "\" is never used",
                "${" + name + "}");
  }
}

void check_templates(Source& source, const std::vector<ListedStep>& steps) {
  const json* templates = find_in_spec(source, "templates");
  if (!templates || !templates->is_object()) return;
  std::set<std::string> used;
  for (const auto& step : steps) used.insert(step.text("template"));
  for (const auto& [name, manifest] : templates->items()) {
    // A name with a parameter in it may be any.
    bool is_used = used.contains(name) || std::ranges::any_of(used, [](const std::string& text) {
                     return text.find("${") != std::string::npos;
                   });
    if (!is_used)
      source.warn("KL309", "/spec/templates/" + escape_pointer(name), "template \"" + name + "\" is never used");
  }
}

}  // namespace

void check_purpose(Source& source, const std::vector<ListedStep>& steps) {
  check_parameters(source);
  check_templates(source, steps);
  const json* checks = find_in_spec(source, "checks");
  bool has_checks = checks && checks->is_array() && !checks->empty();
  bool is_checked = has_checks || std::ranges::any_of(steps, [](const auto& step) { return can_fail(step.name); });
  if (!is_checked && !steps.empty()) {
    source.warn("KL310", "/spec/steps", "nothing is checked, so nothing can fail",
                "a wait or assert step, or spec.checks");
  }
}

}  // namespace kubeloop::simulator
