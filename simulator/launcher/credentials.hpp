// The certificates and credential files of one cluster: an authority of its own, a certificate for the hub, and one
// identity per component under the names that Kubernetes uses. Made once; a later start uses what is there.
#pragma once
#include <string>

#include "libs/base/result.hpp"
#include "libs/base/time.hpp"
#include "simulator/launcher/cluster_directory.hpp"

namespace kubeloop::simulator {

// Makes pki/{ca,apiserver,admin}.{crt,key} where missing, and pki/sa.key never (no tokens are signed yet).
Result<void> make_credentials(const ClusterDirectory& directory, WallTime now);

// Writes credentials/COMPONENT.conf for scheduler, controller-manager, kubelet-sim and admin, which name `server`.
Result<void> write_component_configs(const ClusterDirectory& directory, const std::string& server, bool is_insecure);

// A kubeconfig for people: context kubeloop-NAME.
Result<std::string> admin_kubeconfig(const ClusterDirectory& directory, const std::string& server, bool is_insecure);

}  // namespace kubeloop::simulator
