#include "simulator/scenario/lint/field_values.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/quantity.hpp"
#include "libs/api/time.hpp"
#include "simulator/scenario/lint/meant.hpp"

namespace kubeloop::simulator {
namespace {

using api::Scalar;
using nlohmann::json;

using Problem = std::optional<ValueProblem>;

std::string quoted(const json& value) {
  return value.is_structured() ? "" : json(value.dump()).dump();
}

Problem check_string(const json& value) {
  if (value.is_string()) return std::nullopt;
  return ValueProblem{"a text", quoted(value)};
}

Problem check_whole(const json& value, std::int64_t min, std::int64_t max) {
  if (!value.is_number_integer()) return ValueProblem{"a whole number", meant_integer(value)};
  bool is_huge = value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  if (!is_huge && value.get<std::int64_t>() >= min && value.get<std::int64_t>() <= max) return std::nullopt;
  return ValueProblem{"between " + std::to_string(min) + " and " + std::to_string(max), ""};
}

Problem check_quantity(const json& value, bool is_exact) {
  if (!value.is_string() && !value.is_number()) return ValueProblem{"a quantity such as 250m or 64Mi", ""};
  auto quantity = api::parse_quantity(value.is_string() ? value.get<std::string>() : value.dump());
  if (!quantity) return ValueProblem{"a quantity such as 250m or 64Mi", ""};
  std::string stored = quantity->text();
  if (!is_exact || value == stored) return std::nullopt;
  return ValueProblem{"written as \"" + stored + "\"", json(stored).dump()};
}

Problem check_base64(const json& value) {
  ValueProblem problem{"base64", "stringData takes plain text"};
  if (!value.is_string()) return problem;
  std::string text = value.get<std::string>();
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
  while (text.ends_with('=')) text.pop_back();
  bool is_base64 = text.size() % 4 != 1 && text.find_first_not_of(
                                               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                               "0123456789+/") == std::string::npos;
  return is_base64 ? std::nullopt : Problem(problem);
}

Problem check_moment(const json& value) {
  bool is_time = value.is_string() && api::parse_time(value.get<std::string>());
  return is_time ? std::nullopt : Problem(ValueProblem{"a time such as 2026-01-01T00:00:00Z", ""});
}

}  // namespace

Problem check_field_value(const api::Field& field, const json& value, bool is_exact) {
  switch (field.scalar) {
    case Scalar::kString:
      return check_string(value);
    case Scalar::kInt32:
      return check_whole(value, INT32_MIN, INT32_MAX);
    case Scalar::kInt64:
      return check_whole(value, INT64_MIN, INT64_MAX);
    case Scalar::kBool:
      if (value.is_boolean()) return std::nullopt;
      return ValueProblem{"true or false", meant_boolean(value)};
    case Scalar::kDouble:
      if (value.is_number()) return std::nullopt;
      return ValueProblem{"a number", meant_integer(value)};
    case Scalar::kBytes:
      return check_base64(value);
    case Scalar::kQuantity:
      return check_quantity(value, is_exact);
    case Scalar::kIntOrString:
      if (value.is_string() || value.is_number_integer()) return std::nullopt;
      return ValueProblem{"a whole number or a text", meant_integer(value)};
    case Scalar::kTime:
    case Scalar::kMicroTime:
      return check_moment(value);
    default:
      return std::nullopt;
  }
}

}  // namespace kubeloop::simulator
