// What came of one of spec.checks, as reports and `kubeloop check` show it. Plain data and its texts.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

#include "libs/base/time.hpp"

namespace kubeloop::simulator {

struct CheckOutcome {
  std::string name;
  std::string text;     // what was asked, for people
  int line = 0;         // of the file
  std::string problem;  // one sentence; "" = it holds
  std::optional<double> points;
  WallTime started{}, ended{};

  bool is_passed() const { return problem.empty(); }
  bool operator==(const CheckOutcome&) const = default;
};

// "ok   NAME: TEXT" or "FAIL NAME: PROBLEM", with the points where there are some.
std::string to_line(const CheckOutcome& outcome);
// "5 of 6 checks hold, 40 of 50 points".
std::string summary(const std::vector<CheckOutcome>& outcomes);
nlohmann::ordered_json to_json(const CheckOutcome& outcome);

}  // namespace kubeloop::simulator
