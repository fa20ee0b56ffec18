#include "simulator/observe/phases_forward.hpp"

#include <fmt/core.h>

#include "libs/api/codec/view.hpp"
#include "libs/api/views/meta.hpp"

namespace kubeloop::simulator {

struct ContainerRestarts {
  std::string name;
  std::int64_t restartCount = 0;
};
BOOST_DESCRIBE_STRUCT(ContainerRestarts, (), (name, restartCount))

namespace {

// -1: says nothing (Unknown).
int rank_of(const std::string& phase) {
  if (phase.empty() || phase == "Pending") return 0;
  if (phase == "Running") return 1;
  return phase == "Succeeded" || phase == "Failed" ? 2 : -1;
}

template <class T>
std::vector<T> read_list(std::string_view text) {
  if (text.empty()) return {};
  return api::decode_view<std::vector<T>>(text).value_or(std::vector<T>());
}

}  // namespace

void PhasesForward::check(const Commit& commit) {
  if (commit.is_delete() || !commit.before || commit.before->header->uid != commit.header().uid) return;
  if (commit.is_of("pods")) {
    check_pod(commit);
  } else if (commit.is_of("jobs.batch")) {
    check_job(commit);
  } else if (commit.is_of("namespaces")) {
    auto phase = commit.field("status.phase");
    if (commit.field_before("status.phase") != "Terminating" || phase == "Terminating") return;
    violate(fmt::format("{} went from Terminating to {} at revision {}", commit.name(), phase, commit.change.revision),
            commit.change.revision, commit.at);
  }
}

void PhasesForward::check_pod(const Commit& commit) {
  auto before = commit.field_before("status.phase");
  auto now = commit.field("status.phase");
  bool goes_back = rank_of(now) >= 0 && rank_of(now) < rank_of(before);
  bool changes_its_end = rank_of(before) == 2 && now != before;
  if (goes_back || changes_its_end) {
    violate(fmt::format("{} went from {} to {} at revision {}", commit.name(), before, now, commit.change.revision),
            commit.change.revision, commit.at);
  }
  check_restarts(commit, "containerStatuses");
  check_restarts(commit, "initContainerStatuses");
}

void PhasesForward::check_restarts(const Commit& commit, std::string_view list) {
  auto text_before = client::find_member(commit.part_before("status"), list);
  auto text = client::find_member(commit.part("status"), list);
  if (text_before.empty() || text.empty() || text == text_before) return;
  auto now = read_list<ContainerRestarts>(text);
  for (const auto& then : read_list<ContainerRestarts>(text_before)) {
    for (const auto& container : now) {
      if (container.name != then.name || container.restartCount >= then.restartCount) continue;
      violate(fmt::format("the restart count of container {} of {} fell from {} to {} at revision {}", then.name,
                          commit.name(), then.restartCount, container.restartCount, commit.change.revision),
              commit.change.revision, commit.at);
    }
  }
}

void PhasesForward::check_job(const Commit& commit) {
  auto text_before = client::find_member(commit.part_before("status"), "conditions");
  auto text = client::find_member(commit.part("status"), "conditions");
  if (text_before.empty() || text == text_before) return;
  auto now = read_list<api::Condition>(text);
  for (const auto& then : read_list<api::Condition>(text_before)) {
    bool is_end = (then.type == "Complete" || then.type == "Failed") && then.status == "True";
    auto* still = api::find_condition(now, then.type);
    if (!is_end || (still && still->status == "True")) continue;
    violate(fmt::format("{} was {} and is not so any more at revision {}", commit.name(), then.type,
                        commit.change.revision),
            commit.change.revision, commit.at);
  }
}

}  // namespace kubeloop::simulator
