// How true to the network the way between a component and the hub is, in virtual time.
#pragma once

namespace kubeloop::simulator {

enum class Fidelity {
  kDirect,  // requests are handed over as values
  kWire,    // as bytes of HTTP, over pipes in memory
};

}  // namespace kubeloop::simulator
