#include "simulator/scenario/lint/cluster_flow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/fields.hpp"
#include "simulator/scenario/lint/meant.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr int kMostNodes = 5000;

std::int64_t whole(const json& value, const char* key, std::int64_t otherwise) {
  auto it = value.find(key);
  bool is_number = it != value.end() && it->is_number_integer();
  return is_number ? std::clamp<std::int64_t>(it->get<std::int64_t>(), 0, kMostNodes) : otherwise;
}

void add_nodes(std::set<std::string>& nodes, const std::string& prefix, std::int64_t count) {
  for (std::int64_t i = 1; i <= count; ++i) nodes.insert(fmt::format("{}-{}", prefix, i));
}

class Checker {
 public:
  explicit Checker(Source& source) : source_(source), nodes_(nodes_of_cluster(source)) {
    see_plan();
    const json* cluster = find_in_spec(source, "cluster");
    if (!cluster || !cluster->is_object() || !cluster->contains("components")) return;
    const json& components = (*cluster)["components"];
    if (!components.is_object()) return;
    for (const auto& [name, setup] : components.items()) {
      bool is_off = setup == false || setup == "off" || (setup.is_object() && setup.value("start", json()) == false);
      if (is_off) dead_[name] = 0;
    }
  }

  void see(const ListedStep& step) {
    if (step.name == "exec") is_certain_ = false;
    if (step.name == "node") see_node(step);
    if (step.name == "component") see_component(step);
    if (step.name == "drain") check_node(step.pointer + "/node", step.text("node"));
    if (step.name == "fault" || step.name == "faults" || step.name == "heal") see_fault(step);
    if (step.name == "wait" || step.name == "assert") see_object(step);
  }

 private:
  void see_node(const ListedStep& step) {
    std::string start = step.text("start"), stop = step.text("stop");
    if (!start.empty()) {
      bool is_new = nodes_.insert(start).second;
      bool runs = !is_new && !stopped_.contains(start) && is_certain_;
      stopped_.erase(start);
      if (runs) source_.warn("KL302", step.pointer + "/start", start + " runs already: nothing has stopped it");
    }
    if (stop.empty() || !check_node(step.pointer + "/stop", stop)) return;
    auto [known, is_first] = stopped_.emplace(stop, step.line);
    if (is_first || !is_certain_) return;
    source_.warn("KL303", step.pointer + "/stop",
                 fmt::format("{} is stopped already, since line {}", stop, known->second));
  }

  void see_component(const ListedStep& step) {
    std::string start = step.text("start"), kill = step.text("kill");
    bool is_known = is_certain_ && !is_under_faults_;
    if (!start.empty()) {
      bool was_dead = dead_.erase(start) > 0;
      if (!was_dead && is_known)
        source_.fail("KL302", step.pointer + "/start", start + " runs already: nothing has killed it");
    }
    if (kill.empty()) return;
    auto [known, is_first] = dead_.emplace(kill, step.line);
    if (is_first || !is_known) return;
    std::string since = known->second == 0 ? "from the beginning" : fmt::format("since line {}", known->second);
    source_.fail("KL303", step.pointer + "/kill", fmt::format("{} is dead already, {}", kill, since));
  }

  // spec.faults: the same faults, each at its time.
  void see_plan() {
    const json* plan = find_in_spec(source_, "faults");
    if (!plan || !plan->is_array()) return;
    for (std::size_t i = 0; i < plan->size(); ++i) {
      ListedStep planned;
      planned.name = "fault";
      planned.pointer = "/spec/faults/" + std::to_string(i);
      planned.value = &(*plan)[i];
      see_fault(planned);
    }
  }

  // A fault may kill and start what it is about, at times of its own.
  void see_fault(const ListedStep& step) {
    if (step.name == "heal") {
      dead_.clear();
      stopped_.clear();
      return;
    }
    std::string component = step.text("component"), node = step.text("node");
    if (node.empty() || check_node(step.pointer + "/node", node)) is_under_faults_ = true;
    if (!component.empty()) dead_.erase(component);
  }

  void see_object(const ListedStep& step) {
    auto path = parse_object_path(step.text("object"));
    const auto* kind = path ? find_served_kind(path->kind) : nullptr;
    bool is_absent = step.value->is_object() && step.value->value("absent", json()) == true;
    if (!kind || kind->kind != "Node" || is_absent || nodes_.contains(path->name) || !is_certain_) return;
    std::string meant = did_you_mean(path->name, nodes_);
    source_.warn("KL301", step.pointer + "/object", "the cluster has no node " + path->name,
                 meant.empty() ? own_nodes() : path->kind + "/" + meant);
  }

  bool check_node(const std::string& pointer, const std::string& name) {
    if (name.empty() || nodes_.contains(name) || !is_certain_) return true;
    source_.fail("KL301", pointer, "the cluster has no node " + name, own_nodes());
    return false;
  }

  std::string own_nodes() const {
    if (nodes_.empty()) return "it has no nodes";
    std::string list;
    std::size_t count = 0;
    for (const auto& node : nodes_) {
      if (++count <= 3) list += (list.empty() ? "" : ", ") + node;
    }
    return "it has " + list + (count > 3 ? ", ..." : "");
  }

  Source& source_;
  std::set<std::string> nodes_;
  std::map<std::string, int> stopped_;  // since which line
  std::map<std::string, int> dead_;     // 0: from the beginning
  bool is_certain_ = true;              // a program that was run may have done anything
  bool is_under_faults_ = false;
};

}  // namespace

std::set<std::string> nodes_of_cluster(const Source& source) {
  std::set<std::string> nodes;
  const json* cluster = find_in_spec(source, "cluster");
  bool is_told = cluster && cluster->is_object();
  const json* pools = is_told && cluster->contains("nodePools") ? &(*cluster)["nodePools"] : nullptr;
  add_nodes(nodes, "node", is_told ? whole(*cluster, "nodes", pools ? 0 : 3) : 3);
  if (!pools || !pools->is_array()) return nodes;
  for (const auto& pool : *pools) {
    bool is_named = pool.is_object() && pool.contains("name") && pool["name"].is_string();
    if (is_named) add_nodes(nodes, pool["name"].get<std::string>(), whole(pool, "count", 1));
  }
  return nodes;
}

void check_cluster_flow(Source& source, const std::vector<ListedStep>& steps) {
  Checker checker(source);
  for (const auto& step : steps) checker.see(step);
}

}  // namespace kubeloop::simulator
