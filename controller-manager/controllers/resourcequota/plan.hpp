// What the objects of a namespace use of its quotas, counted as they come and go, and what a quota's status must say.
// Pure. Source: Kubernetes' resource quota controller.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/api/quota/quota_item.hpp"

namespace kubeloop::controller_manager {

// The counts of every quota. An object that changes costs as much as there are quotas in its namespace, whatever else
// is in there. Keys are "namespace/name"; objects have a name of their own: "pods/web".
class QuotaLedger {
 public:
  // Begins to count for a quota, from nothing; again when its spec has changed.
  void open(const std::string& quota, const api::ResourceQuotaSpec& spec);
  void close(const std::string& quota);
  bool has_quotas(const std::string& namespace_) const;
  std::vector<std::string> quotas_of(const std::string& namespace_) const;

  // An object as it is now, for all quotas of its namespace, or for one; in place of what it was.
  void put(const std::string& namespace_, const std::string& object, const api::QuotaItem& item);
  void put_for(const std::string& quota, const std::string& object, const api::QuotaItem& item);
  void drop(const std::string& namespace_, const std::string& object);

  // What is used of everything that the quota limits.
  api::Amounts used(const std::string& quota) const;

 private:
  struct Account {
    api::ResourceQuotaSpec spec;
    api::Amounts total;
    std::map<std::string, api::Amounts> charges;  // of the objects that count
  };
  using Accounts = std::map<std::string, Account>;

  static void set_charge(Account& account, const std::string& object, api::Amounts charge);

  Accounts accounts_;
};

// The kinds, besides pods and services, of which the quota limits the number: "configmaps", "deployments.apps".
std::set<std::string> counted_kinds(const api::ResourceQuotaSpec& spec);

// True when the limits in force are not those of the spec.
bool is_new_to_status(const api::ResourceQuota& quota);
// The merge patch of /status that says it, for the revision that was seen only; nothing when the status says it
// already.
std::optional<std::string> status_patch(const api::ResourceQuota& quota, const api::Amounts& used);

}  // namespace kubeloop::controller_manager
