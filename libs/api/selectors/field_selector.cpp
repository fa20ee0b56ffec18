#include "libs/api/selectors/field_selector.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "libs/api/field_error.hpp"

namespace kubeloop::api {
namespace {

std::unexpected<Status> bad(std::string message) {
  return failure(400, "BadRequest", std::move(message));
}

// The parts between commas that no backslash precedes, escapes kept.
std::vector<std::string_view> split_terms(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t first = 0;
  bool is_escaped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_escaped) {
      is_escaped = false;
    } else if (text[i] == '\\') {
      is_escaped = true;
    } else if (text[i] == ',') {
      parts.push_back(text.substr(first, i - first));
      first = i + 1;
    }
  }
  parts.push_back(text.substr(first));
  return parts;
}

Result<std::string> unescape(std::string_view text) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\') {
      if (i + 1 == text.size()) return bad("invalid field selector: invalid escape sequence: \\");
      c = text[++i];
      if (c != '\\' && c != ',' && c != '=') {
        return bad(fmt::format("invalid field selector: invalid escape sequence: \\{}", c));
      }
    } else if (c == ',' || c == '=') {
      // Upstream prints the character's number.
      return bad(fmt::format("invalid field selector: unescaped character in value: {}", static_cast<int>(c)));
    }
    value += c;
  }
  return value;
}

}  // namespace

FieldSelector FieldSelector::equals(std::string field, std::string value) {
  FieldSelector selector;
  selector.terms_.push_back({std::move(field), FieldOperator::kEquals, std::move(value)});
  return selector;
}

bool FieldSelector::matches(const std::function<std::string(std::string_view field)>& lookup) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const FieldTerm& term) {
    return (lookup(term.field) == term.value) == (term.op == FieldOperator::kEquals);
  });
}

std::vector<std::string> FieldSelector::fields() const {
  std::set<std::string> names;
  for (const auto& term : terms_) names.insert(term.field);
  return {names.begin(), names.end()};
}

std::optional<std::string> FieldSelector::required_value(std::string_view field) const {
  for (const auto& term : terms_) {
    if (term.field == field && term.op == FieldOperator::kEquals) return term.value;
  }
  return std::nullopt;
}

Result<FieldSelector> parse_field_selector(std::string_view text) {
  auto parts = split_terms(text);
  // Upstream sorts them: it decides which of two errors is told.
  std::sort(parts.begin(), parts.end());
  FieldSelector selector;
  for (auto part : parts) {
    if (part.empty()) continue;
    auto at = std::string_view::npos;
    std::size_t length = 1;
    for (std::size_t i = 0; i < part.size() && at == std::string_view::npos; ++i) {
      auto rest = part.substr(i);
      if (rest.starts_with("!=") || rest.starts_with('=')) {
        at = i;
        length = rest.starts_with("!=") || rest.starts_with("==") ? 2 : 1;
      }
    }
    if (at == std::string_view::npos)
      return bad(fmt::format("invalid selector: '{}'; can't understand '{}'", text, part));
    auto value = unescape(part.substr(at + length));
    if (!value) return std::unexpected(std::move(value.error()));
    auto op = part[at] == '!' ? FieldOperator::kNotEquals : FieldOperator::kEquals;
    selector.terms_.push_back({std::string(part.substr(0, at)), op, std::move(*value)});
  }
  return selector;
}

Result<void> check_fields(const FieldSelector& selector, const std::vector<std::string>& selectable) {
  for (const auto& field : selector.fields()) {
    if (field == "metadata.name" || field == "metadata.namespace") continue;
    if (std::find(selectable.begin(), selectable.end(), field) != selectable.end()) continue;
    if (!selectable.empty()) return bad("field label not supported: " + field);
    return bad(go_quoted(field) + R"( is not a known field selector: only "metadata.name", "metadata.namespace")");
  }
  return {};
}

}  // namespace kubeloop::api
