// Checks in words, for the lines of reports: "pod/default/web is Ready", "3 pods in default with app=web are Ready".
// Pure; of Secrets no values.
#pragma once
#include <string>

#include "simulator/checks/check.hpp"

namespace kubeloop::simulator {

std::string describe(const Expectation& expected);
// Of what a check asks; the author's `say` is not in it.
std::string describe(const Check& check);

}  // namespace kubeloop::simulator
