#include "simulator/observe/rest_state.hpp"

#include "libs/api/codec/view.hpp"
#include "simulator/observe/commit.hpp"

namespace kubeloop::simulator {
namespace {

template <class T>
bool add_to(std::vector<T>& list, const std::string& text) {
  auto read = api::decode_view<T>(text);
  if (read) list.push_back(std::move(*read));
  return true;
}

void add_pod(RestState& state, const std::string& text) {
  auto read = api::decode_view<api::Pod>(text);
  if (!read) return;
  auto pod = std::make_shared<const api::Pod>(std::move(*read));
  if (const auto* owner = api::controller_of(pod->metadata)) state.pods_of[owner->uid].push_back(pod.get());
  state.pods_in[pod->metadata.namespace_].push_back(pod.get());
  state.pods.push_back(std::move(pod));
}

void add_typed(RestState& state, std::string_view resource, const std::string& text) {
  if (resource == "pods") add_pod(state, text);
  if (resource == "nodes") add_to(state.nodes, text);
  if (resource == "namespaces") add_to(state.namespaces, text);
  if (resource == "replicasets.apps") add_to(state.replica_sets, text);
  if (resource == "deployments.apps") add_to(state.deployments, text);
  if (resource == "jobs.batch") add_to(state.jobs, text);
  if (resource == "services") add_to(state.services, text);
  if (resource == "endpointslices.discovery.k8s.io") add_to(state.slices, text);
  if (resource == "resourcequotas") add_to(state.quotas, text);
  if (resource == "poddisruptionbudgets.policy") add_to(state.budgets, text);
}

}  // namespace

RestState read_rest_state(const StoredObjects& objects, const Ledger& ledger, Instant at, WallTime wall) {
  RestState state;
  state.at = at;
  state.wall = wall;
  for (const auto& [key, text] : objects) {
    const auto* stored = ledger.find(key);
    if (!stored || !text) continue;
    const auto& header = *stored->header;
    if (header.resource == "events" || header.resource == "leases.coordination.k8s.io") continue;
    auto metadata = api::decode_view<api::ObjectMeta>(client::find_member(*text, "metadata"));
    if (!metadata) continue;
    state.objects.push_back(RestObject{header.resource, object_name(header), std::move(*metadata)});
    add_typed(state, header.resource, *text);
  }
  return state;
}

bool is_ready(const api::Pod& pod) {
  const auto* condition = api::find_condition(pod.status.conditions, "Ready");
  return condition && condition->status == "True";
}

bool is_active(const api::Pod& pod) {
  return !pod.is_terminal() && pod.metadata.deletionTimestamp.empty();
}

}  // namespace kubeloop::simulator
