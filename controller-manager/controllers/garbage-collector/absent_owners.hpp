// The owners that are known not to exist, so that 10,000 dependents of one do not ask for it 10,000 times. The 500 last
// used are kept. Source: ReferenceCache of Kubernetes' garbage collector. Owned by the graph.
#pragma once
#include <compare>
#include <cstddef>
#include <list>
#include <map>
#include <string>

namespace kubeloop::controller_manager {

// Where an object is, and which one it is. A cluster-scoped one has no namespace.
struct ObjectIdentity {
  std::string api_version, kind, namespace_, name, uid;

  auto operator<=>(const ObjectIdentity&) const = default;
  bool operator==(const ObjectIdentity&) const = default;
  // "[v1/Pod, namespace: default, name: web, uid: 1]"
  std::string text() const;
};

class AbsentOwners {
 public:
  void add(const ObjectIdentity& identity);
  bool contains(const ObjectIdentity& identity);  // counts as a use

 private:
  static constexpr std::size_t kMost = 500;
  std::list<ObjectIdentity> by_use_;  // the last used first
  std::map<ObjectIdentity, std::list<ObjectIdentity>::iterator> places_;
};

}  // namespace kubeloop::controller_manager
