#include "controller-manager/registrations.hpp"

#include "controller-manager/controllers/deployment/reconciler.hpp"
#include "controller-manager/controllers/disruption/reconciler.hpp"
#include "controller-manager/controllers/endpoints/reconciler.hpp"
#include "controller-manager/controllers/endpointslice/reconciler.hpp"
#include "controller-manager/controllers/garbage-collector/reconciler.hpp"
#include "controller-manager/controllers/job/reconciler.hpp"
#include "controller-manager/controllers/namespace/reconciler.hpp"
#include "controller-manager/controllers/node-ipam/reconciler.hpp"
#include "controller-manager/controllers/node-lifecycle/reconciler.hpp"
#include "controller-manager/controllers/pod-garbage-collector/reconciler.hpp"
#include "controller-manager/controllers/replicaset/reconciler.hpp"
#include "controller-manager/controllers/resourcequota/reconciler.hpp"
#include "controller-manager/controllers/root-ca-publisher/reconciler.hpp"
#include "controller-manager/controllers/serviceaccount/reconciler.hpp"
#include "controller-manager/controllers/taint-eviction/reconciler.hpp"
#include "controller-manager/controllers/ttl-after-finished/reconciler.hpp"

namespace kubeloop::controller_manager {
namespace {

template <class T>
std::unique_ptr<Controller> make(ControllerContext context) {
  return std::make_unique<T>(std::move(context));
}

constexpr Registration kRegistrations[] = {
    {"deployment-controller", "deployment", &make<Deployments>},
    {"disruption-controller", "disruption", &make<DisruptionController>},
    {"endpoints-controller", "endpoints", &make<ServiceEndpoints>},
    {"endpointslice-controller", "endpointslice", &make<EndpointSlices>},
    {"garbage-collector-controller", "garbage-collector", &make<GarbageCollector>},
    {"job-controller", "job", &make<Jobs>},
    {"namespace-controller", "namespace", &make<NamespaceDeletion>},
    {"node-ipam-controller", "node-ipam", &make<NodeIpam>},
    {"node-lifecycle-controller", "node-lifecycle", &make<NodeLifecycle>},
    {"pod-garbage-collector-controller", "pod-garbage-collector", &make<PodGarbageCollector>},
    {"replicaset-controller", "replicaset", &make<ReplicaSets>},
    {"resourcequota-controller", "resourcequota", &make<ResourceQuotas>},
    {"root-ca-certificate-publisher-controller", "root-ca-publisher", &make<RootCaPublisher>},
    {"serviceaccount-controller", "serviceaccount", &make<DefaultServiceAccounts>},
    {"taint-eviction-controller", "taint-eviction", &make<TaintEviction>},
    {"ttl-after-finished-controller", "ttl-after-finished", &make<TtlAfterFinished>},
};

}  // namespace

std::span<const Registration> registrations() {
  return kRegistrations;
}

bool is_enabled(std::string_view name, const std::vector<std::string>& controllers) {
  bool is_all = false;
  for (const auto& word : controllers) {
    if (word == name) return true;
    if (word.starts_with('-') && std::string_view(word).substr(1) == name) return false;
    if (word == "*") is_all = true;
  }
  return is_all;
}

}  // namespace kubeloop::controller_manager
