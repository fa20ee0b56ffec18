#include "apiserver/printers/registry.hpp"

namespace kubeloop::apiserver {
namespace {

struct Entry {
  std::string_view resource;
  const TablePrinter* printer;
};

constexpr Entry kEntries[] = {
    {"configmaps", &kConfigMapPrinter},
    {"events", &kEventPrinter},
    {"events.events.k8s.io", &kEventPrinter},
    {"leases.coordination.k8s.io", &kLeasePrinter},
    {"namespaces", &kNamespacePrinter},
    {"nodes", &kNodePrinter},
    {"pods", &kPodPrinter},
    {"serviceaccounts", &kServiceAccountPrinter},
    {"services", &kServicePrinter},
    {"endpoints", &kEndpointsPrinter},
    {"endpointslices.discovery.k8s.io", &kEndpointSlicePrinter},
    {"secrets", &kSecretPrinter},
    {"poddisruptionbudgets.policy", &kDisruptionBudgetPrinter},
    {"priorityclasses.scheduling.k8s.io", &kPriorityClassPrinter},
    {"resourcequotas", &kResourceQuotaPrinter},
    {"deployments.apps", &kDeploymentPrinter},
    {"replicasets.apps", &kReplicaSetPrinter},
    {"jobs.batch", &kJobPrinter},
    {"scales.autoscaling", &kScalePrinter},
};

}  // namespace

const TablePrinter& find_printer(std::string_view resource) {
  for (const auto& entry : kEntries) {
    if (entry.resource == resource) return *entry.printer;
  }
  return kDefaultPrinter;
}

}  // namespace kubeloop::apiserver
