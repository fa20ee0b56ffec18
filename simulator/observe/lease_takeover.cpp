#include "simulator/observe/lease_takeover.hpp"

#include <fmt/core.h>

#include "libs/api/codec/view.hpp"
#include "libs/api/views/node.hpp"

namespace kubeloop::simulator {

void LeaseTakeover::check(const Commit& commit) {
  if (!commit.is_of("leases.coordination.k8s.io") || commit.header().namespace_ == "kube-node-lease") return;
  const auto& key = commit.change.key;
  if (commit.is_delete()) {
    held_.erase(key);
    return;
  }
  auto text = commit.part("spec");
  auto spec = api::decode_view<api::LeaseSpec>(text.empty() ? "{}" : text);
  if (!spec) return;
  Held& held = held_[key];
  Held now;
  now.holder = spec->holderIdentity;
  now.duration = std::chrono::seconds(spec->leaseDurationSeconds.value_or(0));
  now.transitions = spec->leaseTransitions.value_or(0);
  now.renewed = commit.at;
  auto revision = commit.change.revision;
  bool is_taken = !held.holder.empty() && !now.holder.empty() && held.holder != now.holder;
  auto age = commit.at - held.renewed;
  if (is_taken && age < held.duration) {
    auto ms = [](Duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); };
    violate(fmt::format("{} took {} from {} at revision {}, {} ms after it was renewed for {} ms", now.holder,
                        commit.name(), held.holder, revision, ms(age), ms(held.duration)),
            revision, commit.at);
  }
  if (commit.before && now.transitions < held.transitions) {
    violate(fmt::format("the transitions of {} fell from {} to {} at revision {}", commit.name(), held.transitions,
                        now.transitions, revision),
            revision, commit.at);
  }
  held = std::move(now);
}

}  // namespace kubeloop::simulator
