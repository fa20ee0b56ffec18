#include "simulator/scenario/fault_grammar.hpp"

#include <fmt/format.h>

#include <cmath>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFaults = 10'000;
constexpr std::int64_t kMaxCount = 1'000'000'000;

// What a fault of some kind is given when the file does not say.
constexpr Duration kUsualDelay = std::chrono::seconds(2);
constexpr Duration kUsualFlap = std::chrono::seconds(5);
constexpr std::int64_t kUsualEvents = 10;

std::vector<std::string> kinds_of(FaultArea area) {
  std::vector<std::string> names;
  for (const auto& info : fault_kinds()) {
    if (info.area == area) names.emplace_back(info.name);
  }
  return names;
}

// The area is the key that names the target; "disk" names the kind itself.
std::optional<FaultArea> parse_target(Source& source, Fields& fields, const std::string& pointer, Fault& fault) {
  std::optional<FaultArea> found;
  for (auto area : {FaultArea::kNode, FaultArea::kComponent, FaultArea::kApi, FaultArea::kWatch, FaultArea::kDisk}) {
    std::string key(area_name(area));
    if (!fields.has(key)) continue;
    if (found) {
      source.fail("KL107", fields.pointer(key), "a fault has one target, here are two");
      return std::nullopt;
    }
    found = area;
    if (area != FaultArea::kDisk) fault.target = fields.text(key);
  }
  if (!found) source.fail("KL102", pointer, "a fault needs a target: node, component, api, watch or disk");
  return found;
}

void check_component(Source& source, Fields& fields, FaultArea area, const Fault& fault) {
  std::vector<std::string> names = {"scheduler", "controller-manager", "kubelet-sim"};
  if (area == FaultArea::kComponent) names.insert(names.begin(), "apiserver");
  if (area == FaultArea::kComponent || area == FaultArea::kApi || area == FaultArea::kWatch) {
    fields.one_of(std::string(area_name(area)), names);
  }
}

std::uint32_t parse_rate(Source& source, Fields& fields) {
  auto rate = fields.number("rate");
  if (!rate) return 1000;
  if (*rate <= 0 || *rate > 1) {
    source.fail("KL105", fields.pointer("rate"), "\"rate\" is a share, more than 0 and at most 1");
    return 1000;
  }
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::lround(*rate * 1000)));
}

void parse_component_keys(Source& source, Fields& fields, Fault& fault) {
  if (fault.kind != FaultKind::kKill) return;
  fault.count = static_cast<std::uint64_t>(fields.integer("atWrite", 1, kMaxCount).value_or(0));
  fault.step = static_cast<std::uint64_t>(fields.integer("atTurn", 1, kMaxCount).value_or(0));
  fault.is_committed = fields.boolean("arrives");
  if (fault.count > 0 && fault.step > 0) {
    source.fail("KL107", fields.pointer("atTurn"), "it dies at a write or at a turn, not at both");
  }
  if (fault.is_committed && fault.count == 0) {
    source.fail("KL107", fields.pointer("arrives"), "\"arrives\" goes with \"atWrite\"");
  }
}

// Of a fault whose kind is not known nothing else is judged.
Fault know_all_keys(Fields& fields, const Fault& fault) {
  for (const char* key : {"kind", "for", "rate", "resource", "by", "every", "behind", "atWrite", "atTurn", "arrives",
                          "events", "atCall", "carriedOut"}) {
    fields.has(key);
  }
  return fault;
}

}  // namespace

