// Everything that can be said against a scenario file without running it: syntax, keys and values, manifests, what is
// asked of objects, and the flow of the steps. `kubeloop lint` shows it, `kubeloop run` refuses to run with an error.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "simulator/scenario/lint_finding.hpp"

namespace kubeloop::simulator {

// All findings, in order of position; those in manifest files that `text` names come last. Files are read relative to
// `path`, nothing else is touched. Bounded in time and space whatever the text is.
std::vector<LintFinding> lint_scenario(const std::string& path, std::string_view text);

// The same of the file; one that cannot be read is a finding too.
std::vector<LintFinding> lint_scenario_file(const std::string& path);

bool has_errors(const std::vector<LintFinding>& findings);

}  // namespace kubeloop::simulator
