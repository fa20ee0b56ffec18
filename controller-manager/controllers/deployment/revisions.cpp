#include "controller-manager/controllers/deployment/revisions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "controller-manager/controllers/deployment/rollout_limits.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr std::size_t kLongestHistory = 2000;

constexpr std::array<std::string_view, 6> kNotCopied = {
    "kubectl.kubernetes.io/last-applied-configuration",
    kRevision,
    kRevisionHistory,
    kDesiredReplicas,
    kMaxReplicas,
    "deprecated.deployment.rollback.to",
};

// The oldest numbers go when it gets too long.
std::string append_revision(std::string history, const std::string& revision) {
  while (!history.empty() && history.size() + 1 + revision.size() > kLongestHistory) {
    auto comma = history.find(',');
    history = comma == std::string::npos ? std::string() : history.substr(comma + 1);
  }
  return history.empty() ? revision : history + "," + revision;
}

}  // namespace

std::optional<std::int64_t> number_in(const api::StringMap& annotations, const char* key) {
  auto it = annotations.find(key);
  if (it == annotations.end()) return std::nullopt;
  std::int64_t value = 0;
  const char* end = it->second.data() + it->second.size();
  auto [read, error] = std::from_chars(it->second.data(), end, value);
  if (error != std::errc() || read != end) return std::nullopt;
  return value;
}

std::int64_t highest_revision(const std::vector<SetState>& sets) {
  std::int64_t highest = 0;
  for (const auto& set : sets) highest = std::max(highest, number_in(set.annotations, kRevision).value_or(0));
  return highest;
}

void mark_current(SetState& set, const api::Deployment& deployment, std::int64_t revision) {
  for (const auto& [key, value] : deployment.metadata.annotations) {
    if (std::ranges::find(kNotCopied, key) == kNotCopied.end()) set.annotations[key] = value;
  }
  auto it = set.annotations.find(kRevision);
  bool has_one = it != set.annotations.end() && !it->second.empty();
  auto number = number_in(set.annotations, kRevision);
  if (has_one && !number) return;  // somebody wrote a word there: it stays
  // A higher number remains when older sets have been removed meanwhile.
  if (number.value_or(0) >= revision) return;
  if (has_one) {
    auto& history = set.annotations[kRevisionHistory];
    history = append_revision(history, it->second);
  }
  set.annotations[kRevision] = std::to_string(revision);
}

void mark_size(SetState& set, const api::Deployment& deployment) {
  std::int64_t wanted = wanted_replicas(deployment);
  set.annotations[kDesiredReplicas] = std::to_string(wanted);
  set.annotations[kMaxReplicas] = std::to_string(wanted + rollout_limits(deployment).surge);
}

}  // namespace kubeloop::controller_manager
