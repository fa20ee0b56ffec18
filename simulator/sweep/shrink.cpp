#include "simulator/sweep/shrink.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/planted.hpp"
#include "simulator/scenario/fault_grammar.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// A smaller scenario has another history; the failure may need another seed to come up again.
constexpr std::uint64_t kOtherSeeds = 3;
// Numbers that may be lowered, wherever they stand.
const std::set<std::string> kSizes = {"nodes", "count", "replicas", "completions", "parallelism"};

std::size_t size_of(const json& spec, const char* key) {
  return spec.contains(key) && spec[key].is_array() ? spec[key].size() : 0;
}

class Shrinker {
 public:
  Shrinker(json document, const VirtualRunOptions& run, FailureKind kind, const ShrinkOptions& options)
      : best_(std::move(document)), run_(run), kind_(std::move(kind)), options_(options) {
    run_.draws_faults = false;
    run_.faults.reset();
    run_.detail = Detail::kSteps;
  }

  Shrunk shrink() {
    accept_if_failing(best_);  // with its faults written out
    bool is_smaller = true;
    while (is_smaller && has_runs()) {
      is_smaller = false;
      for (const char* list : {"/spec/faults", "/spec/steps", "/spec/checks"}) {
        if (shorten(json::json_pointer(list))) is_smaller = true;
      }
      if (shorten_objects() || lower_numbers() || drop_members()) is_smaller = true;
    }
    Shrunk out;
    out.document = best_;
    out.report = std::move(report_);
    out.runs = runs_;
    out.steps = size_of(best_["spec"], "steps");
    out.faults = size_of(best_["spec"], "faults");
    return out;
  }

 private:
  bool has_runs() const { return runs_ < options_.most_runs; }

  bool fails(json& candidate, std::uint64_t seed) {
    candidate["spec"]["seed"] = seed;
    auto scenario = parse_scenario("shrunk", candidate.dump());
    if (!scenario) return false;
    ++runs_;
    auto run = run_;
    run.seed = seed;
    run.shuffle_seed = scenario->shuffle_seed;
    RunReport report = run_as_it_failed(*scenario, run);
    if (options_.progress) options_.progress(runs_, size_of(best_["spec"], "steps"), size_of(best_["spec"], "faults"));
    if (kind_of(report) != kind_ || fails_without_mistake(*scenario, run)) return false;
    report_ = std::move(report);
    return true;
  }

  // Another history with the same seed shows only when it is run twice.
  RunReport run_as_it_failed(const Scenario& scenario, const VirtualRunOptions& run) const {
    return run_and_compare(scenario, run, kind_.verdict == Verdict::kDiverged);
  }

  // With a mistake planted, what fails without it too shows nothing. Not counted: nobody but our tests plants any.
  bool fails_without_mistake(const Scenario& scenario, const VirtualRunOptions& run) {
    if (planted::active.empty()) return false;
    std::string name = std::exchange(planted::active, "");
    bool fails = kind_of(run_as_it_failed(scenario, run)) == kind_;
    planted::active = std::move(name);
    return fails;
  }

  // Keeps the candidate when it still fails.
  bool accept_if_failing(json candidate) {
    std::uint64_t own = candidate["spec"].value("seed", std::uint64_t{1});
    std::vector<std::uint64_t> seeds = {own};
    for (std::uint64_t seed = 1; seed <= kOtherSeeds; ++seed) {
      if (seed != own) seeds.push_back(seed);
    }
    for (auto seed : seeds) {
      if (!has_runs()) return false;
      if (!fails(candidate, seed)) continue;
      best_ = std::move(candidate);
      return true;
    }
    return false;
  }

