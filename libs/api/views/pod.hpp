// Typed view of a Pod.
#pragma once
#include "libs/api/views/meta.hpp"

namespace kubeloop::api {

struct ContainerPort {
  std::string name, protocol, hostIP;
  std::int64_t containerPort = 0, hostPort = 0;
};
BOOST_DESCRIBE_STRUCT(ContainerPort, (), (name, protocol, hostIP, containerPort, hostPort))

struct ResourceRequirements {
  StringMap requests, limits;  // quantities as written
};
BOOST_DESCRIBE_STRUCT(ResourceRequirements, (), (requests, limits))

struct HttpGetAction {
  std::string path, scheme, host;
  std::int64_t port = 0;  // 0 when given by name
};
BOOST_DESCRIBE_STRUCT(HttpGetAction, (), (path, scheme, host, port))
struct TcpSocketAction {
  std::string host;
  std::int64_t port = 0;  // 0 when given by name
};
BOOST_DESCRIBE_STRUCT(TcpSocketAction, (), (host, port))
struct ExecAction {
  std::vector<std::string> command;
};
BOOST_DESCRIBE_STRUCT(ExecAction, (), (command))
struct Probe {
  std::int64_t initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1, successThreshold = 1,
               failureThreshold = 3;
  std::optional<std::int64_t> terminationGracePeriodSeconds;
  std::optional<HttpGetAction> httpGet;
  std::optional<TcpSocketAction> tcpSocket;
  std::optional<ExecAction> exec;
};
BOOST_DESCRIBE_STRUCT(Probe, (),
                      (initialDelaySeconds, periodSeconds, timeoutSeconds, successThreshold, failureThreshold,
                       terminationGracePeriodSeconds, httpGet, tcpSocket, exec))

struct Container {
  std::string name, image, imagePullPolicy, restartPolicy;
  std::vector<std::string> command, args;
  std::vector<ContainerPort> ports;
  ResourceRequirements resources;
  std::optional<Probe> livenessProbe, readinessProbe, startupProbe;
};
BOOST_DESCRIBE_STRUCT(Container, (),
                      (name, image, imagePullPolicy, restartPolicy, command, args, ports, resources, livenessProbe,
                       readinessProbe, startupProbe))

struct Toleration {
  std::string key, operator_, value, effect;
  std::optional<std::int64_t> tolerationSeconds;
};
BOOST_DESCRIBE_STRUCT(Toleration, (), (key, operator_, value, effect, tolerationSeconds))

struct NodeSelectorRequirement {
  std::string key, operator_;
  std::vector<std::string> values;
};
BOOST_DESCRIBE_STRUCT(NodeSelectorRequirement, (), (key, operator_, values))

struct NodeSelectorTerm {
  std::vector<NodeSelectorRequirement> matchExpressions, matchFields;
};
BOOST_DESCRIBE_STRUCT(NodeSelectorTerm, (), (matchExpressions, matchFields))

struct NodeSelector {
  std::vector<NodeSelectorTerm> nodeSelectorTerms;
};
BOOST_DESCRIBE_STRUCT(NodeSelector, (), (nodeSelectorTerms))

struct PreferredSchedulingTerm {
  std::int64_t weight = 0;
  NodeSelectorTerm preference;
};
BOOST_DESCRIBE_STRUCT(PreferredSchedulingTerm, (), (weight, preference))

struct NodeAffinity {
  std::optional<NodeSelector> requiredDuringSchedulingIgnoredDuringExecution;
  std::vector<PreferredSchedulingTerm> preferredDuringSchedulingIgnoredDuringExecution;
};
BOOST_DESCRIBE_STRUCT(NodeAffinity, (),
                      (requiredDuringSchedulingIgnoredDuringExecution, preferredDuringSchedulingIgnoredDuringExecution))

struct Affinity {
  std::optional<NodeAffinity> nodeAffinity;
};
BOOST_DESCRIBE_STRUCT(Affinity, (), (nodeAffinity))

struct PodSchedulingGate {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(PodSchedulingGate, (), (name))

struct PodReadinessGate {
  std::string conditionType;
};
BOOST_DESCRIBE_STRUCT(PodReadinessGate, (), (conditionType))

struct PodSpec {
  std::string nodeName, schedulerName, serviceAccountName, restartPolicy, priorityClassName, preemptionPolicy;
  std::string hostname, subdomain;
  bool hostNetwork = false;
  std::optional<std::int64_t> priority, terminationGracePeriodSeconds, activeDeadlineSeconds;
  std::vector<Container> containers, initContainers;
  std::vector<Toleration> tolerations;
  StringMap nodeSelector, overhead;
  std::optional<ResourceRequirements> resources;
  std::optional<Affinity> affinity;
  std::vector<PodSchedulingGate> schedulingGates;
  std::vector<PodReadinessGate> readinessGates;
};
BOOST_DESCRIBE_STRUCT(PodSpec, (),
                      (nodeName, schedulerName, serviceAccountName, restartPolicy, priorityClassName, preemptionPolicy,
                       hostname, subdomain, hostNetwork, priority, terminationGracePeriodSeconds, activeDeadlineSeconds,
                       containers, initContainers, tolerations, nodeSelector, overhead, resources, affinity,
                       schedulingGates, readinessGates))

struct ContainerStateRunning {
  std::string startedAt;
};
BOOST_DESCRIBE_STRUCT(ContainerStateRunning, (), (startedAt))
struct ContainerStateWaiting {
  std::string reason, message;
};
BOOST_DESCRIBE_STRUCT(ContainerStateWaiting, (), (reason, message))
struct ContainerStateTerminated {
  std::int64_t exitCode = 0;
  std::string reason, message, startedAt, finishedAt, containerID;
};
BOOST_DESCRIBE_STRUCT(ContainerStateTerminated, (), (exitCode, reason, message, startedAt, finishedAt, containerID))
struct ContainerState {
  std::optional<ContainerStateRunning> running;
  std::optional<ContainerStateWaiting> waiting;
  std::optional<ContainerStateTerminated> terminated;
};
BOOST_DESCRIBE_STRUCT(ContainerState, (), (running, waiting, terminated))

struct ContainerStatus {
  std::string name, image, imageID, containerID;
  bool ready = false;
  std::optional<bool> started;
  std::int64_t restartCount = 0;
  ContainerState state, lastState;
  StringMap allocatedResources;
  std::optional<ResourceRequirements> resources;
};
BOOST_DESCRIBE_STRUCT(ContainerStatus, (),
                      (name, image, imageID, containerID, ready, started, restartCount, state, lastState,
                       allocatedResources, resources))

struct PodIP {
  std::string ip;
};
BOOST_DESCRIBE_STRUCT(PodIP, (), (ip))

struct PodStatus {
  std::string phase, reason, message, hostIP, podIP, startTime, nominatedNodeName, qosClass;
  std::int64_t observedGeneration = 0;
  std::vector<PodIP> hostIPs, podIPs;
  std::vector<Condition> conditions;
  std::vector<ContainerStatus> containerStatuses, initContainerStatuses;
};
BOOST_DESCRIBE_STRUCT(PodStatus, (),
                      (phase, reason, message, hostIP, podIP, startTime, nominatedNodeName, qosClass,
                       observedGeneration, hostIPs, podIPs, conditions, containerStatuses, initContainerStatuses))

struct Pod {
  ObjectMeta metadata;
  PodSpec spec;
  PodStatus status;

  bool is_terminal() const { return status.phase == "Succeeded" || status.phase == "Failed"; }
};
BOOST_DESCRIBE_STRUCT(Pod, (), (metadata, spec, status))

}  // namespace kubeloop::api
