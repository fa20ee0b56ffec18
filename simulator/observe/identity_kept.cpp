#include "simulator/observe/identity_kept.hpp"

#include <fmt/core.h>

#include "libs/api/codec/view.hpp"
#include "libs/api/views/meta.hpp"

namespace kubeloop::simulator {
namespace {

// Pods have one too, but the binding does not raise it.
bool counts_spec(const Commit& commit) {
  std::string_view resource = commit.header().resource;
  return resource.ends_with(".apps") || resource == "jobs.batch" || resource == "poddisruptionbudgets.policy";
}

}  // namespace

void IdentityKept::check(const Commit& commit) {
  if (commit.is_delete() || !commit.before) return;
  if (commit.is_of("leases.coordination.k8s.io") || commit.is_of("events")) return;
  const auto& before = *commit.before->header;
  const auto& now = commit.header();
  if (before.uid != now.uid || before.name != now.name || before.namespace_ != now.namespace_) {
    violate(fmt::format("{} with uid {} became {} with uid {} at revision {} without having been deleted",
                        object_name(before), before.uid, object_name(now), now.uid, commit.change.revision),
            commit.change.revision, commit.at);
    return;
  }
  bool is_same = commit.part("metadata") == commit.part_before("metadata");
  if (is_same && (!counts_spec(commit) || commit.part("spec") == commit.part_before("spec"))) return;
  check_metadata(commit);
}

void IdentityKept::check_metadata(const Commit& commit) {
  auto before = api::decode_view<api::ObjectMeta>(commit.part_before("metadata"));
  auto now = api::decode_view<api::ObjectMeta>(commit.part("metadata"));
  if (!before || !now) return;
  auto revision = commit.change.revision;
  if (before->creationTimestamp != now->creationTimestamp) {
    violate(fmt::format("the creationTimestamp of {} changed from {} to {} at revision {}", commit.name(),
                        before->creationTimestamp, now->creationTimestamp, revision),
            revision, commit.at);
  }
  if (!before->deletionTimestamp.empty() && now->deletionTimestamp.empty()) {
    violate(fmt::format("the deletionTimestamp of {} was taken back at revision {}", commit.name(), revision), revision,
            commit.at);
  } else if (!before->deletionTimestamp.empty()) {
    check_deletion(commit, *before, *now);
  }
  check_generation(commit, before->generation, now->generation);
}

// A grace can only be shortened; the end of one that is over then is a little later than it was.
void IdentityKept::check_deletion(const Commit& commit, const api::ObjectMeta& before, const api::ObjectMeta& now) {
  auto revision = commit.change.revision;
  auto grace_before = before.deletionGracePeriodSeconds.value_or(0);
  auto grace = now.deletionGracePeriodSeconds.value_or(0);
  if (grace > grace_before) {
    violate(fmt::format("the grace of {} grew from {} s to {} s at revision {}", commit.name(), grace_before, grace,
                        revision),
            revision, commit.at);
  } else if (grace == grace_before && now.deletionTimestamp > before.deletionTimestamp) {
    violate(fmt::format("the deletionTimestamp of {} was put off from {} to {} at revision {}", commit.name(),
                        before.deletionTimestamp, now.deletionTimestamp, revision),
            revision, commit.at);
  }
}

void IdentityKept::check_generation(const Commit& commit, std::int64_t before, std::int64_t now) {
  auto revision = commit.change.revision;
  if (now < before) {
    violate(fmt::format("the generation of {} fell from {} to {} at revision {}", commit.name(), before, now, revision),
            revision, commit.at);
  } else if (now == before && counts_spec(commit) && commit.part("spec") != commit.part_before("spec")) {
    violate(
        fmt::format("the spec of {} changed at revision {}, its generation stayed {}", commit.name(), revision, now),
        revision, commit.at);
  }
}

}  // namespace kubeloop::simulator
