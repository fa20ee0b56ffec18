// Mistakes planted in our own code: each is found by its scenario within its number of seeds, found again in the same
// way by the same seed, and not found where it was not made.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "libs/base/planted.hpp"
#include "simulator/sweep/mistakes.hpp"
#include "tests/support/sanitized.hpp"

namespace kubeloop::simulator {
namespace {

constexpr std::uint64_t kMostSeeds = 200;
// With the sanitizers one mistake in so many is tried.
constexpr std::size_t kStride = kIsSanitized ? 8 : 1;

std::string source_path(std::string_view path) {
  return std::string(KUBELOOP_SOURCE_DIR) + "/" + std::string(path);
}

// Whether the run has failed by what the mistake is found by.
bool is_as_said(const RunReport& report, const Mistake& mistake) {
  if (report.violation) return report.violation->checker == mistake.found_by;
  if (report.verdict == Verdict::kDiverged) return mistake.found_by == "twice";
  bool is_never_at_rest = report.verdict == Verdict::kLiveness;
  return is_never_at_rest ? mistake.found_by == "rest" : mistake.found_by == "step";
}

void find_it(const Mistake& mistake) {
  auto scenario = load_scenario(source_path(mistake.scenario));
  REQUIRE_MESSAGE(scenario.has_value(), mistake.name, ": ", scenario ? "" : scenario.error().message);
  auto options = options_of(mistake);
  std::uint64_t seed = 0;
  RunReport found;
  {
    PlantedMistake planted{std::string(mistake.name)};
    while (found.verdict == Verdict::kPassed && seed < mistake.seeds) found = run_once(*scenario, options, ++seed);
    REQUIRE_MESSAGE(found.verdict != Verdict::kPassed, mistake.name, " is not found in ", seed, " seeds");
    CHECK_MESSAGE(is_as_said(found, mistake), mistake.name, " with seed ", seed, ": ", found.message);
    RunReport again = run_once(*scenario, options, seed);
    CHECK_MESSAGE(again.verdict == found.verdict, mistake.name, " with seed ", seed);
    bool is_same = again.message == found.message;  // it is another history each time that it is another
    CHECK_MESSAGE(is_same == (mistake.found_by != "twice"), mistake.name, " with seed ", seed);
  }
  RunReport without = run_once(*scenario, options, seed);
  CHECK_MESSAGE(without.verdict == Verdict::kPassed, mistake.scenario, " with seed ", seed, ": ", without.message);
  MESSAGE(mistake.name << ", seed " << seed << ": " << found.message);
}

TEST_CASE("every planted mistake is found, and by what is said to find it") {
  for (std::size_t i = 0; i < mistakes().size(); i += kStride) find_it(mistakes()[i]);
}

TEST_CASE("there are many, each with a name of its own, and none needs many seeds") {
  CHECK(mistakes().size() >= 24);
  for (const auto& mistake : mistakes()) {
    CHECK(find_mistake(mistake.name) == &mistake);
    CHECK(mistake.seeds >= 1);
    CHECK(mistake.seeds <= kMostSeeds);
    CHECK_MESSAGE(std::filesystem::exists(source_path(mistake.scenario)), mistake.scenario);
    CHECK(list_of_mistakes().find(std::string(mistake.name)) != std::string::npos);
  }
  CHECK(find_mistake("no-such-mistake") == nullptr);
}

// Every name that the sources ask is_planted() for, with how often.
std::map<std::string, int> names_in_sources() {
  const std::string kAsk = "is_planted(\"";
  std::map<std::string, int> names;
  for (const char* folder : {"apiserver", "controller-manager", "kubelet-sim", "libs", "scheduler"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source_path(folder))) {
      auto extension = entry.path().extension();
      if (extension != ".cpp" && extension != ".hpp") continue;
      if (entry.path().filename() == "planted.hpp") continue;
      std::ifstream file(entry.path());
      std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
      for (auto at = text.find(kAsk); at != std::string::npos; at = text.find(kAsk, at + 1)) {
        auto begin = at + kAsk.size();
        ++names[text.substr(begin, text.find('"', begin) - begin)];
      }
    }
  }
  return names;
}

TEST_CASE("the list has what the sources ask for, and each is made at one place") {
  auto names = names_in_sources();
  for (const auto& [name, places] : names) {
    CHECK_MESSAGE(find_mistake(name) != nullptr, name);
    CHECK_MESSAGE(places == 1, name);
  }
  for (const auto& mistake : mistakes()) CHECK_MESSAGE(names.contains(std::string(mistake.name)), mistake.name);
}

}  // namespace
}  // namespace kubeloop::simulator
