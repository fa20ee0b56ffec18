#include "simulator/observe/quiet.hpp"

#include <fmt/core.h>

namespace kubeloop::simulator {
namespace {

// The text without the times of heartbeats.
std::string without_heartbeats(std::string_view text) {
  constexpr std::string_view kMember = R"("lastHeartbeatTime":")";
  std::string out;
  while (true) {
    auto at = text.find(kMember);
    if (at == std::string_view::npos) break;
    out += text.substr(0, at);
    text.remove_prefix(at + kMember.size());
    text.remove_prefix(std::min(text.find('"'), text.size()));
  }
  return out.append(text);
}

bool is_heartbeat(const Commit& commit) {
  if (!commit.is_of("nodes") || commit.is_delete() || !commit.before) return false;
  return without_heartbeats(*commit.change.value) == without_heartbeats(*commit.before->value);
}

// The last word about a series of events comes when it has not gone on for a while.
bool is_end_of_series(const Commit& commit) {
  return commit.is_of("events") && !commit.is_delete() && commit.before && !commit.part("series").empty();
}

}  // namespace

void Quiet::check(const Commit& commit) {
  if (!is_on_ || commit.is_of("leases.coordination.k8s.io")) return;
  if (commit.is_of("events") && commit.is_delete()) return;
  if (is_heartbeat(commit) || is_end_of_series(commit)) return;
  const char* what = commit.is_delete() ? "deleted" : commit.before ? "changed" : "created";
  violate(fmt::format("{} was {} at revision {} although nothing happens", commit.name(), what, commit.change.revision),
          commit.change.revision, commit.at);
}

}  // namespace kubeloop::simulator
