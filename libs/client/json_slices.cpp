#include "libs/client/json_slices.hpp"

namespace kubeloop::client {
namespace {

constexpr std::size_t kBad = std::string_view::npos;

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
  return at;
}

// `at` stands on the opening quote; the result is behind the closing one.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return kBad;
}

std::size_t skip_nested(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      if (at == kBad) return kBad;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return kBad;
}

std::size_t skip_value(std::string_view text, std::size_t at) {
  if (at >= text.size()) return kBad;
  if (text[at] == '"') return skip_string(text, at);
  if (text[at] == '{' || text[at] == '[') return skip_nested(text, at);
  std::size_t start = at;
  while (at < text.size() && std::string_view(",]} \t\r\n").find(text[at]) == std::string_view::npos) ++at;
  return at == start ? kBad : at;
}

// Steps behind a comma, or to kBad - 1 behind the closing mark; anything else is an error.
enum class After { kNext, kEnd, kError };
After step(std::string_view text, std::size_t& at, char close) {
  at = skip_space(text, at);
  if (at >= text.size()) return After::kError;
  char c = text[at++];
  if (c == close) return skip_space(text, at) == text.size() ? After::kEnd : After::kError;
  return c == ',' ? After::kNext : After::kError;
}

// The position behind the opening mark; kBad when it is another. `is_empty` when the closing mark follows at once.
std::size_t open(std::string_view text, char mark, char close, bool& is_empty) {
  std::size_t at = skip_space(text, 0);
  if (at >= text.size() || text[at] != mark) return kBad;
  at = skip_space(text, at + 1);
  is_empty = at < text.size() && text[at] == close;
  return at;
}

// `visit` returns false to stop; then the result is true.
template <class Visit>
bool walk_members(std::string_view text, Visit visit) {
  bool is_empty = false;
  std::size_t at = open(text, '{', '}', is_empty);
  if (at == kBad) return false;
  if (is_empty) return true;
  while (true) {
    at = skip_space(text, at);
    if (at >= text.size() || text[at] != '"') return false;
    std::size_t key_end = skip_string(text, at);
    if (key_end == kBad) return false;
    std::string_view key = text.substr(at + 1, key_end - at - 2);
    at = skip_space(text, key_end);
    if (at >= text.size() || text[at] != ':') return false;
    at = skip_space(text, at + 1);
    std::size_t end = skip_value(text, at);
    if (end == kBad) return false;
    if (!visit(key, text.substr(at, end - at))) return true;
    at = end;
    After after = step(text, at, '}');
    if (after != After::kNext) return after == After::kEnd;
  }
}

}  // namespace

bool for_each_member(std::string_view text, const std::function<void(std::string_view, std::string_view)>& visit) {
  return walk_members(text, [&](std::string_view key, std::string_view value) {
    visit(key, value);
    return true;
  });
}

std::string_view find_member(std::string_view text, std::string_view wanted) {
  std::string_view found;
  walk_members(text, [&](std::string_view key, std::string_view value) {
    if (key != wanted) return true;
    found = value;
    return false;
  });
  return found;
}

bool for_each_element(std::string_view text, const std::function<void(std::string_view)>& visit) {
  bool is_empty = false;
  std::size_t at = open(text, '[', ']', is_empty);
  if (at == kBad) return false;
  if (is_empty) return true;
  while (true) {
    at = skip_space(text, at);
    std::size_t end = skip_value(text, at);
    if (end == kBad) return false;
    visit(text.substr(at, end - at));
    at = end;
    After after = step(text, at, ']');
    if (after != After::kNext) return after == After::kEnd;
  }
}

}  // namespace kubeloop::client
