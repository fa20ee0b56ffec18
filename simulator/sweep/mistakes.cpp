#include "simulator/sweep/mistakes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kubeloop::simulator {
namespace {

// Of the store, the hub and what clients stand on.
std::vector<Mistake> below() {
  return {
      {"store-answers-before-durable", "a write is answered while its group is still on its way to the disk",
       "tests/simulation/scenarios/hub-restart.yaml", "acknowledged-writes"},
      {"store-ignores-compare", "the store takes a write that expects another revision than the key stands at",
       "tests/simulation/scenarios/rollout.yaml", "revisions-grow"},
      {"revisions-start-too-low", "after a start the store gives its last revision out once more",
       "tests/simulation/scenarios/hub-restart.yaml", "revisions-grow"},
      {"hub-forgets-addresses", "after a start the hub does not know which addresses its services have",
       "tests/simulation/scenarios/hub-restart.yaml", "unique-addresses"},
      {"hub-binds-assigned-pod", "the hub binds a pod that has a node already",
       "tests/simulation/scenarios/late-news-of-bindings.yaml", "bound-once", 20},
      {"update-ignores-revision", "an update with a resourceVersion overwrites what came after that",
       "tests/simulation/scenarios/two-write-a-budget.yaml", "step"},
      {"names-outlive-the-hub", "names are drawn from what every hub of the process draws from",
       "tests/simulation/scenarios/rollout.yaml", "twice"},
      {"generation-stands-still", "a change of the spec does not raise the generation",
       "tests/simulation/scenarios/rollout.yaml", "identity-kept"},
      {"hub-allows-two-controllers", "an object may have two controlling owners",
       "tests/simulation/scenarios/two-sets-one-orphan.yaml", "one-controller"},
      {"hub-removes-despite-finalizers", "DELETE removes an object although finalizers hold it",
       "scenarios/namespace-goes-away.yaml", "finalizers"},
      {"deletion-can-be-put-off", "a second DELETE with a longer grace prolongs the first",
       "tests/simulation/scenarios/second-delete.yaml", "identity-kept"},
      {"eviction-ignores-budgets", "an eviction does not ask the disruption budget", "scenarios/drain-with-budget.yaml",
       "step"},
      {"watch-resumes-too-late", "a watch from a revision leaves out the one after it",
       "tests/simulation/scenarios/cut-watches.yaml", "watch-guarantees"},
      {"watch-resumes-too-early", "a watch from a revision begins with that revision",
       "tests/simulation/scenarios/cut-watches.yaml", "watch-guarantees"},
      {"watch-forgets-who-left-selector", "a watch is not told that an object does not match its selector any more",
       "tests/simulation/scenarios/job-with-refused-writes.yaml", "watch-guarantees"},
      {"watch-drops-after-compaction", "a watch leaves out the oldest change that a compaction has kept",
       "tests/simulation/scenarios/compaction.yaml", "watch-guarantees"},
      {"watch-loses-rest-of-chunk", "of more news than go in one piece a watch forgets the rest",
       "tests/simulation/scenarios/much-missed.yaml", "watch-guarantees"},
      {"bookmark-runs-ahead", "a bookmark names a revision that is still to come", "scenarios/pod-creation.yaml",
       "watch-guarantees"},
      {"informer-misses-relist", "an informer that lists again keeps what is gone",
       "tests/simulation/scenarios/broken-watches.yaml", "step"},
      {"informer-resumes-from-now", "an informer goes on from now after a break, not from where it was",
       "tests/simulation/scenarios/broken-watches.yaml", "step"},
      {"client-repeats-lost-create", "a create whose answer is lost is sent again",
       "tests/simulation/scenarios/lost-answers.yaml", "step"},
      {"work-queue-loses-busy-key", "a key that is added while it is worked on is lost",
       "tests/simulation/scenarios/slow-writes.yaml", "workload-status"},
      {"lease-taken-too-early", "a lease is taken when half of its time is over", "scenarios/control-plane-down.yaml",
       "lease-takeover"},
  };
}

// Of the components.
std::vector<Mistake> above() {
  return {
      {"scheduler-keeps-room-of-failed-binding", "the room of a pod whose binding failed is not given back",
       "tests/simulation/scenarios/failed-bindings.yaml", "step"},
      {"scheduler-forgets-assumed-pods", "what is on its way to a node does not count there",
       "tests/simulation/scenarios/full-node.yaml", "node-capacity"},
      {"scheduler-ignores-freed-room", "pods that wait are not tried again when another one goes",
       "tests/simulation/scenarios/full-node.yaml", "step"},
      {"replica-set-without-expectations", "a replica set makes pods again before it has seen those that it made",
       "tests/simulation/scenarios/late-news-of-pods.yaml", "step"},
      {"rollout-counts-unready-pods", "a rollout stops old pods before the ones that replace them are available",
       "tests/simulation/scenarios/rollout.yaml", "step"},
      {"collector-trusts-names", "the garbage collector takes another object for the owner when it has its name",
       "tests/simulation/scenarios/owner-made-again.yaml", "step"},
      {"job-counts-pod-twice", "a finished pod whose finalizer stays for a while is counted again",
       "tests/simulation/scenarios/job-with-refused-writes.yaml", "step"},
      {"namespace-finalized-too-early", "a namespace goes before it is empty", "scenarios/namespace-goes-away.yaml",
       "step"},
      {"endpoint-slices-ignore-removal", "the removal of a pod does not reach the slices of its services",
       "tests/simulation/scenarios/endpoint-goes.yaml", "service-endpoints"},
      {"quota-never-given-back", "what a pod took of a quota is not given back when it goes",
       "tests/simulation/scenarios/quota-given-back.yaml", "step"},
      {"node-unreachable-too-early", "a node is given up after a quarter of its period of grace",
       "tests/simulation/scenarios/late-heartbeats.yaml", "step"},
      {"taint-never-removed", "a node that is back keeps the taint of one that is silent",
       "tests/simulation/scenarios/node-comes-back.yaml", "step"},
      {"kubelet-forgets-deletion", "after a start a kubelet does not look after pods that are being deleted",
       "tests/simulation/scenarios/kubelet-restart.yaml", "step"},
      {"kubelet-forgets-containers", "after a start a kubelet begins anew with pods that run",
       "tests/simulation/scenarios/kubelet-restart.yaml", "phases-never-go-back"},
      {"kubelet-gives-up-on-status", "a status that the hub did not take is not written again",
       "tests/simulation/scenarios/refused-status.yaml", "step"},
  };
}

}  // namespace

const std::vector<Mistake>& mistakes() {
  static const std::vector<Mistake> kMistakes = [] {
    auto all = below();
    for (auto& mistake : above()) all.push_back(std::move(mistake));
    return all;
  }();
  return kMistakes;
}

const Mistake* find_mistake(std::string_view name) {
  auto it = std::ranges::find(mistakes(), name, &Mistake::name);
  return it == mistakes().end() ? nullptr : &*it;
}

std::string list_of_mistakes() {
  std::size_t width = 0;
  for (const auto& mistake : mistakes()) width = std::max(width, mistake.name.size());
  std::string text;
  for (const auto& mistake : mistakes()) text += fmt::format("  {:<{}}  {}\n", mistake.name, width, mistake.what);
  return text;
}

SweepOptions options_of(const Mistake& mistake) {
  SweepOptions options;
  options.seeds = mistake.seeds;
  options.shuffles = mistake.shuffles;
  options.is_twice = mistake.found_by == "twice";
  return options;
}

}  // namespace kubeloop::simulator
