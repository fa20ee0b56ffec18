#include "apiserver/strategies/field_checks.hpp"

#include <algorithm>

namespace kubeloop::apiserver {
namespace {

bool is_empty(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty());
}

}  // namespace

void add_errors(FieldErrors& errors, const std::string& path, const Json& value, const api::Messages& messages) {
  for (auto& cause : api::field::invalid_each(path, value, messages)) errors.push_back(std::move(cause));
}

std::string indexed(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

bool check_one_of(const std::string& value, const std::vector<std::string>& allowed, const std::string& path,
                  FieldErrors& errors) {
  if (std::ranges::find(allowed, value) != allowed.end()) return true;
  auto sorted = allowed;
  std::ranges::sort(sorted);
  errors.push_back(api::field::not_supported(path, value, sorted));
  return false;
}

void check_not_negative(const Json& object, const char* name, const std::string& path, FieldErrors& errors) {
  const auto& value = member(object, name);
  if (!value.is_number_integer() || value.get<std::int64_t>() >= 0) return;
  errors.push_back(api::field::invalid(path + "." + name, value, "must be greater than or equal to 0"));
}

void check_immutable(const Json& object, const Json& old, const char* name, const std::string& path,
                     FieldErrors& errors) {
  const auto& now = member(object, name);
  const auto& before = member(old, name);
  if (now == before || (is_empty(now) && is_empty(before))) return;
  errors.push_back(api::field::invalid(path + "." + name, now, "field is immutable"));
}

}  // namespace kubeloop::apiserver
