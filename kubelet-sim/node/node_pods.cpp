#include "kubelet-sim/node/node_pods.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "kubelet-sim/node/admission.hpp"
#include "kubelet-sim/node/node_status.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::kubelet_sim {

void NodePods::start(std::vector<PodPtr> pods, std::shared_ptr<const api::Node> node) {
  node_ = std::move(node);
  is_live_ = true;
  std::ranges::sort(pods, {}, [](const PodPtr& pod) {
    const auto& meta = pod->metadata;
    return std::tie(meta.creationTimestamp, meta.namespace_, meta.name);
  });
  std::set<std::string> bound;
  for (const auto& pod : pods) bound.insert(pod->metadata.uid);
  std::vector<PodPtr> orphans;
  for (const auto& [uid, pod] : last_seen_) {
    if (!bound.contains(uid)) orphans.push_back(pod);
  }
  for (const auto& pod : pods) {
    if (is_planted("kubelet-forgets-deletion") && !pod->metadata.deletionTimestamp.empty()) continue;
    add(pod, false);
  }
  for (const auto& pod : orphans) add(pod, true);
}

void NodePods::on_change(const PodPtr& before, const PodPtr& after, std::uint64_t revision) {
  if (!is_live_) return;
  const auto& uid = (after ? after : before)->metadata.uid;
  auto it = workers_.find(uid);
  if (!after) {
    if (it != workers_.end()) it->second->drop(revision);
  } else if (it == workers_.end()) {
    add(after, false);
  } else {
    last_seen_[uid] = after;
    it->second->update(after, revision);
  }
}

void NodePods::add(const PodPtr& pod, bool is_gone) {
  const auto& uid = pod->metadata.uid;
  bool is_acknowledged = !pod->status.startTime.empty();
  std::optional<Rejection> rejection;
  if (!is_gone && !is_acknowledged) rejection = admit(*pod);
  bool is_unknown = !context_.runtime.find(context_.profile.name, uid);
  if (is_acknowledged && is_unknown && !is_planted("kubelet-forgets-containers")) {
    context_.runtime.adopt(context_.profile.name, *pod, context_.env.clock.now(), context_.env.clock.wall());
  }
  last_seen_[uid] = pod;
  auto worker = std::make_shared<PodWorker>(context_, pod, std::move(rejection));
  if (is_gone) worker->drop(0);
  workers_[uid] = worker;
  auto on_finished = [this, uid] {
    context_.runtime.forget(context_.profile.name, uid);
    last_seen_.erase(uid);
    workers_.erase(uid);
  };
  context_.tasks.spawn("pod " + pod->metadata.namespace_ + "/" + pod->metadata.name,
                       PodWorker::run(worker, std::move(on_finished)));
}

std::optional<Rejection> NodePods::admit(const api::Pod& pod) const {
  std::vector<const api::Pod*> others;
  for (const auto& [uid, worker] : workers_) {
    if (uid != pod.metadata.uid && worker->is_counted()) others.push_back(worker->pod().get());
  }
  api::Node bare;
  bare.metadata.name = context_.profile.name;
  bare.metadata.labels = node_labels(context_.profile);
  return check_admission(pod, others, node_ ? *node_ : bare, context_.profile.capacity);
}

}  // namespace kubeloop::kubelet_sim
