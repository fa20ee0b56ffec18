#include "controller-manager/controllers/resourcequota/plan.hpp"

#include <nlohmann/json.hpp>

#include <utility>

#include "controller-manager/in_namespace.hpp"

namespace kubeloop::controller_manager {
namespace {

using nlohmann::json;

// Turns `before` into `after`: what is no longer there is null.
json replaced(const api::StringMap& before, const api::StringMap& after) {
  json out = json::object();
  for (const auto& [name, amount] : before) out[name] = nullptr;
  for (const auto& [name, amount] : after) out[name] = amount;
  return out;
}

}  // namespace

void QuotaLedger::open(const std::string& quota, const api::ResourceQuotaSpec& spec) {
  Account account;
  account.spec = spec;
  accounts_[quota] = std::move(account);
}

void QuotaLedger::close(const std::string& quota) {
  accounts_.erase(quota);
}

bool QuotaLedger::has_quotas(const std::string& namespace_) const {
  return !in_namespace(accounts_, namespace_).empty();
}

std::vector<std::string> QuotaLedger::quotas_of(const std::string& namespace_) const {
  std::vector<std::string> out;
  for (const auto& [key, account] : in_namespace(accounts_, namespace_)) out.push_back(key);
  return out;
}

void QuotaLedger::set_charge(Account& account, const std::string& object, api::Amounts charge) {
  auto it = account.charges.find(object);
  if (it != account.charges.end()) {
    api::subtract_amounts(account.total, it->second);
    if (charge.empty()) account.charges.erase(it);
  }
  if (charge.empty()) return;
  api::add_amounts(account.total, charge);
  account.charges[object] = std::move(charge);
}

void QuotaLedger::put(const std::string& namespace_, const std::string& object, const api::QuotaItem& item) {
  for (const auto& [key, account] : in_namespace(accounts_, namespace_)) put_for(key, object, item);
}

void QuotaLedger::put_for(const std::string& quota, const std::string& object, const api::QuotaItem& item) {
  auto it = accounts_.find(quota);
  if (it == accounts_.end()) return;
  const auto& spec = it->second.spec;
  set_charge(it->second, object, api::charge_of(item, spec, spec.hard));
}

void QuotaLedger::drop(const std::string& namespace_, const std::string& object) {
  for (auto& [key, account] : in_namespace(accounts_, namespace_)) set_charge(account, object, api::Amounts());
}

api::Amounts QuotaLedger::used(const std::string& quota) const {
  api::Amounts out;
  auto it = accounts_.find(quota);
  if (it == accounts_.end()) return out;
  for (const auto& [name, limit] : it->second.spec.hard) {
    auto counted = it->second.total.find(name);
    bool is_used = counted != it->second.total.end() && !counted->second.is_zero();
    out[name] = is_used ? counted->second : api::Quantity();
  }
  return out;
}

std::set<std::string> counted_kinds(const api::ResourceQuotaSpec& spec) {
  std::set<std::string> out;
  for (const auto& [name, limit] : spec.hard) {
    auto kind = api::counted_resource(name);
    if (!kind.empty() && kind != "pods" && kind != "services") out.insert(std::string(kind));
  }
  return out;
}

bool is_new_to_status(const api::ResourceQuota& quota) {
  return api::read_amounts(quota.status.hard) != api::read_amounts(quota.spec.hard);
}

std::optional<std::string> status_patch(const api::ResourceQuota& quota, const api::Amounts& used) {
  if (!is_new_to_status(quota) && api::read_amounts(quota.status.used) == used) return std::nullopt;
  json patch = json::object();
  patch["metadata"]["resourceVersion"] = quota.metadata.resourceVersion;
  patch["status"]["hard"] = replaced(quota.status.hard, quota.spec.hard);
  patch["status"]["used"] = replaced(quota.status.used, api::write_amounts(used));
  return patch.dump();
}

}  // namespace kubeloop::controller_manager