  // Leaves out elements of a list: halves first, then smaller pieces, then one by one.
  bool shorten(const json::json_pointer& where) {
    if (!best_.contains(where) || !best_[where].is_array()) return false;
    bool is_smaller = false;
    for (std::size_t piece = std::max<std::size_t>(1, best_[where].size() / 2); piece >= 1; piece /= 2) {
      std::size_t at = best_[where].size();
      while (at > 0 && has_runs()) {
        std::size_t begin = at > piece ? at - piece : 0;
        json candidate = best_;
        auto& list = candidate[where];
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(begin), list.begin() + static_cast<std::ptrdiff_t>(at));
        if (accept_if_failing(std::move(candidate))) is_smaller = true;
        at = begin;
      }
    }
    return is_smaller;
  }

  // The objects of apply steps.
  bool shorten_objects() {
    bool is_smaller = false;
    for (std::size_t i = 0; i < size_of(best_["spec"], "steps"); ++i) {
      json::json_pointer list("/spec/steps/" + std::to_string(i) + "/apply/inline");
      if (best_.contains(list) && best_[list].is_array() && best_[list].size() > 1 && shorten(list)) is_smaller = true;
    }
    return is_smaller;
  }

  void find_numbers(const json& value, const json::json_pointer& at, std::vector<json::json_pointer>& found) const {
    if (value.is_object()) {
      for (const auto& [key, inner] : value.items()) {
        if (inner.is_number_integer() && kSizes.contains(key) && inner.get<std::int64_t>() > 1)
          found.push_back(at / key);
        find_numbers(inner, at / key, found);
      }
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) find_numbers(value[i], at / i, found);
    }
  }

  bool lower_numbers() {
    std::vector<json::json_pointer> found;
    find_numbers(best_["spec"], json::json_pointer("/spec"), found);
    bool is_smaller = false;
    for (const auto& at : found) {
      auto now = best_[at].get<std::int64_t>();
      for (std::int64_t wanted : {std::int64_t{1}, now / 2}) {
        if (wanted < 1 || wanted >= now || !has_runs()) continue;
        json candidate = best_;
        candidate[at] = wanted;
        if (!accept_if_failing(std::move(candidate))) continue;
        is_smaller = true;
        break;
      }
    }
    return is_smaller;
  }

  // What stands in the spec beside the steps.
  bool drop_members() {
    bool is_smaller = false;
    for (const char* key : {"templates", "shuffle", "checks", "faults", "horizon", "cluster"}) {
      if (!best_["spec"].contains(key) || !has_runs()) continue;
      json candidate = best_;
      candidate["spec"].erase(key);
      if (accept_if_failing(std::move(candidate))) is_smaller = true;
    }
    return is_smaller;
  }

  json best_;
  VirtualRunOptions run_;
  FailureKind kind_;
  const ShrinkOptions& options_;
  std::size_t runs_ = 0;
  RunReport report_;
};

}  // namespace

FailureKind kind_of(const RunReport& report) {
  FailureKind kind;
  kind.verdict = report.verdict;
  if (report.violation) {
    kind.checker = report.violation->checker;
  } else if (!report.steps.empty() && report.steps.back().verdict != Verdict::kPassed) {
    kind.step = report.steps.back().text;
  }
  return kind;
}

json self_contained(const json& document, const Scenario& scenario, const VirtualRunOptions& run) {
  json out = document;
  json& spec = out["spec"];
  spec.erase("matrix");
  spec["seed"] = run.seed;
  if (run.shuffle_seed) spec["shuffle"] = *run.shuffle_seed;
  auto plan = planned_faults(scenario, run);
  spec.erase("faults");
  for (const auto& planned : plan) spec["faults"].push_back(json::parse(to_json(planned).dump()));
  for (std::size_t i = 0; i < scenario.steps.size() && i < spec["steps"].size(); ++i) {
    const auto* apply = std::get_if<ApplyStep>(&scenario.steps[i].action);
    if (apply) spec["steps"][i]["apply"] = {{"inline", apply->objects}};
  }
  return out;
}

Shrunk shrink(const json& document, const Scenario& scenario, const VirtualRunOptions& run, const RunReport& failure,
              const ShrinkOptions& options) {
  return Shrinker(self_contained(document, scenario, run), run, kind_of(failure), options).shrink();
}

}  // namespace kubeloop::simulator
