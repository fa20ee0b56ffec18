#include "apiserver/registry/charge_quota.hpp"

#include "apiserver/admission/quota_check.hpp"
#include "apiserver/registry/commit.hpp"
#include "apiserver/registry/request_part.hpp"
#include "libs/api/codec/view.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::apiserver {
namespace {

std::string prefix_of(const std::string& namespace_) {
  return "/registry/resourcequotas/" + namespace_ + "/";
}

// The right to charge the quotas of one namespace. Without it, many creations at once would each fail on the others'
// writes and try again.
class Turn {
 public:
  Turn(HubPtr hub, std::string namespace_) : hub_(std::move(hub)), namespace_(std::move(namespace_)) {
    hub_->charging_quotas.insert(namespace_);
  }
  ~Turn() {
    hub_->charging_quotas.erase(namespace_);
    hub_->quotas_charged.notify();
  }
  Turn(const Turn&) = delete;

 private:
  HubPtr hub_;
  std::string namespace_;
};

// The quota's status with the item in it; 403 when it does not fit.
Result<Json> charged(const Json& current, const QuotaCharge& charge) {
  auto quota = api::decode_view<api::ResourceQuota>(current.dump());
  if (!quota) return std::unexpected(quota.error());
  auto added = check_quota(*quota, charge.item);
  if (!added) return failure(api::forbidden(charge.resource, charge.name, added.error()));
  Json wanted = current;
  auto used = api::read_amounts(quota->status.used);
  for (const auto& [name, amount] : *added) {
    used[name] += amount;
    wanted["status"]["used"][name] = used[name].text();
  }
  return wanted;
}

bool has_to_do_with(const StoredObject& stored, const QuotaCharge& charge) {
  auto quota = api::decode_view<api::ResourceQuota>(*stored.value);
  if (!quota) return false;
  auto added = check_quota(*quota, charge.item);
  return !added || !added->empty();
}

awaitable<Result<void>> charge_one(HubPtr hub, RequestPtr ctx, Endpoint quotas, std::string name,
                                   std::shared_ptr<const QuotaCharge> charge) {
  auto call = std::make_shared<UpdateCall>();
  call->endpoint = quotas;
  call->namespace_ = charge->namespace_;
  call->name = name;
  call->make_wanted = [charge](const Json* current) { return charged(*current, *charge); };
  auto written = co_await update_status_within(hub, ctx, call);
  // A quota that is gone limits nothing.
  if (written || written.error().code == 404) co_return Result<void>();
  co_return std::unexpected(written.error());
}

}  // namespace

std::shared_ptr<const QuotaCharge> find_quota_charge(const HubState& hub, const AdmissionAttributes& attributes) {
  if (attributes.is_dry_run || attributes.namespace_.empty()) return nullptr;
  auto prefix = prefix_of(attributes.namespace_);
  auto quotas = hub.objects.list(prefix, prefix);
  if (quotas.empty()) return nullptr;
  auto item = quota_item(attributes, hub.env.clock.wall());
  if (!item) return nullptr;
  auto charge = std::make_shared<QuotaCharge>();
  charge->namespace_ = attributes.namespace_;
  charge->resource = attributes.kind->group_resource();
  charge->name = attributes.shown_name();
  charge->item = std::move(*item);
  for (const auto& stored : quotas) {
    if (has_to_do_with(*stored, *charge)) return charge;
  }
  return nullptr;
}

awaitable<Result<void>> charge_quotas(HubPtr hub, RequestPtr ctx, std::shared_ptr<const QuotaCharge> charge) {
  auto endpoint = find_endpoint(hub->schema, "", "v1", "resourcequotas");
  if (!endpoint) co_return failure(api::internal_error("the schema has no resourcequotas"));
  while (hub->charging_quotas.contains(charge->namespace_)) {
    if (hub->is_stopping) co_return failure(api::service_unavailable("apiserver is shutting down", 1));
    co_await hub->quotas_charged.wait();
  }
  Turn turn(hub, charge->namespace_);
  auto prefix = prefix_of(charge->namespace_);
  // All of them are asked first, so that a refusal leaves nothing behind.
  auto quotas = hub->objects.list(prefix, prefix);
  for (const auto& stored : quotas) {
    auto fits = charged(parse_stored(*stored), *charge);
    if (!fits) co_return std::unexpected(fits.error());
  }
  for (const auto& stored : quotas) {
    if (!has_to_do_with(*stored, *charge)) continue;
    auto done = co_await charge_one(hub, ctx, *endpoint, stored->header->name, charge);
    if (!done) co_return done;
  }
  co_return Result<void>();
}

}  // namespace kubeloop::apiserver
