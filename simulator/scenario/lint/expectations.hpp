// What is asked of objects, wherever a file asks it: the kind must exist, the fields of a partial match must be fields
// of the kind, a condition one that the kind can have; what is patched or scaled must be possible. Pure.
#pragma once
#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {

// Looks at every mapping of the document that names an "object" or "objects".
void check_expectations(Source& source);

}  // namespace kubeloop::simulator
