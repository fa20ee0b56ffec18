#include "simulator/observe/revisions_grow.hpp"

#include <fmt/core.h>

namespace kubeloop::simulator {

void RevisionsGrow::check(const Commit& commit) {
  const auto& change = commit.change;
  auto last = last_;
  last_ = std::max(last_, change.revision);
  if (change.revision <= last) {
    violate(fmt::format("{} was committed at revision {} after revision {}", commit.name(), change.revision, last),
            change.revision, commit.at);
  } else if (last != 0 && change.revision != last + 1) {
    violate(fmt::format("{} was committed at revision {}, the one before was {}", commit.name(), change.revision, last),
            change.revision, commit.at);
  }
  auto stood_at = commit.before ? commit.before->revision : 0;
  if (change.previous != stood_at) {
    violate(fmt::format("revision {} of {} says it replaces {}, the key stood at {}", change.revision, commit.name(),
                        change.previous, stood_at),
            change.revision, commit.at);
  }
  if (commit.is_delete() && !commit.before) {
    violate(fmt::format("revision {} deletes {}, which was not there", change.revision, commit.name()), change.revision,
            commit.at);
    return;
  }
  auto created = commit.before ? commit.before->create_revision : change.revision;
  if (change.create_revision != created) {
    violate(fmt::format("revision {} of {} says it was created at {}, it was at {}", change.revision, commit.name(),
                        change.create_revision, created),
            change.revision, commit.at);
  }
}

}  // namespace kubeloop::simulator
