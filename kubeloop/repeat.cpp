#include "kubeloop/repeat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace kubeloop::cli {
namespace {

std::string fault_options(const RunCommand& command) {
  if (command.fault_areas.empty()) return command.draws_faults ? " --faults" : "";
  std::string areas;
  for (const auto& area : command.fault_areas) areas += (areas.empty() ? "" : ",") + area;
  return " --fault-areas " + areas;
}

}  // namespace

std::string repeating_command(const RunCommand& command, const std::string& file, const simulator::Scenario& scenario,
                              bool is_virtual, std::uint64_t seed, std::optional<std::uint64_t> shuffle_seed) {
  std::string text =
      fmt::format("kubeloop run {} --time {} --seed {}", shell_word(file), is_virtual ? "virtual" : "real", seed);
  if (shuffle_seed) text += fmt::format(" --shuffle {}", *shuffle_seed);
  text += fault_options(command) + fidelity_options(command);
  for (const auto& [name, value] : scenario.parameters) text += " --set " + shell_word(name + "=" + value);
  return text;
}

std::string fidelity_options(const RunCommand& command) {
  std::string text;
  if (command.is_wire) text += " --wire";
  if (command.has_sqlite) text += " --sqlite";
  if (!command.planted.empty()) text += " --plant " + command.planted;
  return text;
}

std::string shell_word(const std::string& word) {
  auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && std::strchr("/._-+=:,@", c));
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return word;
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace kubeloop::cli
