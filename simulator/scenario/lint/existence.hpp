// Steps that name an object which nobody can have made by then, objects that are made twice in one step, and objects in
// a namespace that is not there. Warnings, and only where the file leaves no doubt: with --on a cluster may have more.
#pragma once
#include "simulator/scenario/lint/inventory.hpp"

namespace kubeloop::simulator {

void check_existence(Source& source, const Inventory& inventory);

}  // namespace kubeloop::simulator
