// The flags that all component programs share, named as those of Kubernetes' components. For their main.cpp only: each
// adds these to its own, parses, and calls run_component.
#pragma once
#include <string>

#include "libs/base/time.hpp"
#include "libs/client/component_main.hpp"
#include "libs/client/leader_election.hpp"

namespace CLI {
class App;
}

namespace kubeloop::client {

// --kubeconfig, --secure-port, --tls-cert-file, --tls-private-key-file, --log-file, --seed, -v. Defaults are what
// `options` holds.
void add_component_flags(CLI::App& app, ComponentOptions& options);

// --leader-elect and what belongs to it.
void add_election_flags(CLI::App& app, LeaderElectionOptions& election, bool& is_elected);
// After parsing: throws CLI::ValidationError when the times do not fit together.
void check_election(const LeaderElectionOptions& election, bool is_elected);

// A duration in Go's notation, greater than zero. `description` ends with the default.
void add_duration_flag(CLI::App& app, const std::string& name, Duration& target, const std::string& description);

}  // namespace kubeloop::client
