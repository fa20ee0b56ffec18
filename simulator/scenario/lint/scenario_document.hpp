// The text of a scenario file as one YAML document, or what is wrong with it as YAML: syntax, size, bytes, how many
// documents. Pure, and bounded whatever the text is.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "libs/api/codec/yaml.hpp"
#include "simulator/scenario/lint_finding.hpp"

namespace kubeloop::simulator {

std::expected<api::YamlDocument, LintFinding> read_scenario_document(const std::string& path, std::string_view text);

}  // namespace kubeloop::simulator
