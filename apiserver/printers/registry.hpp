// The printers there are, one line each; registry.cpp maps resources to them. Constants that live as long as the
// program.
#pragma once
#include "apiserver/printers/table.hpp"

namespace kubeloop::apiserver {

// For every resource without one of its own: name and time of creation.
extern const TablePrinter kDefaultPrinter;
extern const TablePrinter kConfigMapPrinter;
extern const TablePrinter kDeploymentPrinter;
extern const TablePrinter kDisruptionBudgetPrinter;
extern const TablePrinter kEndpointSlicePrinter;
extern const TablePrinter kEndpointsPrinter;
extern const TablePrinter kEventPrinter;
extern const TablePrinter kJobPrinter;
extern const TablePrinter kLeasePrinter;
extern const TablePrinter kNamespacePrinter;
extern const TablePrinter kNodePrinter;
extern const TablePrinter kPodPrinter;
extern const TablePrinter kPriorityClassPrinter;
extern const TablePrinter kReplicaSetPrinter;
extern const TablePrinter kResourceQuotaPrinter;
extern const TablePrinter kScalePrinter;
extern const TablePrinter kSecretPrinter;
extern const TablePrinter kServiceAccountPrinter;
extern const TablePrinter kServicePrinter;

}  // namespace kubeloop::apiserver
