// Priority: the class that a pod names, or the default one, becomes its priority and its preemption policy; only one
// class may be the default, and the server's own stay.
#include <fmt/core.h>

#include <optional>

#include "apiserver/admission/plugins.hpp"
#include "apiserver/strategies/strategy.hpp"
#include "apiserver/strategies/system_priority_classes.hpp"
#include "libs/api/codec/plain_json.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::string_view kPrefix = "/registry/priorityclasses/";
constexpr std::string_view kClasses = "priorityclasses.scheduling.k8s.io";

// What a pod gets of a class; as it stands, what it gets without any.
struct Resolved {
  std::string name;
  std::int64_t value = 0;
  std::string preemption_policy = "PreemptLowerPriority";
};

Resolved resolved(const Json& object) {
  Resolved out;
  out.name = text_at(member(object, "metadata"), "name");
  const auto& value = member(object, "value");
  out.value = value.is_number_integer() ? value.get<std::int64_t>() : 0;
  out.preemption_policy = text_at(object, "preemptionPolicy");
  return out;
}

std::optional<Resolved> find_class(const ObjectMap& objects, const std::string& name) {
  auto stored = objects.get(std::string(kPrefix) + name);
  if (!stored) return std::nullopt;
  return resolved(api::parse_document(*stored->value));
}

// The class that is marked as the default; of several (two hubs, an old backup) the lowest.
std::optional<Resolved> find_default(const ObjectMap& objects) {
  std::optional<Resolved> found;
  for (const auto& stored : objects.list(kPrefix, kPrefix)) {
    // Stored JSON has no blanks, and inside a text the quotes would be escaped: most classes need not be parsed.
    if (stored->value->find("\"globalDefault\":true") == std::string::npos) continue;
    auto object = api::parse_document(*stored->value);
    if (member(object, "globalDefault") != true) continue;
    auto one = resolved(object);
    if (!found || one.value < found->value) found = std::move(one);
  }
  return found;
}

class Priority final : public AdmissionPlugin {
 public:
  std::string_view name() const override { return "Priority"; }

  Result<void> mutate(AdmissionAttributes& a, AdmissionContext& context) const override {
    if (a.operation == Operation::kDelete || !a.is_for("pods")) return {};
    auto& spec = (*a.object)["spec"];
    if (a.operation == Operation::kUpdate) return keep(spec, *a.old_object);
    auto class_name = text_at(spec, "priorityClassName");
    auto found = class_name.empty() ? find_default(context.objects) : find_class(context.objects, class_name);
    if (!found && !class_name.empty()) {
      return failure(a.forbidden("no PriorityClass with name " + class_name + " was found"));
    }
    return give(a, spec, found.value_or(Resolved()));
  }

  Result<void> validate(const AdmissionAttributes& a, const AdmissionContext& context) const override {
    if (!a.is_for(kClasses)) return {};
    if (a.operation == Operation::kDelete) {
      if (!find_system_priority_class(a.name)) return {};
      return failure(a.forbidden("this is a system priority class and cannot be deleted"));
    }
    if (member(*a.object, "globalDefault") != true) return {};
    auto other = find_default(context.objects);
    if (!other || (a.operation == Operation::kUpdate && other->name == a.name)) return {};
    return failure(
        a.forbidden("PriorityClass " + other->name + " is already marked as default. Only one default can exist"));
  }

 private:
  static Result<void> give(const AdmissionAttributes& a, Json& spec, const Resolved& from) {
    if (!from.name.empty()) spec["priorityClassName"] = from.name;
    const auto& given = member(spec, "priority");
    if (given.is_number_integer() && given.get<std::int64_t>() != from.value) {
      return failure(
          a.forbidden(fmt::format("the integer value of priority ({}) must not be provided in pod spec; priority "
                                  "admission controller computed {} from the given PriorityClass name",
                                  given.get<std::int64_t>(), from.value)));
    }
    spec["priority"] = from.value;
    if (from.preemption_policy.empty()) return {};
    auto policy = text_at(spec, "preemptionPolicy");
    if (!policy.empty() && policy != from.preemption_policy) {
      return failure(
          a.forbidden(fmt::format("the string value of PreemptionPolicy ({}) must not be provided in pod spec; "
                                  "priority admission controller computed {} from the given PriorityClass name",
                                  policy, from.preemption_policy)));
    }
    spec["preemptionPolicy"] = from.preemption_policy;
    return {};
  }

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
