// A scenario document as the text of a file: YAML with one line a step. Pure.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>

namespace kubeloop::simulator {

// `comment` stands above, each of its lines behind "# ".
std::string scenario_text(const nlohmann::json& document, const std::string& comment);

}  // namespace kubeloop::simulator
