// Priority: the class that a pod names becomes a number. PriorityClass objects are not served yet; the two built-in
// classes are known here.
#include <fmt/core.h>

#include <array>
#include <optional>

#include "apiserver/admission/plugins.hpp"
#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 2> kBuiltIn{{
    {"system-cluster-critical", 2'000'000'000},
    {"system-node-critical", 2'000'001'000},
}};

std::optional<std::int64_t> priority_of(std::string_view class_name) {
  if (class_name.empty()) return 0;
  for (auto [name, value] : kBuiltIn) {
    if (name == class_name) return value;
  }
  return std::nullopt;
}

class Priority final : public AdmissionPlugin {
 public:
  std::string_view name() const override { return "Priority"; }

  Result<void> mutate(AdmissionAttributes& a, AdmissionContext&) const override {
    if (!a.is_for("pods")) return {};
    auto& spec = (*a.object)["spec"];
    if (a.operation == Operation::kUpdate) return keep(spec, *a.old_object);
    auto class_name = text_at(spec, "priorityClassName");
    auto priority = priority_of(class_name);
    if (!priority) return failure(a.forbidden("no PriorityClass with name " + class_name + " was found"));
    const auto& given = member(spec, "priority");
    if (given.is_number_integer() && given.get<std::int64_t>() != *priority) {
      return failure(
          a.forbidden(fmt::format("the integer value of priority ({}) must not be provided in pod spec; priority "
                                  "admission controller computed {} from the given PriorityClass name",
                                  given.get<std::int64_t>(), *priority)));
    }
    spec["priority"] = *priority;
    if (!member(spec, "preemptionPolicy").is_string()) spec["preemptionPolicy"] = "PreemptLowerPriority";
    return {};
  }

 private:
  // A PUT of a manifest without them keeps what was computed at creation.
  static Result<void> keep(Json& spec, const Json& old) {
    const auto& before = member(old, "spec");
    for (const char* field : {"priority", "preemptionPolicy"}) {
      const auto& value = member(before, field);
      if (member(spec, field).is_null() && !value.is_null()) spec[field] = value;
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<AdmissionPlugin> make_priority() {
  return std::make_unique<Priority>();
}

}  // namespace kubeloop::apiserver
