// The codes of findings: what each means, how it is mended, and an example of what it is about. Codes are stable: one
// that is not used any more is not given to anything else. docs/scenarios.md lists them too (a test compares).
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace kubeloop::simulator {

struct LintCode {
  std::string_view code;
  std::string_view meaning;  // one line
  std::string_view fix;
  std::string_view wrong, right;  // YAML; may be empty
};

// In order of the codes.
const std::vector<LintCode>& lint_codes();

// Null when there is none; any case.
const LintCode* find_lint_code(std::string_view code);

// What `kubeloop lint --explain` prints.
std::string explain(const LintCode& code);

}  // namespace kubeloop::simulator
