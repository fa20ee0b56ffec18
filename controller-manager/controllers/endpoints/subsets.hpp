// The subsets of an Endpoints object: addresses packed by the ports they offer, in the order in which Kubernetes writes
// them, at most 1000 addresses. Pure. Source: RepackSubsets in pkg/api/v1/endpoints and truncateEndpoints in the
// endpoints controller.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kubeloop::controller_manager {

inline constexpr std::size_t kMaxEndpointAddresses = 1000;

struct SubsetPort {
  std::string name, protocol, app_protocol;
  std::int64_t port = 0;

  auto operator<=>(const SubsetPort&) const = default;
};

// One pod at one address.
struct SubsetAddress {
  std::string ip, uid;
  std::string hostname, node, namespace_, name;

  auto operator<=>(const SubsetAddress&) const = default;  // by address, then by uid
};

struct Subset {
  std::vector<SubsetAddress> ready, not_ready;
  std::vector<SubsetPort> ports;
};

// What one pod offers. Without a port: a headless service that has none.
struct Offer {
  SubsetAddress address;
  bool is_ready = false;
  std::optional<SubsetPort> port;
};

std::vector<Subset> pack(std::vector<Offer> offers);

// Cuts down to `limit` addresses: ready ones go first, each subset keeps its share. True when something was cut.
bool truncate(std::vector<Subset>& subsets, std::size_t limit);

}  // namespace kubeloop::controller_manager
