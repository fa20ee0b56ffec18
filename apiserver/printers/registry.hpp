// The printers there are, one line each; registry.cpp maps resources to them. Constants that live as long as the
// program.
#pragma once
#include "apiserver/printers/table.hpp"

namespace kubeloop::apiserver {

extern const TablePrinter kConfigMapPrinter;
extern const TablePrinter kDefaultPrinter;
extern const TablePrinter kEventPrinter;
extern const TablePrinter kLeasePrinter;
extern const TablePrinter kNamespacePrinter;
extern const TablePrinter kNodePrinter;
extern const TablePrinter kPodPrinter;
extern const TablePrinter kServiceAccountPrinter;

}  // namespace kubeloop::apiserver
