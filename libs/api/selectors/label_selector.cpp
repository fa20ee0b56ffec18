#include "libs/api/selectors/label_selector.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "libs/api/field_error.hpp"
#include "libs/api/names.hpp"

namespace kubeloop::api {
namespace {

enum class TokenKind : std::uint8_t {
  kError,
  kEnd,
  kIdentifier,
  kClose,
  kComma,
  kNot,
  kDoubleEquals,
  kEquals,
  kGreater,
  kIn,
  kLess,
  kNotEquals,
  kNotIn,
  kOpen
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
};

struct Keyword {
  std::string_view text;
  TokenKind kind;
};
constexpr std::array<Keyword, 11> kKeywords{{{")", TokenKind::kClose},
                                             {",", TokenKind::kComma},
                                             {"!", TokenKind::kNot},
                                             {"==", TokenKind::kDoubleEquals},
                                             {"=", TokenKind::kEquals},
                                             {">", TokenKind::kGreater},
                                             {"in", TokenKind::kIn},
                                             {"<", TokenKind::kLess},
                                             {"!=", TokenKind::kNotEquals},
                                             {"notin", TokenKind::kNotIn},
                                             {"(", TokenKind::kOpen}}};

const Keyword* find_keyword(std::string_view text) {
  auto found = std::find_if(kKeywords.begin(), kKeywords.end(), [&](const Keyword& k) { return k.text == text; });
  return found == kKeywords.end() ? nullptr : &*found;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_symbol(char c) {
  return c != '\0' && std::string_view("=!(),><").contains(c);
}

// The longest operator at `at`, beginning with a symbol.
Token scan_symbol(std::string_view text, std::size_t& at) {
  Token token{TokenKind::kError, ""};
  std::size_t first = at;
  while (at < text.size() && is_symbol(text[at])) {
    const Keyword* keyword = find_keyword(text.substr(first, at + 1 - first));
    if (!keyword && token.kind != TokenKind::kError) break;
    ++at;
    if (keyword) token = {keyword->kind, std::string(keyword->text)};
  }
  if (token.kind == TokenKind::kError) {
    token.text = fmt::format("error expected: keyword found '{}'", text.substr(first, at - first));
  }
  return token;
}

std::vector<Token> scan(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  for (;;) {
    while (at < text.size() && is_space(text[at])) ++at;
    // A NUL ends the text, as it does upstream.
    if (at >= text.size() || text[at] == '\0') break;
    if (is_symbol(text[at])) {
      tokens.push_back(scan_symbol(text, at));
      continue;
    }
    std::size_t first = at;
    while (at < text.size() && text[at] != '\0' && !is_symbol(text[at]) && !is_space(text[at])) ++at;
    auto word = text.substr(first, at - first);
    const Keyword* keyword = find_keyword(word);
    tokens.push_back({keyword ? keyword->kind : TokenKind::kIdentifier, std::string(word)});
  }
  tokens.push_back({TokenKind::kEnd, ""});
  return tokens;
}

std::unexpected<Status> bad(std::string message) {
  return failure(400, "BadRequest", std::move(message));
}

std::string joined(const Messages& messages) {
  return fmt::format("{}", fmt::join(messages, "; "));
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(scan(text)) {}

  Result<std::vector<LabelRequirement>> parse() {
    std::vector<LabelRequirement> requirements;
    for (;;) {
      Token next = look();
      if (next.kind == TokenKind::kEnd) return requirements;
      if (next.kind != TokenKind::kIdentifier && next.kind != TokenKind::kNot) {
        return bad(fmt::format("found '{}', expected: !, identifier, or 'end of string'", next.text));
      }
      auto requirement = parse_requirement();
      if (!requirement) return bad("unable to parse requirement: " + requirement.error().message);
      requirements.push_back(std::move(*requirement));
      Token after = take();
      if (after.kind == TokenKind::kEnd) return requirements;
      if (after.kind != TokenKind::kComma) {
        return bad(fmt::format("found '{}', expected: ',' or 'end of string'", after.text));
      }
      Token key = look();
      if (key.kind != TokenKind::kIdentifier && key.kind != TokenKind::kNot) {
        return bad(fmt::format("found '{}', expected: identifier after ','", key.text));
      }
    }
  }

 private:
  // "in" and "notin" are ordinary words everywhere but as operators.
  Token look() const {
    Token token = tokens_[std::min(at_, tokens_.size() - 1)];
    if (token.kind == TokenKind::kIn || token.kind == TokenKind::kNotIn) token.kind = TokenKind::kIdentifier;
    return token;
  }
  Token take() {
    Token token = look();
    ++at_;
    return token;
  }

  Result<LabelRequirement> parse_requirement() {
    LabelRequirement requirement;
    bool is_negated = look().kind == TokenKind::kNot;
    if (is_negated) take();
    Token key = take();
    if (key.kind != TokenKind::kIdentifier) return bad(fmt::format("found '{}', expected: identifier", key.text));
    requirement.key = key.text;
    // Upstream has no path here, and prints Go's nil.
    auto messages = check_qualified_name(key.text);
    if (!messages.empty()) {
      return bad(fmt::format("<nil>: Invalid value: {}: {}", go_quoted(key.text), joined(messages)));
    }
    if (is_negated) {
      requirement.op = LabelOperator::kDoesNotExist;
      return requirement;
    }
    auto next = look().kind;
    if (next == TokenKind::kEnd || next == TokenKind::kComma) return requirement;
    auto read = parse_operator_and_values(requirement);
    if (!read) return std::unexpected(std::move(read.error()));
    return requirement;
  }

  Result<void> parse_operator_and_values(LabelRequirement& requirement) {
    const Token& token = tokens_[std::min(at_++, tokens_.size() - 1)];
    bool is_set = false;
    switch (token.kind) {
      case TokenKind::kIn:
      case TokenKind::kNotIn:
        is_set = true;
        requirement.op = token.kind == TokenKind::kIn ? LabelOperator::kIn : LabelOperator::kNotIn;
        break;
      case TokenKind::kEquals:
      case TokenKind::kDoubleEquals:
        requirement.op = LabelOperator::kIn;
        break;
      case TokenKind::kNotEquals:
        requirement.op = LabelOperator::kNotIn;
        break;
      case TokenKind::kGreater:
        requirement.op = LabelOperator::kGreaterThan;
        break;
      case TokenKind::kLess:
        requirement.op = LabelOperator::kLessThan;
        break;
      default:
        return bad(fmt::format("found '{}', expected: in, notin, =, ==, !=, gt, lt", token.text));
    }
    auto values = is_set ? parse_values() : parse_exact_value();
    if (!values) return std::unexpected(std::move(values.error()));
    std::sort(values->begin(), values->end());
    values->erase(std::unique(values->begin(), values->end()), values->end());
    requirement.values = std::move(*values);
    return check_values(requirement);
  }

  static Result<void> check_values(LabelRequirement& requirement) {
    std::vector<std::string> errors;
    for (std::size_t i = 0; i < requirement.values.size(); ++i) {
      const std::string& value = requirement.values[i];
      if (requirement.op == LabelOperator::kGreaterThan || requirement.op == LabelOperator::kLessThan) {
        auto number = parse_whole(value);
        if (number) {
          requirement.number = *number;
        } else {
          errors.push_back(
              fmt::format("values[{}]: Invalid value: {}: for 'Gt', 'Lt' operators, the value must be an integer", i,
                          go_quoted(value)));
        }
      }
      auto messages = check_label_value(value);
      if (!messages.empty()) {
        errors.push_back(fmt::format("values[{}][{}]: Invalid value: {}: {}", i, requirement.key, go_quoted(value),
                                     joined(messages)));
      }
    }
    if (errors.empty()) return {};
    return bad(errors.size() == 1 ? errors[0] : fmt::format("[{}]", fmt::join(errors, ", ")));
  }

  Result<std::vector<std::string>> parse_exact_value() {
    auto next = look().kind;
    if (next == TokenKind::kEnd || next == TokenKind::kComma) return std::vector<std::string>{""};
    Token token = take();
    if (token.kind != TokenKind::kIdentifier) return bad(fmt::format("found '{}', expected: identifier", token.text));
    return std::vector<std::string>{token.text};
  }

  Result<std::vector<std::string>> parse_values() {
    Token open = take();
    if (open.kind != TokenKind::kOpen) return bad(fmt::format("found '{}' expected: '('", open.text));
    Token first = look();
    if (first.kind == TokenKind::kClose) {
      take();
      return std::vector<std::string>{""};
    }
    if (first.kind != TokenKind::kIdentifier && first.kind != TokenKind::kComma) {
      return bad(fmt::format("found '{}', expected: ',', ')' or identifier", first.text));
    }
    return parse_list();
  }

  // The values up to and with the closing parenthesis; what is missing between commas is the empty value.
  Result<std::vector<std::string>> parse_list() {
    std::vector<std::string> values;
    for (;;) {
      Token token = take();
      if (token.kind == TokenKind::kIdentifier) {
        values.push_back(token.text);
        Token next = look();
        if (next.kind == TokenKind::kComma) continue;
        if (next.kind != TokenKind::kClose) return bad(fmt::format("found '{}', expected: ',' or ')'", next.text));
      } else if (token.kind == TokenKind::kComma) {
        if (values.empty()) values.emplace_back();
        auto next = look().kind;
        if (next == TokenKind::kComma) {
          take();
          values.emplace_back();
        }
        if (next != TokenKind::kClose) continue;
        values.emplace_back();
      } else {
        return bad(fmt::format("found '{}', expected: ',', or identifier", token.text));
      }
      take();
      return values;
    }
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

bool LabelRequirement::matches(const std::string* value) const {
  switch (op) {
    case LabelOperator::kIn:
      return value && std::binary_search(values.begin(), values.end(), *value);
    case LabelOperator::kNotIn:
      return !value || !std::binary_search(values.begin(), values.end(), *value);
    case LabelOperator::kExists:
      return value != nullptr;
    case LabelOperator::kDoesNotExist:
      return value == nullptr;
    case LabelOperator::kGreaterThan:
    case LabelOperator::kLessThan: {
      auto held = value ? parse_whole(*value) : std::nullopt;
      return held && (op == LabelOperator::kGreaterThan ? *held > number : *held < number);
    }
  }
  return false;
}

bool LabelSelector::matches(const std::vector<std::pair<std::string, std::string>>& sorted) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const LabelRequirement& requirement) {
    auto found = std::lower_bound(sorted.begin(), sorted.end(), requirement.key,
                                  [](const auto& label, const std::string& key) { return label.first < key; });
    return requirement.matches(found != sorted.end() && found->first == requirement.key ? &found->second : nullptr);
  });
}

bool LabelSelector::matches(const std::map<std::string, std::string>& labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const LabelRequirement& requirement) {
    auto found = labels.find(requirement.key);
    return requirement.matches(found != labels.end() ? &found->second : nullptr);
  });
}

Result<LabelSelector> parse_label_selector(std::string_view text) {
  auto requirements = Parser(text).parse();
  if (!requirements) return std::unexpected(std::move(requirements.error()));
  std::sort(requirements->begin(), requirements->end(), [](const LabelRequirement& a, const LabelRequirement& b) {
    return std::tie(a.key, a.op, a.values) < std::tie(b.key, b.op, b.values);
  });
  LabelSelector selector;
  selector.requirements_ = std::move(*requirements);
  return selector;
}

}  // namespace kubeloop::api
