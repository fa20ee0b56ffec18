#include "simulator/scenario/lint/scenario_document.hpp"

#include <algorithm>
#include <charconv>

namespace kubeloop::simulator {
namespace {

LintFinding make_finding(const std::string& path, const std::string& code, int line, int column,
                         const std::string& message, const std::string& meant) {
  LintFinding finding;
  finding.code = code;
  finding.path = path;
  finding.line = line;
  finding.column = column;
  finding.message = message;
  finding.meant = meant;
  return finding;
}

// Takes "12:" off the front of `text`; 0 when it does not begin so.
int take_number(std::string_view& text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data() + text.size() || *end != ':') return 0;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return value;
}

std::string_view line_of(std::string_view text, int line) {
  for (; line > 1; --line) {
    auto end = text.find('\n');
    if (end == std::string_view::npos) return "";
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Whether a tab stands in the indentation of the line, or right before the column.
bool has_tab(std::string_view text, int line, int column) {
  std::string_view here = line_of(text, line);
  auto first = here.find_first_not_of(" \t");
  bool is_indented = here.substr(0, first).find('\t') != std::string_view::npos;
  auto at = static_cast<std::size_t>(std::max(0, column - 1));
  return is_indented || (at < here.size() && here[at] == '\t');
}

LintFinding refusal(const std::string& path, std::string_view text, const std::string& status) {
  std::string_view rest = status;
  if (rest.starts_with(path + ":")) rest.remove_prefix(path.size() + 1);
  int line = take_number(rest);
  int column = take_number(rest);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  std::string message(rest);
  auto found = [&](std::string_view what) { return message.find(what) != std::string::npos; };
  if (found("larger than") || found("nested deeper") || found("more than")) {
    return make_finding(path, "KL004", line, column, message, "");
  }
  if (found("not UTF-8")) return make_finding(path, "KL005", line, column, message, "");
  if (found("already set in map")) {
    return make_finding(path, "KL006", line, column, message, "a key stands once in a mapping; join the two");
  }
  if (has_tab(text, line, column)) {
    return make_finding(path, "KL007", line, column, "a tab is no indentation in YAML", "spaces, two for a level");
  }
  return make_finding(path, "KL001", line, column, "this is no YAML: " + message, "");
}

}  // namespace

std::expected<api::YamlDocument, LintFinding> read_scenario_document(const std::string& path, std::string_view text) {
  auto documents = api::parse_yaml(text, path);
  if (!documents) return std::unexpected(refusal(path, text, documents.error().message));
  if (documents->empty() || (*documents)[0].value.is_null()) {
    return std::unexpected(make_finding(path, "KL002", 1, 1, "the file is empty", ""));
  }
  if (documents->size() > 1) {
    auto second = (*documents)[1].positions.find("");
    int line = second == (*documents)[1].positions.end() ? 1 : second->second.line;
    int column = second == (*documents)[1].positions.end() ? 1 : second->second.column;
    return std::unexpected(
        make_finding(path, "KL003", line, column, "more than one document; a scenario is one", "a file for each"));
  }
  return std::move((*documents)[0]);
}

}  // namespace kubeloop::simulator
