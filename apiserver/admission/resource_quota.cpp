// ResourceQuota: nothing is created in a namespace that would use more than its quotas allow. This is the check against
// what the quotas say is used; registry/charge_quota.hpp then adds the new object to that.
#include "apiserver/admission/plugins.hpp"
#include "apiserver/admission/quota_check.hpp"
#include "libs/api/codec/view.hpp"

namespace kubeloop::apiserver {
namespace {

class ResourceQuota final : public AdmissionPlugin {
 public:
  std::string_view name() const override { return "ResourceQuota"; }
  bool may_mutate() const override { return false; }

  Result<void> validate(const AdmissionAttributes& a, const AdmissionContext& context) const override {
    if (a.operation != Operation::kCreate || a.namespace_.empty()) return {};
    auto prefix = "/registry/resourcequotas/" + a.namespace_ + "/";
    auto quotas = context.objects.list(prefix, prefix);
    if (quotas.empty()) return {};
    // A new object's grace cannot be over: no clock is needed.
    auto item = quota_item(a, WallTime());
    if (!item) return {};
    for (const auto& stored : quotas) {
      auto quota = api::decode_view<api::ResourceQuota>(*stored->value);
      if (!quota) continue;
      if (auto fits = check_quota(*quota, *item); !fits) return failure(a.forbidden(fits.error()));
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<AdmissionPlugin> make_resource_quota() {
  return std::make_unique<ResourceQuota>();
}

}  // namespace kubeloop::apiserver
