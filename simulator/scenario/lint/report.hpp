// Findings as text for people, like a compiler's, and as JSON for programs. Pure but for reading the lines that are
// shown.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "simulator/scenario/lint_finding.hpp"

namespace kubeloop::simulator {

// "path:12:5: error KL101: MESSAGE", the line of the file with a caret below, and what was meant. Ends with a newline.
// `file_text` is the text of the finding's file, "" when there is none to show.
std::string to_text(const LintFinding& finding, const std::string& file_text);

// The same for all; reads the files.
std::string to_text(const std::vector<LintFinding>& findings);

// "2 errors, 1 warning in 3 files"
std::string summary(const std::vector<LintFinding>& findings, std::size_t files);

// {"files": 3, "errors": 2, "warnings": 1, "findings": [{code, severity, path, line, column, message, meant}]}
nlohmann::json to_json(const std::vector<LintFinding>& findings, std::size_t files);

}  // namespace kubeloop::simulator
