// The texts that users see. Rules and examples: FitError of kube-scheduler's framework.
#include "scheduler/framework/diagnosis.hpp"

#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;

namespace {

Diagnosis failing(const std::vector<std::vector<std::string>>& reasons_by_node) {
  static std::vector<std::unique_ptr<NodeInfo>> nodes;
  Diagnosis diagnosis;
  for (const auto& reasons : reasons_by_node) {
    nodes.push_back(std::make_unique<NodeInfo>("n" + std::to_string(nodes.size())));
    PluginStatus status = PluginStatus::of(PluginStatus::Code::kUnschedulable);
    status.reasons = reasons;
    diagnosis.nodes.push_back(NodeVerdict{nodes.back().get(), status});
  }
  return diagnosis;
}

}  // namespace

TEST_CASE("reasons are counted and sorted as strings") {
  auto diagnosis = failing({{"Insufficient memory"}, {"Insufficient memory", "Insufficient cpu"}, {"Too many pods"}});
  CHECK(fit_error_text(diagnosis, 3) ==
        "0/3 nodes are available: 1 Insufficient cpu, 1 Too many pods, 2 Insufficient memory.");
}

TEST_CASE("ten comes before two: the counts are sorted as text") {
  std::vector<std::vector<std::string>> nodes(10, {"x"});
  nodes.push_back({"y"});
  nodes.push_back({"y"});
  CHECK(fit_error_text(failing(nodes), 12) == "0/12 nodes are available: 10 x, 2 y.");
}

TEST_CASE("nodes that were not looked at count with the common reason") {
  auto diagnosis = failing({{"Insufficient cpu"}});
  diagnosis.absent_nodes = PluginStatus::unresolvable("node(s) didn't satisfy plugin(s) [NodeAffinity]");
  CHECK(fit_error_text(diagnosis, 5) ==
        "0/5 nodes are available: 1 Insufficient cpu, 4 node(s) didn't satisfy plugin(s) [NodeAffinity].");
  SUBCASE("but not when there are none of them") {
    CHECK(fit_error_text(diagnosis, 1) == "0/1 nodes are available: 1 Insufficient cpu.");
  }
}

TEST_CASE("a PreFilter rejection stands for all nodes; the post filter text follows without a dot of its own") {
  auto diagnosis = failing({{"Insufficient cpu"}});
  diagnosis.pre_filter_message = "pod affinity terms conflict";
  diagnosis.post_filter_message = "not found";
  CHECK(fit_error_text(diagnosis, 3) == "0/3 nodes are available: pod affinity terms conflict. not found");
}

TEST_CASE("without any reason only the head remains") {
  Diagnosis diagnosis;
  CHECK(fit_error_text(diagnosis, 2) == "0/2 nodes are available:");
}
