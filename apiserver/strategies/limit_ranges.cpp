// LimitRanges: what a container's defaults are made of, and that bounds, defaults and ratios of one resource fit
// together. Source: SetDefaults_LimitRangeItem and ValidateLimitRange of Kubernetes.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>

#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/resource_list_validation.hpp"
#include "libs/api/resource_names.hpp"

namespace kubeloop::apiserver {
namespace {

// Gives `to` what it lacks of `from`.
void complete(Json& item, const char* to, const char* from) {
  Json amounts = member(item, from);
  for (const auto& [name, amount] : amounts.items()) {
    auto& list = item[to];
    if (!list.is_object()) list = Json::object();
    if (!list.contains(name)) list[name] = amount;
  }
}

void set_defaults(Json& object) {
  auto spec = object.find("spec");
  if (spec == object.end() || !spec->is_object()) return;
  auto limits = spec->find("limits");
  if (limits == spec->end() || !limits->is_array()) return;
  for (auto& item : *limits) {
    if (text_at(item, "type") != "Container") continue;
    complete(item, "default", "max");
    complete(item, "defaultRequest", "default");
    complete(item, "defaultRequest", "min");
  }
}

void validate_type(const std::string& type, const std::string& path, FieldErrors& errors) {
  auto bad = api::field::invalid_each(path, type, api::check_qualified_name(type));
  constexpr std::array<std::string_view, 3> kTypes{"Pod", "Container", "PersistentVolumeClaim"};
  bool is_known = type.find('/') != std::string::npos || std::ranges::find(kTypes, type) != kTypes.end();
  if (bad.empty() && !is_known) {
    bad.push_back(api::field::invalid(path, type, "must be a standard limit type or fully qualified"));
  }
  errors.insert(errors.end(), bad.begin(), bad.end());
}

void validate_names(const Json& item, const std::string& list, const std::string& path, FieldErrors& errors) {
  auto type = text_at(item, "type");
  bool is_of_containers = type == "Pod" || type == "Container";
  for (const auto& [name, amount] : member(item, list).items()) {
    auto at = path + "." + list + "[" + name + "]";
    if (is_of_containers) {
      validate_container_resource_name(name, at, errors);
    } else {
      validate_resource_name(name, at, errors);
    }
  }
}

// The amounts that an item gives one resource.
struct Amounts {
  std::optional<api::Quantity> min, max, limit, request, ratio;
};

std::optional<api::Quantity> find_amount(const Json& item, const char* list, const std::string& name) {
  const auto& value = member(member(item, list), name);
  if (value.is_null()) return std::nullopt;
  return amount_of(value);
}

// Adds an error when `low` is above `high`; the value that it shows is `shown`.
void check_order(const std::optional<api::Quantity>& low, const char* low_name,
                 const std::optional<api::Quantity>& high, const char* high_name, const std::string& path,
                 const std::optional<api::Quantity>& shown, FieldErrors& errors) {
  if (!low || !high || *low <= *high) return;
  errors.push_back(api::field::invalid(
      path, shown->text(), fmt::format("{} {} is greater than {} {}", low_name, low->text(), high_name, high->text())));
}

void validate_ratio(const Amounts& of, const std::string& path, FieldErrors& errors) {
  if (!of.ratio) return;
  if (*of.ratio < api::Quantity::from_value(1)) {
    errors.push_back(
        api::field::invalid(path, of.ratio->text(), fmt::format("ratio {} is less than 1", of.ratio->text())));
  }
  if (!of.min || !of.max) return;
  constexpr auto kMaxMilli = std::numeric_limits<std::int64_t>::max() / 1000;
  bool is_fine = of.ratio->value() < kMaxMilli && of.min->value() < kMaxMilli && of.max->value() < kMaxMilli;
  double ratio = is_fine ? static_cast<double>(of.ratio->milli_value()) / 1000 : static_cast<double>(of.ratio->value());
  double least = static_cast<double>(is_fine ? of.min->milli_value() : of.min->value());
  double most = static_cast<double>(is_fine ? of.max->milli_value() : of.max->value());
  if (least == 0 || ratio <= most / least) return;
  errors.push_back(api::field::invalid(
      path, of.ratio->text(), fmt::format("ratio {} is greater than max/min = {:f}", of.ratio->text(), most / least)));
}

void validate_amounts(const Json& item, const std::string& name, const std::string& path, FieldErrors& errors) {
  Amounts of;
  of.min = find_amount(item, "min", name);
  of.max = find_amount(item, "max", name);
  if (text_at(item, "type") != "Pod") {
    of.limit = find_amount(item, "default", name);
    of.request = find_amount(item, "defaultRequest", name);
  }
  of.ratio = find_amount(item, "maxLimitRequestRatio", name);
  auto at = [&](const char* list) { return path + "." + list + "[" + name + "]"; };
  check_order(of.min, "min value", of.max, "max value", at("min"), of.min, errors);
  check_order(of.min, "min value", of.request, "default request value", at("defaultRequest"), of.request, errors);
  check_order(of.request, "default request value", of.max, "max value", at("defaultRequest"), of.request, errors);
  check_order(of.request, "default request value", of.limit, "default limit value", at("defaultRequest"), of.request,
              errors);
  check_order(of.min, "min value", of.limit, "default value", at("default"), of.min, errors);
  check_order(of.limit, "default value", of.max, "max value", at("default"), of.max, errors);
  validate_ratio(of, at("maxLimitRequestRatio"), errors);
  if (!api::is_overcommit_allowed(name) && of.limit && of.request && *of.limit != *of.request) {
    errors.push_back(api::field::invalid(at("defaultRequest"), of.request->text(),
                                         fmt::format("default value {} must equal to defaultRequest value {} in {}",
                                                     of.limit->text(), of.request->text(), name)));
  }
}

void validate_item(const Json& item, const std::string& path, FieldErrors& errors) {
  auto type = text_at(item, "type");
  validate_names(item, "max", path, errors);
  validate_names(item, "min", path, errors);
  for (const char* list : {"default", "defaultRequest"}) {
    if (type != "Pod") {
      validate_names(item, list, path, errors);
    } else if (!member(item, list).empty()) {
      errors.push_back(api::field::forbidden(path + "." + list, "may not be specified when `type` is 'Pod'"));
    }
  }
  bool has_storage =
      !member(member(item, "min"), "storage").is_null() || !member(member(item, "max"), "storage").is_null();
  if (type == "PersistentVolumeClaim" && !has_storage) {
    errors.push_back(api::field::required(
        path + ".limits", "either minimum or maximum storage value is required, but neither was provided"));
  }
  validate_names(item, "maxLimitRequestRatio", path, errors);
  std::set<std::string> names;
  for (const char* list : {"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"}) {
    for (const auto& [name, amount] : member(item, list).items()) names.insert(name);
  }
  for (const auto& name : names) validate_amounts(item, name, path, errors);
}

void validate(const Json& object, FieldErrors& errors) {
  const auto& limits = member(member(object, "spec"), "limits");
  std::set<std::string> types;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    auto path = "spec.limits[" + std::to_string(i) + "]";
    auto type = text_at(limits[i], "type");
    validate_type(type, path + ".type", errors);
    if (!types.insert(type).second) errors.push_back(api::field::duplicate(path + ".type", type));
    validate_item(limits[i], path, errors);
  }
}

void validate_update(const Json& object, const Json&, FieldErrors& errors) {
  validate(object, errors);
}

}  // namespace

const Strategy& limit_range_strategy() {
  static const Strategy kStrategy{
      .resource = "limitranges",
      .set_defaults = set_defaults,
      .validate = validate,
      .validate_update = validate_update,
      .creates_on_update = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
