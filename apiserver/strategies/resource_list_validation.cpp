#include "apiserver/strategies/resource_list_validation.hpp"

#include "libs/api/resource_names.hpp"

namespace kubeloop::apiserver {
namespace {

bool has_domain(const std::string& name) {
  return name.find('/') != std::string::npos;
}

}  // namespace

void validate_resource_name(const std::string& name, const std::string& path, FieldErrors& errors) {
  auto bad = api::field::invalid_each(path, name, api::check_qualified_name(name));
  if (!bad.empty()) {
    errors.insert(errors.end(), bad.begin(), bad.end());
  } else if (!has_domain(name) && !api::is_standard_resource(name)) {
    errors.push_back(api::field::invalid(path, name, "must be a standard resource type or fully qualified"));
  }
}

void validate_container_resource_name(const std::string& name, const std::string& path, FieldErrors& errors) {
  validate_resource_name(name, path, errors);
  if (!has_domain(name)) {
    if (!api::is_standard_container_resource(name)) {
      errors.push_back(api::field::invalid(path, name, "must be a standard resource for containers"));
    }
  } else if (!api::is_native_resource(name) && !api::is_extended_resource(name)) {
    errors.push_back(api::field::invalid(path, name, "doesn't follow extended resource name standard"));
  }
}

void validate_quota_resource_name(const std::string& name, const std::string& path, FieldErrors& errors) {
  validate_resource_name(name, path, errors);
  if (!has_domain(name) && !api::is_standard_quota_resource(name)) {
    errors.push_back(api::field::invalid(path, name, "must be a standard resource for quota"));
  }
}

void validate_resource_amount(const std::string& name, const Json& amount, const std::string& path,
                              FieldErrors& errors) {
  auto value = amount_of(amount);
  if (value.is_negative()) {
    errors.push_back(api::field::invalid(path, amount, "must be greater than or equal to 0"));
  }
  if (api::is_integer_resource(name) && value.nano() % 1'000'000'000 != 0) {
    errors.push_back(api::field::invalid(path, amount, "must be an integer"));
  }
}

api::Quantity amount_of(const Json& value) {
  if (!value.is_string()) return {};
  auto amount = api::parse_quantity(value.get_ref<const std::string&>());
  return amount ? *amount : api::Quantity();
}

}  // namespace kubeloop::apiserver
