#include "simulator/story/causes.hpp"

#include <fmt/format.h>

#include <charconv>
#include <ranges>

namespace kubeloop::simulator {
namespace {

const FlowEvent* find_commit(std::span<const FlowEvent> events, std::uint64_t revision) {
  for (const auto& event : std::views::reverse(events)) {
    if (event.kind == "commit" && event.revision == revision) return &event;
  }
  return nullptr;
}

std::uint64_t to_revision(const std::string& cause) {
  std::uint64_t revision = 0;
  std::from_chars(cause.data(), cause.data() + cause.size(), revision);
  return revision;
}

}  // namespace

std::vector<std::string> causes_of(std::span<const FlowEvent> events, std::uint64_t revision, WallTime began,
                                   std::size_t most) {
  std::vector<std::string> lines;
  while (revision != 0 && lines.size() < most) {
    const FlowEvent* commit = find_commit(events, revision);
    if (!commit) break;
    double at = static_cast<double>((commit->time - began).count()) / 1e9;
    lines.push_back(fmt::format("{:.3f}s {} {} {} -> rev {}{}", at, commit->actor, commit->verb, commit->object,
                                commit->revision, commit->cause == "timer" ? " (because of a timer)" : ""));
    std::uint64_t cause = to_revision(commit->cause);
    revision = cause < revision ? cause : 0;
  }
  return lines;
}

std::uint64_t last_revision(std::span<const FlowEvent> events, WallTime time) {
  for (const auto& event : std::views::reverse(events)) {
    if (event.kind == "commit" && event.time <= time && !is_background(event)) return event.revision;
  }
  return 0;
}

}  // namespace kubeloop::simulator
