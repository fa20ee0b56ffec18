#include "simulator/checks/check_outcome.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace kubeloop::simulator {

std::string to_line(const CheckOutcome& outcome) {
  std::string points;
  if (outcome.points) {
    points = outcome.is_passed() ? fmt::format(" [{} points]", *outcome.points)
                                 : fmt::format(" [0 of {} points]", *outcome.points);
  }
  const char* mark = outcome.is_passed() ? "ok  " : "FAIL";
  return fmt::format("{} {}: {}{}", mark, outcome.name, outcome.is_passed() ? outcome.text : outcome.problem, points);
}

std::string summary(const std::vector<CheckOutcome>& outcomes) {
  std::size_t passed = 0;
  double points = 0, all_points = 0;
  for (const auto& outcome : outcomes) {
    passed += outcome.is_passed() ? 1 : 0;
    all_points += outcome.points.value_or(0);
    if (outcome.is_passed()) points += outcome.points.value_or(0);
  }
  std::string text = fmt::format("{} of {} checks hold", passed, outcomes.size());
  return all_points > 0 ? text + fmt::format(", {} of {} points", points, all_points) : text;
}

nlohmann::ordered_json to_json(const CheckOutcome& outcome) {
  nlohmann::ordered_json out = {
      {"check", outcome.name}, {"text", outcome.text}, {"line", outcome.line}, {"passed", outcome.is_passed()}};
  if (!outcome.problem.empty()) out["problem"] = outcome.problem;
  if (outcome.points) {
    out["points"] = *outcome.points;
    out["earned"] = outcome.is_passed() ? *outcome.points : 0.0;
  }
  return out;
}

}  // namespace kubeloop::simulator
