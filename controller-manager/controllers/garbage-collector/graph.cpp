#include "controller-manager/controllers/garbage-collector/graph.hpp"

#include <algorithm>
#include <tuple>

namespace kubeloop::controller_manager {
namespace {

bool has_coordinates(const api::OwnerReference& reference, const ObjectIdentity& identity) {
  return reference.uid == identity.uid && reference.name == identity.name && reference.kind == identity.kind &&
         reference.apiVersion == identity.api_version;
}

// The owner as a dependent in that namespace names it.
ObjectIdentity owner_identity(const api::OwnerReference& reference, const std::string& namespace_) {
  ObjectIdentity identity;
  identity.api_version = reference.apiVersion;
  identity.kind = reference.kind;
  identity.namespace_ = namespace_;
  identity.name = reference.name;
  identity.uid = reference.uid;
  return identity;
}

std::set<std::string> owner_uids(const std::vector<api::OwnerReference>& owners) {
  std::set<std::string> uids;
  for (const auto& owner : owners) uids.insert(owner.uid);
  return uids;
}

int blocking_references(const std::vector<api::OwnerReference>& owners, const std::string& uid) {
  return static_cast<int>(
      std::ranges::count_if(owners, [&](const auto& one) { return one.uid == uid && one.blockOwnerDeletion; }));
}

// Dependents that name the owner by these coordinates, and those that name its uid by others; one with two references
// may be in both.
struct Partition {
  std::vector<Node*> matching, others;
};
Partition partition_dependents(const Node& owner, const ObjectIdentity& identity) {
  Partition result;
  for (Node* dependent : owner.dependents) {
    bool is_elsewhere = !identity.namespace_.empty() && identity.namespace_ != dependent->identity.namespace_;
    bool is_match = false;
    bool is_other = is_elsewhere;
    for (const auto& reference : dependent->owners) {
      if (is_elsewhere || reference.uid != identity.uid) continue;
      (has_coordinates(reference, identity) ? is_match : is_other) = true;
    }
    if (is_match) result.matching.push_back(dependent);
    if (is_other) result.others.push_back(dependent);
  }
  return result;
}

// Kinds stay together, whatever their namespaces.
auto alternate_rank(const ObjectIdentity& identity) {
  return std::tie(identity.kind, identity.api_version, identity.namespace_, identity.name);
}

void enqueue(std::vector<std::string>& uids, const std::vector<Node*>& nodes) {
  for (const Node* node : nodes) uids.push_back(node->identity.uid);
}

std::optional<GraphWork::InvalidOwner> invalid_owner(const Node& dependent, const std::string& owner_uid) {
  for (const auto& reference : dependent.owners) {
    if (reference.uid != owner_uid) continue;
    GraphWork::InvalidOwner invalid;
    invalid.uid = owner_uid;
    invalid.dependent = dependent.identity;
    invalid.owner = owner_identity(reference, dependent.identity.namespace_);
    return invalid;
  }
  return std::nullopt;
}

void report_invalid(const Node& dependent, const std::string& owner_uid, GraphWork& work) {
  if (auto invalid = invalid_owner(dependent, owner_uid)) work.invalid.push_back(std::move(*invalid));
}

// The deletion begins, or takes on that finalizer, with this change.
bool starts_with(const char* finalizer, const api::ObjectMeta* before, const api::ObjectMeta& after) {
  if (after.deletionTimestamp.empty() || !has_finalizer(after, finalizer)) return false;
  return !before || before->deletionTimestamp.empty() || !has_finalizer(*before, finalizer);
}

}  // namespace

bool has_finalizer(const api::ObjectMeta& metadata, const char* finalizer) {
  return std::ranges::find(metadata.finalizers, finalizer) != metadata.finalizers.end();
}

bool is_same_reference(const api::OwnerReference& a, const api::OwnerReference& b) {
  return a.uid == b.uid && a.name == b.name && a.kind == b.kind && a.apiVersion == b.apiVersion &&
         a.controller == b.controller && a.blockOwnerDeletion == b.blockOwnerDeletion;
}

bool is_same_for_graph(const api::ObjectMeta& before, const api::ObjectMeta& after) {
  return before.uid == after.uid && before.deletionTimestamp.empty() == after.deletionTimestamp.empty() &&
         before.finalizers == after.finalizers &&
         std::ranges::equal(before.ownerReferences, after.ownerReferences, is_same_reference);
}

bool Node::ByName::operator()(const Node* a, const Node* b) const {
  return std::tie(a->identity.namespace_, a->identity.name, a->identity.uid) <
         std::tie(b->identity.namespace_, b->identity.name, b->identity.uid);
}

const Node* Graph::find(const std::string& uid) const {
  auto it = nodes_.find(uid);
  return it == nodes_.end() ? nullptr : it->second.get();
}

Node* Graph::at(const std::string& uid) {
  auto it = nodes_.find(uid);
  return it == nodes_.end() ? nullptr : it->second.get();
}

Node* Graph::add(const ObjectIdentity& identity) {
  auto& place = nodes_[identity.uid];
  place = std::make_unique<Node>();
  place->identity = identity;
  return place.get();
}

GraphWork Graph::observe(const ObjectIdentity& identity, const api::ObjectMeta* before, const api::ObjectMeta& after) {
  GraphWork work;
  Node* node = at(identity.uid);
  if (!node) {
    node = add(identity);
    node->is_being_deleted = !after.deletionTimestamp.empty();
    node->is_deleting_dependents = node->is_being_deleted && has_finalizer(after, kForegroundFinalizer);
    node->owners = after.ownerReferences;
    add_to_owners(*node, node->owners, work);
    start_policies(*node, before, after, work);
    return work;
  }
  if (node->is_virtual) become_observed(*node, identity, work);
  // Served under another version from now on.
  node->identity.api_version = identity.api_version;
  node->identity.kind = identity.kind;
  if (!std::ranges::equal(node->owners, after.ownerReferences, is_same_reference))
    change_owners(*node, after.ownerReferences, work);
  if (!after.deletionTimestamp.empty()) node->is_being_deleted = true;
  start_policies(*node, before, after, work);
  return work;
}

void Graph::become_observed(Node& node, const ObjectIdentity& identity, GraphWork& work) {
  node.is_virtual = false;
  if (node.identity == identity) return;
  for (Node* dependent : partition_dependents(node, identity).others) {
    bool is_elsewhere = !identity.namespace_.empty() && dependent->identity.namespace_ != identity.namespace_;
    if (is_elsewhere) report_invalid(*dependent, identity.uid, work);
    work.to_delete.push_back(dependent->identity.uid);
  }
  // A virtual node has no owners, so no set is ordered by its name.
  node.identity = identity;
}

void Graph::add_to_owners(Node& node, const std::vector<api::OwnerReference>& added, GraphWork& work) {
  bool is_doubtful = false;  // an owner is not what the reference says, or may not be
  for (const auto& uid : owner_uids(added)) {
    if (Node* known = at(uid)) {
      known->dependents.insert(&node);
      known->blocking += blocking_references(added, uid);
      // It has told its dependents to go already.
      if (known->is_deleting_dependents) work.to_delete.push_back(node.identity.uid);
    }
  }
  for (const auto& reference : added) {
    Node* owner = at(reference.uid);
    if (!owner) {
      owner = add(owner_identity(reference, node.identity.namespace_));
      owner->is_virtual = true;
      owner->dependents.insert(&node);
      owner->blocking = blocking_references(added, reference.uid);
      work.to_delete.push_back(reference.uid);
      continue;
    }
    const auto& place = owner->identity.namespace_;
    if (!place.empty() && place != node.identity.namespace_) {
      if (!owner->is_virtual && !is_doubtful) report_invalid(node, reference.uid, work);
      is_doubtful = true;
    } else if (!has_coordinates(reference, owner->identity)) {
      is_doubtful = true;
    } else if (place != node.identity.namespace_ && owner->is_virtual) {
      // A namespaced kind that a cluster-scoped object named by mistake looks like this.
      is_doubtful = true;
    }
  }
  if (is_doubtful) work.to_delete.push_back(node.identity.uid);
}

void Graph::remove_from_owners(Node& node, const std::set<std::string>& uids, GraphWork& work) {
  for (const auto& uid : uids) {
    Node* owner = at(uid);
    if (!owner || owner->dependents.erase(&node) == 0) continue;
    int freed = blocking_references(node.owners, uid);
    owner->blocking -= freed;
    if (freed > 0 && owner->blocking == 0 && owner->is_deleting_dependents) work.to_delete.push_back(uid);
  }
}

void Graph::change_owners(Node& node, const std::vector<api::OwnerReference>& owners, GraphWork& work) {
  auto before = owner_uids(node.owners);
  auto after = owner_uids(owners);
  std::set<std::string> lost;
  std::vector<api::OwnerReference> added;
  for (const auto& uid : before) {
    if (!after.contains(uid)) lost.insert(uid);
  }
  for (const auto& reference : owners) {
    if (!before.contains(reference.uid)) added.push_back(reference);
  }
  remove_from_owners(node, lost, work);
  for (const auto& uid : after) {
    Node* owner = before.contains(uid) ? at(uid) : nullptr;
    if (!owner || !owner->dependents.contains(&node)) continue;
    int change = blocking_references(owners, uid) - blocking_references(node.owners, uid);
    owner->blocking += change;
    if (change < 0 && owner->blocking == 0 && owner->is_deleting_dependents) work.to_delete.push_back(uid);
  }
  node.owners = owners;
  add_to_owners(node, added, work);
}

void Graph::start_policies(Node& node, const api::ObjectMeta* before, const api::ObjectMeta& after, GraphWork& work) {
  if (starts_with(kOrphanFinalizer, before, after)) {
    work.to_orphan.push_back(node.identity.uid);
    return;
  }
  if (!starts_with(kForegroundFinalizer, before, after)) return;
  node.is_deleting_dependents = true;
  for (const Node* dependent : node.dependents) work.to_delete.push_back(dependent->identity.uid);
  work.to_delete.push_back(node.identity.uid);
}

GraphWork Graph::forget(const ObjectIdentity& identity) {
  GraphWork work;
  if (Node* node = at(identity.uid)) remove(*node, identity, work);
  return work;
}

GraphWork Graph::confirm_absent(const ObjectIdentity& identity) {
  GraphWork work;
  Node* node = at(identity.uid);
  if (!node) return work;
  auto parts = partition_dependents(*node, identity);
  bool is_kept = node->is_virtual ? !parts.others.empty() : node->identity != identity;
  if (!is_kept) {
    remove(*node, identity, work);
    return work;
  }
  if (!parts.matching.empty()) {
    absent_.add(identity);
    enqueue(work.to_delete, parts.matching);
  }
  if (node->is_virtual && node->identity == identity) rename_virtual(*node, identity, parts.others, work);
  return work;
}

void Graph::rename_virtual(Node& node, const ObjectIdentity& absent, const std::vector<Node*>& others,
                           GraphWork& work) {
  std::vector<ObjectIdentity> names;
  for (const Node* dependent : others) {
    for (const auto& reference : dependent->owners) {
      if (reference.uid != absent.uid) continue;
      bool is_here = absent.namespace_.empty() || absent.namespace_ == dependent->identity.namespace_;
      if (is_here && has_coordinates(reference, absent)) continue;
      auto name = owner_identity(reference, dependent->identity.namespace_);
      // The kind is known to be cluster-scoped.
      bool is_same_kind = name.kind == absent.kind && name.api_version == absent.api_version;
      if (absent.namespace_.empty() && is_same_kind) name.namespace_.clear();
      names.push_back(std::move(name));
    }
  }
  std::ranges::sort(names, {}, alternate_rank);
  auto next = std::ranges::find_if(
      names, [&](const ObjectIdentity& name) { return alternate_rank(absent) < alternate_rank(name); });
  if (next == names.end()) next = names.begin();
  if (next == names.end()) return;
  node.identity = *next;
  work.to_delete_later.push_back(node.identity.uid);
}

void Graph::remove(Node& node, const ObjectIdentity& identity, GraphWork& work) {
  if (!node.dependents.empty()) absent_.add(identity);
  for (const Node* dependent : node.dependents) work.to_delete.push_back(dependent->identity.uid);
  remove_from_owners(node, owner_uids(node.owners), work);
  nodes_.erase(identity.uid);
}

}  // namespace kubeloop::controller_manager
