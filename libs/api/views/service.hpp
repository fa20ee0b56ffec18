// Typed views of Service and of what tells where its pods are: Endpoints and EndpointSlice.
#pragma once
#include "libs/api/codec/view.hpp"
#include "libs/api/views/core.hpp"
#include "libs/api/views/selector.hpp"

namespace kubeloop::api {

struct ServicePort {
  std::string name, protocol, appProtocol;
  std::int64_t port = 0, nodePort = 0;
  std::string targetPort;  // a number or a name; "" when absent
};
BOOST_DESCRIBE_STRUCT(ServicePort, (), (name, protocol, appProtocol, port, nodePort, targetPort))
struct ServiceSpec {
  std::string type, clusterIP, externalName;
  std::vector<std::string> clusterIPs, ipFamilies;
  StringMap selector;
  std::vector<ServicePort> ports;
  std::int64_t healthCheckNodePort = 0;
  bool publishNotReadyAddresses = false;
};
BOOST_DESCRIBE_STRUCT(ServiceSpec, (),
                      (type, clusterIP, externalName, clusterIPs, ipFamilies, selector, ports, healthCheckNodePort,
                       publishNotReadyAddresses))
struct Service {
  ObjectMeta metadata;
  ServiceSpec spec;
};
BOOST_DESCRIBE_STRUCT(Service, (), (metadata, spec))

struct EndpointConditions {
  std::optional<bool> ready, serving, terminating;
};
BOOST_DESCRIBE_STRUCT(EndpointConditions, (), (ready, serving, terminating))
struct Endpoint {
  std::vector<std::string> addresses;
  EndpointConditions conditions;
  std::string hostname, nodeName, zone;
  std::optional<ObjectReference> targetRef;
};
BOOST_DESCRIBE_STRUCT(Endpoint, (), (addresses, conditions, hostname, nodeName, zone, targetRef))
struct EndpointPort {
  std::string name, protocol, appProtocol;
  std::optional<std::int64_t> port;
};
BOOST_DESCRIBE_STRUCT(EndpointPort, (), (name, protocol, appProtocol, port))
struct EndpointSlice {
  ObjectMeta metadata;
  std::string addressType;
  std::vector<Endpoint> endpoints;
  std::vector<EndpointPort> ports;
};
BOOST_DESCRIBE_STRUCT(EndpointSlice, (), (metadata, addressType, endpoints, ports))

struct Endpoints {
  ObjectMeta metadata;
  RawJson subsets;  // compared and replaced whole
};
BOOST_DESCRIBE_STRUCT(Endpoints, (), (metadata, subsets))

}  // namespace kubeloop::api
