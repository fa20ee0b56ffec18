#include "apiserver/printers/registry.hpp"

#include <array>

namespace kubeloop::apiserver {
namespace {

struct Entry {
  std::string_view resource;
  const TablePrinter* printer;
};

constexpr std::array<Entry, 8> kEntries{{{"configmaps", &kConfigMapPrinter},
                                         {"events", &kEventPrinter},
                                         {"events.events.k8s.io", &kEventPrinter},
                                         {"leases.coordination.k8s.io", &kLeasePrinter},
                                         {"namespaces", &kNamespacePrinter},
                                         {"nodes", &kNodePrinter},
                                         {"pods", &kPodPrinter},
                                         {"serviceaccounts", &kServiceAccountPrinter}}};

}  // namespace

const TablePrinter& find_printer(std::string_view resource) {
  for (const auto& entry : kEntries) {
    if (entry.resource == resource) return *entry.printer;
  }
  return kDefaultPrinter;
}

}  // namespace kubeloop::apiserver
