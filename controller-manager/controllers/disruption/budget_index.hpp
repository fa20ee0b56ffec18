// The pods of each disruption budget, in numbers that are kept up to date by the informers: a change of one pod costs
// one look at the budgets of its namespace, and a budget's numbers are there at once, however many pods it has. Pure.
// Owned by the disruption controller.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/api/views/pod.hpp"
#include "libs/api/views/policy.hpp"

namespace kubeloop::controller_manager {

struct BudgetPods {
  std::optional<api::LabelSelector> selector;  // nothing: no pod matches
  std::string selector_error;                  // why it cannot be read
  std::int64_t count = 0;
  std::int64_t healthy = 0;  // Ready and not being deleted
  std::int64_t unmanaged = 0;
  struct Owner {
    api::OwnerReference reference;
    std::set<std::string> pods;  // names
  };
  std::map<std::string, Owner> owners;  // the pods' controllers, by uid

  bool matches(const api::Pod& pod) const { return selector && selector->matches(pod.metadata.labels); }
};

class BudgetIndex {
 public:
  using PodPtr = std::shared_ptr<const api::Pod>;
  using Pods = std::map<std::string, PodPtr>;  // by "namespace/name"

  // A new budget, or a new version of one: counts anew when its selector is another.
  void set(const api::PodDisruptionBudget& budget, const Pods& pods);
  void erase(const api::PodDisruptionBudget& budget);
  // One change of the pod informer. Returns the names of the budgets in its namespace whose numbers may be others now.
  std::vector<std::string> fold(const PodPtr& before, const PodPtr& after);
  // Names of the budgets that cover the pod.
  std::vector<std::string> covering(const api::Pod& pod) const;
  // Null when there is none. Valid until the next change.
  const BudgetPods* find(const std::string& namespace_, const std::string& name) const;

 private:
  struct Entry {
    std::optional<api::SelectorSpec> spec;
    BudgetPods pods;
  };
  std::map<std::string, std::map<std::string, Entry>> by_namespace_;
};

}  // namespace kubeloop::controller_manager
