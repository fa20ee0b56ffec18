#include "simulator/scenario/parse_exec_step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMostShown = 120;  // of a command, in a step's text

// A list of words; a text alone would have to be split, and everybody splits otherwise.
void parse_command(Source& source, Fields& fields, ExecStep& exec) {
  fields.require("command");
  const json* command = fields.get("command");
  if (!command) return;
  bool is_list = command->is_array() && !command->empty() && command->size() <= kMaxCommandWords &&
                 std::ranges::all_of(*command, [](const json& word) {
                   return word.is_string() && word.get_ref<const std::string&>().find('\0') == std::string::npos;
                 });
  if (!is_list || (*command)[0] == "") {
    source.fail(fields.pointer("command"), "\"command\" is a list of texts: the program and its arguments");
    return;
  }
  exec.command = command->get<std::vector<std::string>>();
}

// {contains: TEXT or a list of them, matches: REGEX, equals: TEXT}
TextCheck parse_text_check(Source& source, Fields& fields, const std::string& key) {
  TextCheck check;
  const json* value = fields.get(key);
  if (!value) return check;
  Fields inner(source, *value, fields.pointer(key), "a check of output");
  const json* contains = inner.get("contains");
  if (contains && contains->is_array() && contains->size() <= kMaxTextChecks &&
      std::ranges::all_of(*contains, [](const json& one) { return one.is_string(); })) {
    check.contains = contains->get<std::vector<std::string>>();
  } else if (contains) {
    check.contains.push_back(inner.text("contains"));
  }
  if (inner.has("equals")) check.equals = inner.text("equals");
  if (inner.has("matches")) {
    check.matches = inner.text("matches");
    if (check.matches->size() > kMaxPatternBytes) {
      source.fail("KL105", inner.pointer("matches"), fmt::format("more than {} bytes", kMaxPatternBytes));
      check.matches.reset();
    } else {
      try {
        std::regex tried(*check.matches);
      } catch (const std::regex_error& error) {
        source.fail(inner.pointer("matches"), "\"" + *check.matches + "\" is no regular expression: " + error.what());
      }
    }
  }
  inner.finish();
  return check;
}

}  // namespace

Step parse_exec(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "an exec step");
  ExecStep exec;
  parse_command(source, fields, exec);
  exec.stdin_text = fields.text("stdin");
  if (exec.stdin_text.size() > kMaxStdinBytes) source.fail("KL105", fields.pointer("stdin"), "more than 1 MiB");
  exec.within = fields.required_duration("within");
  exec.exit_code = static_cast<int>(fields.integer("exitCode", 0, 255).value_or(0));
  exec.out = parse_text_check(source, fields, "stdout");
  exec.err = parse_text_check(source, fields, "stderr");
  fields.finish();
  Step step;
  std::string command;
  for (const auto& word : exec.command) command += (command.empty() ? "" : " ") + word;
  std::ranges::replace(command, '\n', ' ');
  if (command.size() > kMostShown) {
    command.resize(kMostShown);
    while (!command.empty() && (static_cast<unsigned char>(command.back()) & 0xC0) == 0x80) command.pop_back();
    if (!command.empty() && static_cast<unsigned char>(command.back()) >= 0xC0) command.pop_back();
    command += "...";
  }
  step.text = "run " + command + ", within " + format_duration(exec.within);
  step.time = StepTime::kReal;
  step.action = std::move(exec);
  return step;
}

}  // namespace kubeloop::simulator
