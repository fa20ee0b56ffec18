#include "simulator/observe/one_controller.hpp"

#include <fmt/core.h>

#include "libs/api/codec/view.hpp"
#include "libs/api/views/meta.hpp"

namespace kubeloop::simulator {
namespace {

std::vector<api::OwnerReference> read_owners(std::string_view text) {
  if (text.empty()) return {};
  return api::decode_view<std::vector<api::OwnerReference>>(text).value_or(std::vector<api::OwnerReference>());
}

const api::OwnerReference* find_controller(const std::vector<api::OwnerReference>& owners) {
  for (const auto& owner : owners) {
    if (owner.controller) return &owner;
  }
  return nullptr;
}

}  // namespace

void OneController::check(const Commit& commit) {
  if (commit.is_delete() || commit.is_of("leases.coordination.k8s.io") || commit.is_of("events")) return;
  auto text = client::find_member(commit.part("metadata"), "ownerReferences");
  auto text_before = client::find_member(commit.part_before("metadata"), "ownerReferences");
  if (text.empty() || text == text_before) return;
  auto owners = read_owners(text);
  auto* now = find_controller(owners);
  if (!now) return;
  auto revision = commit.change.revision;
  for (const auto& owner : owners) {
    if (!owner.controller || &owner == now) continue;
    violate(fmt::format("{} has two controllers at revision {}: {} {} and {} {}", commit.name(), revision, now->kind,
                        now->name, owner.kind, owner.name),
            revision, commit.at);
    return;
  }
  auto owners_before = read_owners(text_before);
  auto* before = find_controller(owners_before);
  if (!before || before->uid == now->uid || !ledger().is_alive(before->uid)) return;
  violate(fmt::format("{} {} took {} over at revision {} from {} {}, which is there and has not released it", now->kind,
                      now->name, commit.name(), revision, before->kind, before->name),
          revision, commit.at);
}

}  // namespace kubeloop::simulator