Fault parse_fault(Source& source, Fields& fields, const std::string& pointer) {
  Fault fault;
  auto area = parse_target(source, fields, pointer, fault);
  if (!area) return know_all_keys(fields, fault);
  std::string key = *area == FaultArea::kDisk ? "disk" : "kind";
  fields.require(key);
  std::string name = fields.one_of(key, kinds_of(*area));
  check_component(source, fields, *area, fault);
  const auto* info = find_fault_kind(*area, name);
  if (!info) return know_all_keys(fields, fault);
  fault.kind = info->kind;
  fault.duration = fields.duration("for").value_or(Duration::zero());
  fault.permille = parse_rate(source, fields);
  fault.resource = fields.text("resource");
  bool is_skew = fault.kind == FaultKind::kClockSkew;
  Duration usual = fault.kind == FaultKind::kNodeFlap ? kUsualFlap : kUsualDelay;
  auto by = fields.duration(fault.kind == FaultKind::kNodeFlap ? "every" : "by");
  fault.amount = by.value_or(usual);
  if (fault.amount <= Duration::zero()) source.fail("KL105", fields.pointer("by"), "must be longer than nothing");
  if (is_skew) fault.is_behind = fields.boolean("behind");
  parse_component_keys(source, fields, fault);
  if (fault.kind == FaultKind::kWatchStale) {
    fault.count = static_cast<std::uint64_t>(fields.integer("events", 1, 10'000).value_or(kUsualEvents));
  }
  if (fault.kind == FaultKind::kPowerCut) {
    fault.count = static_cast<std::uint64_t>(fields.integer("atCall", 1, kMaxCount).value_or(1));
    fault.is_committed = fields.boolean("carriedOut");
  }
  return fault;
}

std::vector<PlannedFault> parse_planned_faults(Source& source, const json& list, const std::string& pointer) {
  std::vector<PlannedFault> plan;
  if (!list.is_array()) {
    source.fail("KL103", pointer, "\"faults\" must be a list");
    return plan;
  }
  if (list.size() > kMaxFaults) source.fail("KL105", pointer, fmt::format("more than {} faults", kMaxFaults));
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::string at = pointer + "/" + std::to_string(i);
    Fields fields(source, list[i], at, "a planned fault");
    PlannedFault planned;
    planned.at = fields.required_duration("at");
    planned.fault = parse_fault(source, fields, at);
    fields.finish();
    plan.push_back(std::move(planned));
  }
  return plan;
}

nlohmann::ordered_json to_json(const Fault& fault) {
  const auto& info = info_of(fault.kind);
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  if (info.area == FaultArea::kDisk) {
    out["disk"] = info.name;
  } else {
    out[std::string(area_name(info.area))] = fault.target;
    out["kind"] = info.name;
  }
  if (fault.duration > Duration::zero()) out["for"] = format_duration(fault.duration);
  bool has_amount = info.meaning.find("`by`") != std::string_view::npos;
  if (fault.kind == FaultKind::kNodeFlap) out["every"] = format_duration(fault.amount);
  if (has_amount) out["by"] = format_duration(fault.amount);
  if (fault.is_behind) out["behind"] = true;
  if (fault.permille < 1000) out["rate"] = static_cast<double>(fault.permille) / 1000.0;
  if (!fault.resource.empty()) out["resource"] = fault.resource;
  if (fault.kind == FaultKind::kKill && fault.count > 0) out["atWrite"] = fault.count;
  if (fault.kind == FaultKind::kKill && fault.step > 0) out["atTurn"] = fault.step;
  if (fault.kind == FaultKind::kKill && fault.is_committed) out["arrives"] = true;
  if (fault.kind == FaultKind::kWatchStale) out["events"] = fault.count;
  if (fault.kind == FaultKind::kPowerCut) out["atCall"] = std::max<std::uint64_t>(fault.count, 1);
  if (fault.kind == FaultKind::kPowerCut && fault.is_committed) out["carriedOut"] = true;
  return out;
}

nlohmann::ordered_json to_json(const PlannedFault& planned) {
  nlohmann::ordered_json out = {{"at", format_duration(planned.at)}};
  out.update(to_json(planned.fault));
  return out;
}

Step parse_fault_step(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a fault step");
  FaultStep step_data;
  step_data.fault = parse_fault(source, fields, pointer);
  fields.finish();
  Step step;
  step.text = "fault: " + describe(step_data.fault);
  const auto& info = info_of(step_data.fault.kind);
  bool is_at_a_moment = step_data.fault.kind == FaultKind::kKill && step_data.fault.count + step_data.fault.step > 0;
  if (!info.works_in_real_time || is_at_a_moment) step.time = StepTime::kVirtual;
  step.action = std::move(step_data);
  return step;
}

Step parse_heal_step(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a heal step");
  HealStep heal;
  heal.within = fields.required_duration("within");
  fields.finish();
  Step step;
  step.text = "heal, and come to rest within " + format_duration(heal.within);
  step.action = heal;
  return step;
}

}  // namespace kubeloop::simulator
