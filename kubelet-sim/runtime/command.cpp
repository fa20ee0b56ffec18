#include "kubelet-sim/runtime/command.hpp"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "kubelet-sim/runtime/durations.hpp"

namespace kubeloop::kubelet_sim {
namespace {

std::string program_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  std::string word;
  bool is_word = false;
  char quote = 0;
  for (char c : text) {
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      is_word = true;
    } else if (c == ' ' || c == '\t') {
      if (is_word) result.push_back(std::exchange(word, ""));
      is_word = false;
    } else {
      word += c;
      is_word = true;
    }
  }
  if (is_word) result.push_back(word);
  return result;
}

// "5", "1.5", "5s", "2m", "1h", "1d"; nothing for "infinity" and what cannot be read.
std::optional<Duration> sleep_length(std::string text) {
  if (text.ends_with('d')) {
    auto days = parse_go_duration(text.substr(0, text.size() - 1) + "h");
    return days ? std::optional(*days * 24) : std::nullopt;
  }
  if (!text.empty() && text.back() >= '0' && text.back() <= '9') text += "s";
  return parse_go_duration(text);
}

// A shell or a plain program that is PID 1 has no handler for SIGTERM, and the kernel then drops it.
StopBehaviour pid_one() {
  StopBehaviour stop;
  stop.ignores_sigterm = true;
  return stop;
}

struct Step {
  char joined_by = ';';  // ';', '&' (&&) or '|' (||): how it hangs on the step before
  std::string text;
};

std::vector<Step> split_script(std::string_view script) {
  std::vector<Step> steps(1);
  char quote = 0;
  for (std::size_t i = 0; i < script.size(); ++i) {
    char c = script[i];
    bool is_double = i + 1 < script.size() && script[i + 1] == c;
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == ';' || c == '\n' || ((c == '&' || c == '|') && is_double)) {
      if (c == '&' || c == '|') ++i;
      steps.push_back({c == '\n' ? ';' : c, ""});
      continue;
    }
    steps.back().text += c;
  }
  return steps;
}

// One simple command of a script.
struct Effect {
  std::optional<Duration> takes = Duration(0);  // nothing: for ever
  int code = 0;
  bool is_exit = false;
};

Effect effect_of(const std::vector<std::string>& line) {
  static const std::set<std::string> kForever = {"while", "until", "for", "tail", "top", "watch", "nc", "httpd"};
  std::string program = program_name(line[0]);
  Effect effect;
  if (program == "exec") return line.size() > 1 ? effect_of({line.begin() + 1, line.end()}) : effect;
  if (program == "sleep") {
    effect.takes = line.size() > 1 ? sleep_length(line[1]) : Duration(0);
  } else if (program == "exit") {
    effect.is_exit = true;
    if (line.size() > 1) std::from_chars(line[1].data(), line[1].data() + line[1].size(), effect.code);
  } else if (program == "false") {
    effect.code = 1;
  } else if (kForever.contains(program)) {
    effect.takes = std::nullopt;
  }
  return effect;
}

CommandOutcome interpret_script(std::string_view script) {
  CommandOutcome outcome;
  outcome.stop = pid_one();
  Duration total(0);
  int code = 0;
  for (const auto& step : split_script(script)) {
    auto line = words(step.text);
    if (line.empty()) continue;
    if ((step.joined_by == '&' && code != 0) || (step.joined_by == '|' && code == 0)) continue;
    if (line[0] == "trap") outcome.stop = StopBehaviour();
    Effect effect = effect_of(line);
    if (!effect.takes) return outcome;
    total += *effect.takes;
    code = effect.code;
    if (effect.is_exit) break;
  }
  outcome.run.exit_after = total;
  outcome.run.exit_code = code & 0xff;
  return outcome;
}

}  // namespace

std::optional<CommandOutcome> interpret_command(const std::vector<std::string>& line) {
  static const std::set<std::string> kShells = {"sh", "bash", "ash", "dash"};
  static const std::set<std::string> kQuick = {"true",     "false", "exit",     "echo",    "env", "date",
                                               "hostname", "cat",   "touch",    "rm",      "ls",  "id",
                                               "printf",   "wget",  "nslookup", "printenv"};
  if (line.empty() || line[0].empty()) return std::nullopt;
  std::string program = program_name(line[0]);
  if (line[0].find("nonexistent") != std::string::npos) {
    CommandOutcome outcome;
    outcome.start_error = fmt::format(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
        "unable to start container process: error during container init: exec: \"{}\": {}",
        line[0],
        line[0].starts_with('/') ? "stat " + line[0] + ": no such file or directory"
                                 : "executable file not found in $PATH");
    return outcome;
  }
  if (kShells.contains(program)) {
    for (std::size_t i = 1; i + 1 < line.size(); ++i) {
      if (line[i].starts_with('-') && line[i].ends_with('c')) return interpret_script(line[i + 1]);
    }
    // A shell without a terminal reads the end of its input and leaves.
    CommandOutcome outcome;
    outcome.run.exit_after = Duration(0);
    return outcome;
  }
  if (program != "sleep" && program != "tail" && !kQuick.contains(program)) return std::nullopt;
  Effect effect = effect_of(line);
  CommandOutcome outcome;
  outcome.stop = pid_one();
  outcome.run.exit_after = effect.takes;
  outcome.run.exit_code = effect.code & 0xff;
  return outcome;
}

}  // namespace kubeloop::kubelet_sim
