// Everything that the store holds when a scenario has come to rest, read once for all checkers that judge it. Events
// and leases are left out.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libs/api/views/core.hpp"
#include "libs/api/views/node.hpp"
#include "libs/api/views/pod.hpp"
#include "libs/api/views/policy.hpp"
#include "libs/api/views/quota.hpp"
#include "libs/api/views/service.hpp"
#include "libs/api/views/workload.hpp"
#include "simulator/observe/ledger.hpp"
#include "simulator/observe/observer.hpp"

namespace kubeloop::simulator {

struct RestObject {
  std::string resource;  // "pods", "deployments.apps"
  std::string title;     // "pods/default/web"
  api::ObjectMeta metadata;
};

struct RestState {
  Instant at{};
  WallTime wall{};
  std::vector<RestObject> objects;  // all of them, by key
  std::vector<std::shared_ptr<const api::Pod>> pods;
  std::vector<api::Node> nodes;
  std::vector<api::Namespace> namespaces;
  std::vector<api::ReplicaSet> replica_sets;
  std::vector<api::Deployment> deployments;
  std::vector<api::Job> jobs;
  std::vector<api::Service> services;
  std::vector<api::EndpointSlice> slices;
  std::vector<api::ResourceQuota> quotas;
  std::vector<api::PodDisruptionBudget> budgets;
  std::map<std::string, std::vector<const api::Pod*>> pods_of;  // by their controller's uid
  std::map<std::string, std::vector<const api::Pod*>> pods_in;  // by namespace
};

// What an object is, is known from the ledger; an object that was never committed is left out.
RestState read_rest_state(const StoredObjects& objects, const Ledger& ledger, Instant at, WallTime wall);

bool is_ready(const api::Pod& pod);
// It counts as a replica: neither ended nor going.
bool is_active(const api::Pod& pod);

}  // namespace kubeloop::simulator
