#include <array>

#include <fmt/format.h>

#include "apiserver/printers/cells.hpp"
#include "apiserver/printers/registry.hpp"
#include "apiserver/printers/workload_cells.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

constexpr std::array<TableColumn, 8> kColumns{{
    {"Name", "string", "name", cells::kNameText, 0},
    {"Status", "string", "", "What the job is at, in one word.", 0},
    {"Completions", "string", "", "How many pods have succeeded, and how many must.", 0},
    {"Duration", "string", "", "How long the job has run, or ran until it was complete.", 0},
    {"Age", "string", "", cells::kAgeText, 0},
    {"Containers", "string", "", cells::kContainersText, 1},
    {"Images", "string", "", cells::kImagesText, 1},
    {"Selector", "string", "", cells::kSelectorText, 1},
}};

// The first of these that holds.
std::string status_of(const json& job) {
  for (const char* ended : {"Complete", "Failed"}) {
    if (cells::is_true(job, ended)) return ended;
  }
  if (!cells::text(job, {"metadata", "deletionTimestamp"}).empty()) return "Terminating";
  for (const char* state : {"Suspended", "FailureTarget", "SuccessCriteriaMet"}) {
    if (cells::is_true(job, state)) return state;
  }
  return "Running";
}

std::string completions_of(const json& job) {
  auto succeeded = cells::number(job, {"status", "succeeded"});
  if (cells::at(job, {"spec", "completions"}).is_number_integer()) {
    return fmt::format("{}/{}", succeeded, cells::number(job, {"spec", "completions"}));
  }
  auto parallelism = cells::number(job, {"spec", "parallelism"});
  return parallelism > 1 ? fmt::format("{}/1 of {}", succeeded, parallelism) : fmt::format("{}/1", succeeded);
}

std::string duration_of(const json& job, WallTime now) {
  auto start = api::parse_time(cells::text(job, {"status", "startTime"}));
  if (!start) return "";
  auto end = api::parse_time(cells::text(job, {"status", "completionTime"}));
  return api::human_duration(end.value_or(now) - *start);
}

TableRow print(const json& job, WallTime now) {
  json row = json::array();
  row.push_back(cells::name(job));
  row.push_back(status_of(job));
  row.push_back(completions_of(job));
  row.push_back(duration_of(job, now));
  row.push_back(cells::age(job, now));
  cells::add_containers(job, row);
  row.push_back(cells::selector(job, cells::kNone));
  return {std::move(row), nullptr};
}

}  // namespace

const TablePrinter kJobPrinter{kColumns, &print};

}  // namespace kubeloop::apiserver
