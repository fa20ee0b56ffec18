// A fast reader for the JSON that is common: printable ASCII, escapes other than \u, integers of up to 18 digits.
// Whatever else comes (broken text too) is refused without a reason, and the caller takes the full parser instead: so
// there is one judge of what is wrong, and this is never the place where a text is found to be bad.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace kubeloop::api {

class PlainJson {
 public:
  static constexpr int kMaxDepth = 90;  // below the limits of the full parsers

  explicit PlainJson(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // The first character of what comes, behind white space; 0 at the end.
  char peek() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) {
      ++at_;
      is_compact_ = false;
    }
    return at_ < end_ ? *at_ : '\0';
  }
  // Steps over `c` when it comes.
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  // Each reads one value of its kind, on which peek() stands. A string is valid until the next one is read.
  bool string(std::string_view& out);
  bool integer(std::int64_t& out);
  bool word(std::string_view word);  // true, false, null
  // Steps over any value.
  bool skip(int depth);

  const char* at() const { return at_; }
  // Neither white space nor escapes so far: the text is what a compact writer would write.
  bool is_compact() const { return is_compact_; }
  void expect_compact() { is_compact_ = true; }

 private:
  bool escaped(const char* from, std::string_view& out);

  const char* at_;
  const char* end_;
  bool is_compact_ = true;
  std::string unescaped_;
};

// Any JSON text as a document; discarded (is_discarded()) when it is none. The same as nlohmann::json::parse without
// exceptions, faster for plain text.
nlohmann::json parse_document(std::string_view text);

// Appends the document as json_text() writes it, faster for plain text.
void append_document(std::string& out, const nlohmann::json& document);
// A member's name, quoted, with the colon.
void append_name(std::string& out, std::string_view name);

}  // namespace kubeloop::api
