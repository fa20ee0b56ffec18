// Adds a new object to what the quotas of its namespace say is used, by compare-and-set on their status, before the
// object is written: two creations never share the last place. One charge a namespace at a time. Source:
// k8s.io/apiserver/pkg/admission/plugin/resourcequota.
#pragma once
#include <memory>
#include <string>

#include "apiserver/admission/plugin.hpp"
#include "apiserver/hub_state.hpp"
#include "libs/api/quota/quota_item.hpp"

namespace kubeloop::apiserver {

struct QuotaCharge {
  std::string namespace_, resource, name;  // the object, as a denial names it
  api::QuotaItem item;
};

// Null when no quota of the namespace has to do with the object, and for dry runs. `attributes`: of its creation.
std::shared_ptr<const QuotaCharge> find_quota_charge(const HubState& hub, const AdmissionAttributes& attributes);

// 403 when the object does not fit any more. What was charged to one quota before another one refused, or before the
// object's own write failed, is given back by the quota controller.
awaitable<Result<void>> charge_quotas(HubPtr hub, RequestPtr ctx, std::shared_ptr<const QuotaCharge> charge);

}  // namespace kubeloop::apiserver
