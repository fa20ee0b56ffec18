#include "kubelet-sim/runtime/behaviour.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "kubelet-sim/runtime/command.hpp"
#include "kubelet-sim/runtime/durations.hpp"

namespace kubeloop::kubelet_sim {
namespace {

struct KnownImage {
  std::string_view name;
  Duration pull;
  std::int64_t size_bytes;
  bool is_shell;  // without a command it runs a shell, which ends at once
};

// Sizes are those of the images' usual compressed layers, rounded; times those of a middling connection.
constexpr std::array kImages = {
    KnownImage{"nginx", 2100ms, 72'000'000, false},   KnownImage{"httpd", 1900ms, 58'000'000, false},
    KnownImage{"redis", 1700ms, 46'000'000, false},   KnownImage{"postgres", 3400ms, 156'000'000, false},
    KnownImage{"mysql", 4200ms, 232'000'000, false},  KnownImage{"pause", 300ms, 320'000, false},
    KnownImage{"agnhost", 1800ms, 52'000'000, false}, KnownImage{"busybox", 900ms, 2'200'000, true},
    KnownImage{"alpine", 1000ms, 3'700'000, true},    KnownImage{"bash", 1100ms, 6'600'000, true},
    KnownImage{"debian", 1800ms, 48'000'000, true},   KnownImage{"ubuntu", 1600ms, 30'000'000, true},
};

const KnownImage* find_image(std::string_view image) {
  std::string name = short_image_name(image);
  auto it = std::ranges::find(kImages, name, &KnownImage::name);
  return it == kImages.end() ? nullptr : &*it;
}

// Names that say themselves that they cannot be pulled, for lessons and tests.
PullError marked_error(std::string_view image) {
  std::string name = short_image_name(image), tag = image_tag(image);
  auto says_missing = [](std::string_view text) {
    return text.find("nosuch") != std::string_view::npos || text.find("missing") != std::string_view::npos;
  };
  if (says_missing(name)) return PullError::kDenied;
  if (says_missing(tag)) return PullError::kNotFound;
  return PullError::kNone;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    auto end = text.find(at);
    if (auto part = trim(text.substr(0, end)); !part.empty()) parts.push_back(part);
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<int> parse_int(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "forever", "90s", "5s exit 1", "2m oom", each with an optional " x3".
std::optional<std::vector<RunBehaviour>> parse_runs(std::string_view text) {
  std::vector<RunBehaviour> runs;
  for (auto item : split(text, ',')) {
    auto words = split(item, ' ');
    RunBehaviour run;
    int times = 1;
    if (words.size() > 1 && words.back().starts_with('x')) {
      auto count = parse_int(words.back().substr(1));
      if (!count || *count < 1 || *count > 100) return std::nullopt;
      times = *count;
      words.pop_back();
    }
    if (words[0] != "forever") {
      auto after = parse_go_duration(words[0]);
      if (!after) return std::nullopt;
      run.exit_after = *after;
    }
    if (words.size() == 2 && words[1] == "oom") {
      run.is_oom = true;
      run.exit_code = 137;
    } else if (words.size() == 3 && words[1] == "exit") {
      run.exit_code = parse_int(words[2]).value_or(1) & 0xff;
    } else if (words.size() != 1) {
      return std::nullopt;
    }
    runs.insert(runs.end(), times, run);
  }
  return runs.empty() ? std::nullopt : std::optional(runs);
}

std::optional<StopBehaviour> parse_stop(std::string_view text) {
  StopBehaviour stop;
  auto words = split(text, ' ');
  if (words.empty()) return std::nullopt;
  if (words[0] == "ignore" && words.size() == 1) {
    stop.ignores_sigterm = true;
    return stop;
  }
  auto after = parse_go_duration(words[0]);
  if (!after) return std::nullopt;
  stop.exit_after = *after;
  if (words.size() == 3 && words[1] == "exit")
    stop.exit_code = parse_int(words[2]).value_or(1) & 0xff;
  else if (words.size() != 1)
    return std::nullopt;
  return stop;
}

// "ok", "fail", "fail 60s-90s, 120s-".
std::optional<ProbeScript> parse_probe(std::string_view text) {
  ProbeScript script;
  text = trim(text);
  if (text == "ok") return script;
  if (!text.starts_with("fail")) return std::nullopt;
  auto spans = split(text.substr(4), ',');
  if (spans.empty()) script.failing.emplace_back(Duration(0), Duration::max());
  for (auto span : spans) {
    auto dash = span.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    auto from = parse_go_duration(trim(span.substr(0, dash)));
    auto rest = trim(span.substr(dash + 1));
    auto to = rest.empty() ? std::optional(Duration::max()) : parse_go_duration(rest);
    if (!from || !to) return std::nullopt;
    script.failing.emplace_back(*from, *to);
  }
  return script;
}

bool apply_pull(PullBehaviour& pull, std::string_view text) {
  text = trim(text);
  if (text == "not-found")
    pull.error = PullError::kNotFound;
  else if (text == "denied")
    pull.error = PullError::kDenied;
  else if (text == "timeout")
    pull.error = PullError::kTimeout;
  else if (auto latency = parse_go_duration(text)) {
    pull.latency = *latency;
    pull.error = PullError::kNone;
  } else {
    return false;
  }
  return true;
}

// Takes over what could be read.
template <class T>
bool take(T& target, std::optional<T> read) {
  if (read) target = std::move(*read);
  return read.has_value();
}

// The annotation for this container, or the one for all; null when there is none.
const std::string* find_annotation(const api::Pod& pod, const api::Container& container, std::string_view name) {
  const auto& all = pod.metadata.annotations;
  std::string key = "kubeloop.dev/" + std::string(name);
  if (auto it = all.find(key + "." + container.name); it != all.end()) return &it->second;
  if (auto it = all.find(key); it != all.end()) return &it->second;
  return nullptr;
}

void apply_annotations(Behaviour& behaviour, const api::Pod& pod, const api::Container& container) {
  for (const auto& name : behaviour_names()) {
    if (auto* text = find_annotation(pod, container, name)) apply_behaviour(behaviour, name, *text);
  }
}

void apply_rules(Behaviour& behaviour, const ImageRules& rules, const std::string& image) {
  for (const auto& rule : rules) {
    if (!matches_image(rule.image, image)) continue;
    for (const auto& [name, text] : rule.texts) apply_behaviour(behaviour, name, text);
  }
}

// Whether it is a command that we know, and it ends with another code than 0.
bool command_fails(const std::vector<std::string>& line) {
  auto outcome = interpret_command(line);
  return outcome && (outcome->run.exit_code != 0 || !outcome->start_error.empty());
}

}  // namespace

bool ProbeScript::succeeds(Duration since_start) const {
  return std::ranges::none_of(failing,
                              [&](const auto& span) { return since_start >= span.first && since_start < span.second; });
}

const RunBehaviour& Behaviour::run(int attempt) const {
  auto last = static_cast<int>(runs.size()) - 1;
  return runs[static_cast<std::size_t>(std::clamp(attempt, 0, last))];
}

const ProbeScript& Behaviour::probe(ProbeKind kind) const {
  if (kind == ProbeKind::kStartup) return startup;
  return kind == ProbeKind::kLiveness ? liveness : readiness;
}

bool apply_behaviour(Behaviour& behaviour, std::string_view name, std::string_view text) {
  if (name == "pull") return apply_pull(behaviour.pull, text);
  if (name == "run") return take(behaviour.runs, parse_runs(text));
  if (name == "stop") return take(behaviour.stop, parse_stop(text));
  if (name == "startup") return take(behaviour.startup, parse_probe(text));
  if (name == "liveness") return take(behaviour.liveness, parse_probe(text));
  return name == "readiness" && take(behaviour.readiness, parse_probe(text));
}

Behaviour behaviour_of(const api::Pod& pod, const api::Container& container, const ImageRules& rules) {
  Behaviour behaviour;
  behaviour.runs.resize(1);
  const KnownImage* image = find_image(container.image);
  if (image) {
    behaviour.pull.latency = image->pull;
    behaviour.pull.size_bytes = image->size_bytes;
    if (image->is_shell) behaviour.runs[0].exit_after = Duration(0);
  }
  behaviour.pull.error = marked_error(container.image);

  std::vector<std::string> line = container.command;
  line.insert(line.end(), container.args.begin(), container.args.end());
  if (auto outcome = interpret_command(line)) {
    behaviour.runs[0] = outcome->run;
    behaviour.stop = outcome->stop;
    behaviour.start_error = outcome->start_error;
  } else if (!container.command.empty()) {
    behaviour.runs[0] = RunBehaviour();  // an unknown program is taken for a server
  }
  for (auto [probe, script] : {std::pair(&container.startupProbe, &behaviour.startup),
                               std::pair(&container.livenessProbe, &behaviour.liveness),
                               std::pair(&container.readinessProbe, &behaviour.readiness)}) {
    if (*probe && (*probe)->exec && command_fails((*probe)->exec->command)) {
      script->failing = {{Duration::zero(), Duration::max()}};
    }
  }
  apply_rules(behaviour, rules, container.image);
  apply_annotations(behaviour, pod, container);
  return behaviour;
}

}  // namespace kubeloop::kubelet_sim
