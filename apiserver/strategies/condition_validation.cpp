#include "apiserver/strategies/condition_validation.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "apiserver/strategies/field_checks.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::size_t kMaxReasonBytes = 1024;
constexpr std::size_t kMaxMessageBytes = 32 * 1024;

bool is_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_reason_char(unsigned char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == ',' || c == ':';
}

// [A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?
bool is_reason(const std::string& text) {
  return is_letter(static_cast<unsigned char>(text.front())) && std::ranges::all_of(text, is_reason_char) &&
         text.back() != ',' && text.back() != ':';
}

void validate_reason(const std::string& reason, const std::string& path, FieldErrors& errors) {
  if (reason.empty()) {
    errors.push_back(api::field::required(path, "must be set"));
    return;
  }
  if (!is_reason(reason)) {
    errors.push_back(api::field::invalid(
        path, reason,
        "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
        "characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or "
        "'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is "
        "'[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')"));
  }
  if (reason.size() > kMaxReasonBytes) errors.push_back(api::field::too_long(path, kMaxReasonBytes));
}

void validate_condition(const Json& condition, const std::string& path, FieldErrors& errors) {
  auto type = text_at(condition, "type");
  for (auto& cause : api::field::invalid_each(path + ".type", type, api::check_qualified_name(type))) {
    errors.push_back(std::move(cause));
  }
  auto status = text_at(condition, "status");
  if (status != "True" && status != "False" && status != "Unknown") {
    errors.push_back(api::field::not_supported(path + ".status", status, {"False", "True", "Unknown"}));
  }
  const auto& observed = member(condition, "observedGeneration");
  if (observed.is_number_integer() && observed.get<std::int64_t>() < 0) {
    errors.push_back(
        api::field::invalid(path + ".observedGeneration", observed, "must be greater than or equal to zero"));
  }
  if (text_at(condition, "lastTransitionTime").empty()) {
    errors.push_back(api::field::required(path + ".lastTransitionTime", "must be set"));
  }
  validate_reason(text_at(condition, "reason"), path + ".reason", errors);
  if (text_at(condition, "message").size() > kMaxMessageBytes) {
    errors.push_back(api::field::too_long(path + ".message", kMaxMessageBytes));
  }
}

}  // namespace

void validate_conditions(const Json& conditions, const std::string& path, FieldErrors& errors) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    auto at = indexed(path, i);
    auto type = text_at(conditions[i], "type");
    if (!seen.insert(type).second) errors.push_back(api::field::duplicate(at + ".type", type));
    validate_condition(conditions[i], at, errors);
  }
}

}  // namespace kubeloop::apiserver
