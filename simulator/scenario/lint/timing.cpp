#include "simulator/scenario/lint/timing.hpp"

#include "simulator/scenario/lint/visit.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::optional<Duration> duration_of(const json& value) {
  return value.is_string() ? parse_duration(value.get<std::string>()) : std::nullopt;
}

void check_zero(Source& source) {
  visit(source.document.value, "", [&source](const std::string& pointer, const json& value) {
    bool is_manifest = value.is_object() && value.contains("apiVersion") && !pointer.empty();
    if (is_manifest || !value.is_object()) return !is_manifest;
    for (const char* key : {"within", "sustained", "for"}) {
      auto it = value.find(key);
      if (it == value.end() || duration_of(*it) != Duration::zero()) continue;
      source.fail("KL305", pointer + "/" + key, std::string("\"") + key + "\" is no time at all",
                  std::string(key) == "within" ? "30s, or an assert step for what must be so now" : "");
    }
    return true;
  });
}

}  // namespace

void check_timing(Source& source, const std::vector<ListedStep>& steps) {
  check_zero(source);
  Duration sum{};
  for (const auto& step : steps) {
    if (step.name != "sleep") continue;
    auto length = duration_of(*step.value);
    if (length == Duration::zero()) source.warn("KL312", step.pointer, "a sleep of no time does nothing");
    sum += length.value_or(Duration::zero());
  }
  const json* horizon = find_in_spec(source, "horizon");
  auto end = horizon ? duration_of(*horizon) : std::nullopt;
  if (!end || sum < *end) return;
  source.fail("KL307", "/spec/horizon",
              "the horizon is " + format_duration(*end) + ", the sleeps alone take " + format_duration(sum),
              "more than " + format_duration(sum));
}

}  // namespace kubeloop::simulator
