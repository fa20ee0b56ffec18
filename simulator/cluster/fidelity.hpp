// How true to life a virtual cluster is: the way between a component and the hub, and what the hub writes on.
#pragma once

namespace kubeloop::simulator {

enum class Fidelity {
  kDirect,  // requests are handed over as values
  kWire,    // as bytes of HTTP, over pipes in memory
};

enum class Medium {
  kMemory,  // a log in memory; a call to the disk is carried out or not
  kSqlite,  // SQLite over a file system in memory that loses what was not synced
};

}  // namespace kubeloop::simulator
