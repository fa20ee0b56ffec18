// One controller of the manager, and what it is given: shared informers, a client under its own name, its part of the
// environment. Owned by the ControllerManager.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller-manager/options.hpp"
#include "controller-manager/owned_index.hpp"
#include "controller-manager/owned_pods.hpp"
#include "controller-manager/pod_index.hpp"
#include "libs/api/views/core.hpp"
#include "libs/api/views/node.hpp"
#include "libs/api/views/pod.hpp"
#include "libs/api/views/policy.hpp"
#include "libs/api/views/service.hpp"
#include "libs/api/views/workload.hpp"
#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/informer.hpp"
#include "libs/client/work_queue.hpp"

namespace kubeloop::controller_manager {

// One list and watch per kind for all controllers. The indexes are up to date before any other handler is called.
struct Informers {
  client::Informer<api::Node> nodes;
  client::Informer<api::Pod> pods;
  client::Informer<api::Lease> node_leases;
  client::Informer<api::Namespace> namespaces;
  client::Informer<api::ServiceAccount> default_service_accounts;
  client::Informer<api::ConfigMap> root_ca_maps;
  client::Informer<api::ReplicaSet> replica_sets;
  client::Informer<api::Deployment> deployments;
  client::Informer<api::Job> jobs;
  client::Informer<api::Service> services;
  client::Informer<api::EndpointSlice> endpoint_slices;
  client::Informer<api::Endpoints> endpoints;
  client::Informer<api::PodDisruptionBudget> disruption_budgets;
  PodIndex pods_by_node;
  OwnedPods owned_pods;
  OwnedIndex<api::ReplicaSet> owned_replica_sets;

  Informers(const Env& env, const client::ApiClient& client);
  void start(TaskGroup& tasks);
  bool are_synced() const;
};

struct ControllerContext {
  const Env& env;
  TaskGroup& tasks;          // an exception out of one of them ends the process
  client::ApiClient client;  // its actor is the controller's: "controller-manager/node-lifecycle"
  Informers& informers;
  const Options& options;
};

class Controller {
 public:
  virtual ~Controller() = default;
  // Spawned once, after construction; ends by cancellation only. Handlers are added in the constructor, before the
  // informers run.
  virtual awaitable<void> run() = 0;
  // The queues to show in the metrics, with their names.
  virtual std::vector<std::pair<std::string, const client::WorkQueue*>> queues() const { return {}; }
};

}  // namespace kubeloop::controller_manager
