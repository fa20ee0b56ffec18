// Typed views of a Node and of its Lease.
#pragma once
#include "libs/api/views/meta.hpp"

namespace kubeloop::api {

struct Taint {
  std::string key, value, effect, timeAdded;
  bool operator==(const Taint& other) const {
    return key == other.key && value == other.value && effect == other.effect;
  }
};
BOOST_DESCRIBE_STRUCT(Taint, (), (key, value, effect, timeAdded))

struct NodeSpec {
  std::string podCIDR, providerID;
  std::vector<std::string> podCIDRs;
  bool unschedulable = false;
  std::vector<Taint> taints;
};
BOOST_DESCRIBE_STRUCT(NodeSpec, (), (podCIDR, providerID, podCIDRs, unschedulable, taints))

struct ContainerImage {
  std::vector<std::string> names;
  std::int64_t sizeBytes = 0;
};
BOOST_DESCRIBE_STRUCT(ContainerImage, (), (names, sizeBytes))

struct NodeAddress {
  std::string type, address;
};
BOOST_DESCRIBE_STRUCT(NodeAddress, (), (type, address))

struct NodeStatus {
  StringMap capacity, allocatable;  // quantities as written
  std::vector<Condition> conditions;
  std::vector<NodeAddress> addresses;
  std::vector<ContainerImage> images;
};
BOOST_DESCRIBE_STRUCT(NodeStatus, (), (capacity, allocatable, conditions, addresses, images))

struct Node {
  ObjectMeta metadata;
  NodeSpec spec;
  NodeStatus status;
};
BOOST_DESCRIBE_STRUCT(Node, (), (metadata, spec, status))

struct LeaseSpec {
  std::string holderIdentity, acquireTime, renewTime;
  std::optional<std::int64_t> leaseDurationSeconds, leaseTransitions;
};
BOOST_DESCRIBE_STRUCT(LeaseSpec, (), (holderIdentity, acquireTime, renewTime, leaseDurationSeconds, leaseTransitions))

struct Lease {
  ObjectMeta metadata;
  LeaseSpec spec;
};
BOOST_DESCRIBE_STRUCT(Lease, (), (metadata, spec))

}  // namespace kubeloop::api
