#include "simulator/scenario/lint/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

#include "simulator/scenario/input_file.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMostShown = 110;   // characters of a line
constexpr std::size_t kBeforeCaret = 70;  // at most, when the line is longer

std::string line_of(const std::string& text, int number) {
  std::size_t begin = 0;
  for (int line = 1; line < number; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string::npos) return "";
    ++begin;
  }
  std::string line = text.substr(begin, text.find('\n', begin) - begin);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The line in single characters that take one place each on a terminal; what cannot be shown is "?".
std::vector<std::string> characters_of(const std::string& line) {
  std::vector<std::string> characters;
  for (char c : line) {
    auto byte = static_cast<unsigned char>(c);
    if (is_continuation(c) && !characters.empty() && static_cast<unsigned char>(characters.back()[0]) >= 0xc0) {
      characters.back() += c;
    } else if (byte == '\t') {
      characters.emplace_back(" ");
    } else {
      characters.emplace_back(byte < 0x20 || byte == 0x7f || is_continuation(c) ? "?" : std::string(1, c));
    }
  }
  auto is_whole = [](const std::string& one) {
    auto first = static_cast<unsigned char>(one[0]);
    std::size_t wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    return one.size() == wanted;
  };
  for (auto& one : characters) {
    if (!is_whole(one)) one = "?";
  }
  return characters;
}

// The line and the caret below; "" where there is nothing to see.
std::string excerpt(const LintFinding& finding, const std::string& file_text) {
  if (finding.line <= 0) return "";
  std::string line = line_of(file_text, finding.line);
  if (line.empty()) return "";
  std::size_t bytes = std::min(line.size(), static_cast<std::size_t>(std::max(0, finding.column - 1)));
  std::size_t caret = characters_of(line.substr(0, bytes)).size();
  auto characters = characters_of(line);
  std::size_t from = 0;
  if (characters.size() > kMostShown && caret > kBeforeCaret) {
    from = std::min(caret - kBeforeCaret, characters.size() - kMostShown);
  }
  std::string shown = from > 0 ? "..." : "";
  std::string below(shown.size(), ' ');
  for (std::size_t i = from; i < characters.size() && i < from + kMostShown; ++i) shown += characters[i];
  if (from + kMostShown < characters.size()) shown += "...";
  below += std::string(caret - from, ' ') + "^";
  return "    " + shown + "\n    " + below + "\n";
}

}  // namespace

std::string to_text(const LintFinding& finding, const std::string& file_text) {
  std::string text = finding.path;
  if (finding.line > 0) text += fmt::format(":{}:{}", finding.line, finding.column);
  text += fmt::format(": {} {}: {}\n", finding.is_warning ? "warning" : "error", finding.code, finding.message);
  text += excerpt(finding, file_text);
  if (!finding.meant.empty()) text += "    meant: " + finding.meant + "\n";
  return text;
}

std::string to_text(const std::vector<LintFinding>& findings) {
  std::map<std::string, std::string> texts;
  std::string out;
  for (const auto& finding : findings) {
    auto known = texts.find(finding.path);
    if (known == texts.end()) {
      auto text = finding.line > 0 ? read_input_file(finding.path) : Result<std::string>("");
      known = texts.emplace(finding.path, text.value_or("")).first;
    }
    out += to_text(finding, known->second);
  }
  return out;
}

std::string summary(const std::vector<LintFinding>& findings, std::size_t files) {
  auto warnings = static_cast<std::size_t>(std::ranges::count_if(findings, &LintFinding::is_warning));
  auto counted = [](std::size_t count, const std::string& what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  return fmt::format("{}, {} in {}", counted(findings.size() - warnings, "error"), counted(warnings, "warning"),
                     counted(files, "file"));
}

json to_json(const std::vector<LintFinding>& findings, std::size_t files) {
  json list = json::array();
  std::size_t warnings = 0;
  for (const auto& finding : findings) {
    json one = {{"code", finding.code},     {"severity", finding.is_warning ? "warning" : "error"},
                {"path", finding.path},     {"line", finding.line},
                {"column", finding.column}, {"message", finding.message}};
    if (!finding.meant.empty()) one["meant"] = finding.meant;
    list.push_back(std::move(one));
    if (finding.is_warning) ++warnings;
  }
  return {{"files", files}, {"errors", list.size() - warnings}, {"warnings", warnings}, {"findings", list}};
}

}  // namespace kubeloop::simulator
