// One thing that is wrong with a scenario file: where, what, and what was probably meant. Plain data; made by Source
// and by the semantic checks, shown by `kubeloop lint` and `kubeloop run`.
#pragma once
#include <string>

namespace kubeloop::simulator {

struct LintFinding {
  std::string code;  // KL101, ...: see lint_codes.hpp
  std::string path;  // the file; another one than the scenario for what is wrong in a manifest that it names
  int line = 0;      // both from 1; columns in bytes
  int column = 0;
  std::string message;
  std::string meant;  // what should stand there, or a few words about it; "" = no idea
  bool is_warning = false;

  bool operator==(const LintFinding&) const = default;
};

// "path:12:5: unknown key "conditon" in a wait step (KL101): did you mean "condition"?"
std::string to_line(const LintFinding& finding);

}  // namespace kubeloop::simulator
