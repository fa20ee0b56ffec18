// Who owns whom: a node for every object by its uid, with the nodes that name it as their owner. An owner that was not
// seen yet is a virtual node until an informer delivers it or a look at the hub says that it does not exist. Pure: says
// what has to be looked at and leaves the looking to others. An update of one object costs what its own references
// cost, never what the owner's dependents cost. Source: Kubernetes' GraphBuilder. Owned by the garbage collector.
#pragma once
#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller-manager/controllers/garbage-collector/absent_owners.hpp"
#include "libs/api/views/meta.hpp"

namespace kubeloop::controller_manager {

inline constexpr const char* kOrphanFinalizer = "orphan";
inline constexpr const char* kForegroundFinalizer = "foregroundDeletion";

bool has_finalizer(const api::ObjectMeta& metadata, const char* finalizer);

struct Node {
  ObjectIdentity identity;
  std::vector<api::OwnerReference> owners;

  struct ByName {
    bool operator()(const Node* a, const Node* b) const;
  };
  std::set<Node*, ByName> dependents;
  int blocking = 0;                     // references of dependents that set blockOwnerDeletion
  bool is_virtual = false;              // no informer has delivered it
  bool is_being_deleted = false;        // it has a deletionTimestamp
  bool is_deleting_dependents = false;  // and waits, as the foreground policy wants, for its blocking dependents
};

// What a change of the graph asks for: uids, each in the order in which they are to be worked on.
struct GraphWork {
  std::vector<std::string> to_delete;        // may have to be deleted, or released
  std::vector<std::string> to_delete_later;  // the same, with back-off
  std::vector<std::string> to_orphan;        // their dependents are to be let go
  // `uid` names an owner that lives in another namespace (or in any, when it is cluster-scoped itself).
  struct InvalidOwner {
    std::string uid;
    ObjectIdentity dependent;
    ObjectIdentity owner;  // as the reference has it, in the dependent's namespace
  };
  std::vector<InvalidOwner> invalid;
};

class Graph {
 public:
  // `before` is null when the informer has not told of the object before.
  GraphWork observe(const ObjectIdentity& identity, const api::ObjectMeta* before, const api::ObjectMeta& after);
  // An informer said that it is gone.
  GraphWork forget(const ObjectIdentity& identity);
  // A look at the hub found nothing under these coordinates with that uid.
  GraphWork confirm_absent(const ObjectIdentity& identity);

  // Null when there is none. Valid until the next change.
  const Node* find(const std::string& uid) const;
  std::size_t size() const { return nodes_.size(); }
  AbsentOwners& absent() { return absent_; }

 private:
  Node* at(const std::string& uid);
  Node* add(const ObjectIdentity& identity);
  void become_observed(Node& node, const ObjectIdentity& identity, GraphWork& work);
  void add_to_owners(Node& node, const std::vector<api::OwnerReference>& added, GraphWork& work);
  void remove_from_owners(Node& node, const std::set<std::string>& uids, GraphWork& work);
  void change_owners(Node& node, const std::vector<api::OwnerReference>& owners, GraphWork& work);
  void start_policies(Node& node, const api::ObjectMeta* before, const api::ObjectMeta& after, GraphWork& work);
  // Its dependents have lost an owner, its owners a dependent.
  void remove(Node& node, const ObjectIdentity& identity, GraphWork& work);
  // Some dependents know the virtual node by other coordinates: it lives on under one of those.
  void rename_virtual(Node& node, const ObjectIdentity& absent, const std::vector<Node*>& others, GraphWork& work);

  std::map<std::string, std::unique_ptr<Node>> nodes_;  // by uid
  AbsentOwners absent_;
};

// True when nothing has changed that the graph knows of: then an update needs no visit.
bool is_same_for_graph(const api::ObjectMeta& before, const api::ObjectMeta& after);

bool is_same_reference(const api::OwnerReference& a, const api::OwnerReference& b);

}  // namespace kubeloop::controller_manager
