// The mistakes that are planted in our own code (libs/base/planted.hpp), and with what each of them is found: a named
// scenario, what it is run with, and a number of seeds. tests/simulation/planted_test.cpp tries them all.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/sweep/sweep.hpp"

namespace kubeloop::simulator {

struct Mistake {
  std::string_view name;
  std::string_view what;      // what goes wrong, in one line
  std::string_view scenario;  // its file, from the root of the sources
  // The checker; else "step" for a step that fails, "rest" for a cluster that never rests, "twice" for another history
  // with the same seed.
  std::string_view found_by;
  std::uint64_t seeds = 1;  // it is found within so many, from 1 on
  bool shuffles = false;    // with the order of what is ready drawn from the seed
};

// All of them, in the order of the layers: storage, hub, clients, scheduler, controllers, kubelets.
const std::vector<Mistake>& mistakes();
// Null when there is none of that name.
const Mistake* find_mistake(std::string_view name);
// For people: every name with what it is, a line each.
std::string list_of_mistakes();

// What the scenario is run with.
SweepOptions options_of(const Mistake& mistake);

}  // namespace kubeloop::simulator
