// schedule_pod against a naive oracle that knows neither its data structures nor its plugins: random clusters, random
// pods; the same feasible nodes, the same totals and so the same set of best nodes, and for pods that do not fit the
// same message.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;

namespace {

constexpr std::int64_t kMebi = 1024 * 1024;

struct OraclePod {
  std::string name, node;
  std::vector<std::pair<std::int64_t, std::int64_t>> containers;  // milli cpu and MiB; -1 = not written
  std::int64_t init_cpu = -1;
  std::int64_t gpu = 0;
  int host_port = 0;
  std::string zone;       // nodeSelector
  std::string disk;       // required to be (In)
  int zone_weight = 0;    // preferred zone "a"
  std::string tolerated;  // taint key
  std::string image;

  std::int64_t cpu(std::int64_t missing) const {
    std::int64_t sum = 0;
    for (const auto& [c, m] : containers) sum += c < 0 ? missing : c;
    if (init_cpu >= 0) sum = std::max(sum, init_cpu);
    return sum;
  }
  // The init container asks for no memory, so it counts with the default where defaults count.
  std::int64_t memory(std::int64_t missing) const {
    std::int64_t sum = 0;
    for (const auto& [c, m] : containers) sum += m < 0 ? missing : m;
    if (init_cpu >= 0) sum = std::max(sum, missing);
    return sum;
  }
};

struct OracleNode {
  std::string name, zone, disk, taint_key, taint_effect;
  std::int64_t cpu = 0, memory = 0, gpu = 0;
  std::int64_t max_pods = 0;
  bool is_cordoned = false;
  std::map<std::string, std::int64_t> images;  // MiB
  std::vector<OraclePod> pods;
};

json to_json(const OraclePod& pod) {
  json changes = spec("{}");
  auto& out = changes["spec"];
  out["containers"] = json::array();
  for (std::size_t i = 0; i < pod.containers.size(); ++i) {
    json container = json::parse(R"({"resources": {"requests": {}}})");
    container["name"] = fmt::format("c{}", i);
    container["image"] = pod.image;
    auto& requests = container["resources"]["requests"];
    if (pod.containers[i].first >= 0) requests["cpu"] = fmt::format("{}m", pod.containers[i].first);
    if (pod.containers[i].second >= 0) requests["memory"] = fmt::format("{}Mi", pod.containers[i].second);
    if (i == 0 && pod.gpu > 0) requests["example.com/gpu"] = std::to_string(pod.gpu);
    if (i == 0 && pod.host_port > 0) container["ports"] = json::array({json::object({{"hostPort", pod.host_port}})});
    out["containers"].push_back(container);
  }
  if (pod.init_cpu >= 0) {
    out["initContainers"] = json::parse(R"([{"name": "i", "image": "none:1", "resources": {"requests": {}}}])");
    out["initContainers"][0]["resources"]["requests"]["cpu"] = fmt::format("{}m", pod.init_cpu);
  }
  if (!pod.node.empty()) out["nodeName"] = pod.node;
  if (!pod.zone.empty()) out["nodeSelector"]["zone"] = pod.zone;
  auto& affinity = out["affinity"]["nodeAffinity"];
  if (!pod.disk.empty()) {
    affinity["requiredDuringSchedulingIgnoredDuringExecution"] = json::parse(
        R"({"nodeSelectorTerms": [{"matchExpressions": [{"key": "disk", "operator": "In", "values": [""]}]}]})");
    affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"][0]["matchExpressions"][0]["values"]
            [0] = pod.disk;
  }
  if (pod.zone_weight > 0) {
    json term =
        json::parse(R"({"preference": {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}})");
    term["weight"] = pod.zone_weight;
    affinity["preferredDuringSchedulingIgnoredDuringExecution"] = json::array({term});
  }
  if (!pod.tolerated.empty()) {
    out["tolerations"] = json::array({json::object({{"key", pod.tolerated}, {"operator", "Exists"}})});
  }
  return changes;
}

json to_json(const OracleNode& node) {
  json changes = json::object();
  if (!node.zone.empty()) changes["metadata"]["labels"]["zone"] = node.zone;
  if (!node.disk.empty()) changes["metadata"]["labels"]["disk"] = node.disk;
  changes["spec"]["unschedulable"] = node.is_cordoned;
  if (!node.taint_key.empty()) {
    changes["spec"]["taints"] = json::array({json::object({{"key", node.taint_key}, {"effect", node.taint_effect}})});
  }
  auto& allocatable = changes["status"]["allocatable"];
  allocatable["cpu"] = fmt::format("{}m", node.cpu);
  allocatable["memory"] = fmt::format("{}Mi", node.memory);
  allocatable["pods"] = std::to_string(node.max_pods);
  if (node.gpu > 0) allocatable["example.com/gpu"] = std::to_string(node.gpu);
  changes["status"]["images"] = json::array();
  for (const auto& [name, size] : node.images) {
    json image = json::object();
    image["names"] = json::array({name});
    image["sizeBytes"] = size * kMebi;
    changes["status"]["images"].push_back(image);
  }
  return changes;
}

struct Oracle {
  std::vector<OracleNode> nodes;

  static std::int64_t sum(const OracleNode& node, auto get) {
    std::int64_t total = 0;
    for (const auto& pod : node.pods) total += get(pod);
    return total;
  }

  // The reasons why not; empty = feasible. `is_evictable`: eviction might have helped.
  static std::vector<std::string> why_not(const OraclePod& pod, const OracleNode& node, bool& is_evictable) {
    is_evictable = false;
    if (node.is_cordoned && pod.tolerated != "node.kubernetes.io/unschedulable") return {"node(s) were unschedulable"};
    bool is_hard = node.taint_effect == "NoSchedule" || node.taint_effect == "NoExecute";
    if (is_hard && pod.tolerated != node.taint_key) return {"node(s) had untolerated taint(s)"};
    bool is_suited = (pod.zone.empty() || pod.zone == node.zone) && (pod.disk.empty() || pod.disk == node.disk);
    if (!is_suited) return {"node(s) didn't match Pod's node affinity/selector"};
    is_evictable = true;
    for (const auto& other : node.pods) {
      if (pod.host_port > 0 && other.host_port == pod.host_port) {
        return {"node(s) didn't have free ports for the requested pod ports"};
      }
    }
    std::vector<std::string> reasons;
    if (static_cast<std::int64_t>(node.pods.size()) + 1 > node.max_pods) reasons.push_back("Too many pods");
    auto check = [&](const char* name, std::int64_t wanted, std::int64_t has, std::int64_t used) {
      if (wanted == 0 || wanted <= has - used) return;
      reasons.push_back(std::string("Insufficient ") + name);
      if (wanted > has) is_evictable = false;
    };
    check("cpu", pod.cpu(0), node.cpu, sum(node, [](const auto& p) { return p.cpu(0); }));
    check("memory", pod.memory(0), node.memory, sum(node, [](const auto& p) { return p.memory(0); }));
    check("example.com/gpu", pod.gpu, node.gpu, sum(node, [](const auto& p) { return p.gpu; }));
    return reasons;
  }

  std::int64_t image_score(const OraclePod& pod, const OracleNode& node) const {
    auto it = node.images.find(pod.image);
    double holders = static_cast<double>(
        std::count_if(nodes.begin(), nodes.end(), [&](const auto& n) { return n.images.contains(pod.image); }));
    std::int64_t sum = 0;
    if (it != node.images.end()) {
      // The size is what the first node that had it said.
      auto first =
          std::find_if(nodes.begin(), nodes.end(), [&](const auto& n) { return n.images.contains(pod.image); });
      auto one = static_cast<std::int64_t>(static_cast<double>(first->images.at(pod.image) * kMebi) *
                                           (holders / static_cast<double>(nodes.size())));
      sum = one * static_cast<std::int64_t>(pod.containers.size());
    }
    auto count = static_cast<std::int64_t>(pod.containers.size()) + (pod.init_cpu >= 0 ? 1 : 0);
    std::int64_t low = 23 * kMebi;
    std::int64_t high = 1000 * kMebi * count;
    return 100 * (std::min(std::max(sum, low), high) - low) / (high - low);
  }

  std::map<std::string, std::int64_t> totals(const OraclePod& pod,
                                             const std::vector<const OracleNode*>& feasible) const {
    std::map<std::string, std::int64_t> total;
    std::map<std::string, std::int64_t> taints;
    std::int64_t most_taints = 0;
    bool is_zone_found = false;
    for (const auto* node : feasible) {
      taints[node->name] = node->taint_effect == "PreferNoSchedule" && pod.tolerated != node->taint_key ? 1 : 0;
      most_taints = std::max(most_taints, taints[node->name]);
      is_zone_found = is_zone_found || node->zone == "a";
    }
    for (const auto* node : feasible) {
      std::int64_t score = most_taints == 0 ? 300 : 3 * (100 - 100 * taints[node->name]);
      if (pod.zone_weight > 0 && is_zone_found && node->zone == "a") score += 200;
      std::int64_t cpu = sum(*node, [](const auto& p) { return p.cpu(100); }) + pod.cpu(100);
      std::int64_t memory = (sum(*node, [](const auto& p) { return p.memory(200); }) + pod.memory(200)) * kMebi;
      std::int64_t capacity = node->memory * kMebi;
      std::int64_t fit_cpu = cpu > node->cpu ? 0 : (node->cpu - cpu) * 100 / node->cpu;
      std::int64_t fit_memory = memory > capacity ? 0 : (capacity - memory) * 100 / capacity;
      score += (fit_cpu + fit_memory) / 2;
      if (pod.cpu(0) != 0 || pod.memory(0) != 0) {
        double f1 =
            std::min(1.0, double(sum(*node, [](const auto& p) { return p.cpu(0); }) + pod.cpu(0)) / double(node->cpu));
        double used = double((sum(*node, [](const auto& p) { return p.memory(0); }) + pod.memory(0)) * kMebi);
        double f2 = std::min(1.0, used / double(capacity));
        score += static_cast<std::int64_t>((1 - std::abs((f1 - f2) / 2)) * 100.0);
      }
      total[node->name] = score + image_score(pod, *node);
    }
    return total;
  }

  std::string message(const OraclePod& pod) const {
    std::map<std::string, int> reasons;
    int evictable = 0;
    for (const auto& node : nodes) {
      bool is_evictable = false;
      for (const auto& reason : why_not(pod, node, is_evictable)) ++reasons[reason];
      if (is_evictable) ++evictable;
    }
    auto join = [](const std::map<std::string, int>& counts) {
      std::vector<std::string> texts;
      for (const auto& [reason, count] : counts) {
        if (count > 0) texts.push_back(std::to_string(count) + " " + reason);
      }
      std::sort(texts.begin(), texts.end());
      std::string all;
      for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
      return all + ".";
    };
    const int count = static_cast<int>(nodes.size());
    const std::map<std::string, int> preemption = {{"No preemption victims found for incoming pod", evictable},
                                                   {"Preemption is not helpful for scheduling", count - evictable}};
    return fmt::format(
        "0/{0} nodes are available: {1} no new claims to deallocate, preemption: 0/{0} nodes are available: {2}", count,
        join(reasons), join(preemption));
  }
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : rng_(seed) {}

  OracleNode node(int number) {
    OracleNode node;
    node.name = fmt::format("n{:02}", number);
    node.zone = pick({"", "a", "b"});
    node.disk = pick({"", "ssd", "hdd"});
    if (chance(3)) node.taint_key = pick({"x", "y"});
    if (!node.taint_key.empty()) node.taint_effect = pick({"NoSchedule", "NoExecute", "PreferNoSchedule"});
    node.is_cordoned = chance(8);
    node.cpu = 500 * between(2, 8);
    node.memory = 512 * between(2, 16);
    node.gpu = chance(3) ? between(1, 4) : 0;
    node.max_pods = chance(4) ? between(1, 3) : 110;
    if (chance(3)) node.images["web:1"] = between(10, 1500);
    if (chance(3)) node.images["db:2"] = between(10, 1500);
    return node;
  }

  OraclePod pod(const std::string& name, const std::string& node) {
    OraclePod pod;
    pod.name = name;
    pod.node = node;
    for (std::int64_t i = between(1, 2); i > 0; --i) {
      pod.containers.emplace_back(chance(3) ? -1 : 100 * between(0, 12), chance(3) ? -1 : 64 * between(0, 20));
    }
    if (chance(4)) pod.init_cpu = 100 * between(0, 20);
    if (chance(5)) pod.gpu = between(1, 2);
    if (chance(4)) pod.host_port = static_cast<int>(between(8080, 8082));
    pod.image = pick({"web:1", "db:2", "none:1"});
    if (!node.empty()) return pod;
    if (chance(4)) pod.zone = pick({"a", "b"});
    if (chance(4)) pod.disk = pick({"ssd", "hdd"});
    if (chance(3)) pod.zone_weight = static_cast<int>(between(1, 100));
    if (chance(3)) pod.tolerated = pick({"x", "y", "node.kubernetes.io/unschedulable"});
    return pod;
  }

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool chance(std::uint64_t one_in) { return rng_.below(one_in) == 0; }
  std::string pick(const std::vector<std::string>& options) { return options[rng_.below(options.size())]; }

 private:
  Rng rng_;
};

void check_decision(const Oracle& oracle, Cache& cache, const OraclePod& pod, std::uint64_t seed) {
  auto verdict = decide(cache, *make_pod(pod.name, to_json(pod)), seed, seed % 7 % oracle.nodes.size());
  std::vector<const OracleNode*> feasible;
  for (const auto& node : oracle.nodes) {
    bool is_evictable = false;
    if (Oracle::why_not(pod, node, is_evictable).empty()) feasible.push_back(&node);
  }
  CHECK(verdict.feasible_count == feasible.size());
  if (feasible.empty()) {
    CHECK(verdict.message == oracle.message(pod));
    return;
  }
  if (feasible.size() == 1) {
    CHECK(verdict.node == feasible.front()->name);
    return;
  }
  const auto totals = oracle.totals(pod, feasible);
  std::map<std::string, std::int64_t> found;
  for (std::size_t i = 0; i < verdict.scores.nodes.size(); ++i) {
    found[verdict.scores.nodes[i]->name] = verdict.scores.totals[i];
  }
  CHECK(found == totals);
  std::int64_t best = 0;
  for (const auto& [name, total] : totals) best = std::max(best, total);
  std::set<std::string> best_nodes;
  for (const auto& [name, total] : totals) {
    if (total == best) best_nodes.insert(name);
  }
  std::set<std::string> tied(verdict.tied.begin(), verdict.tied.end());
  if (tied.empty()) tied.insert(verdict.node);
  CHECK(tied == best_nodes);
  CHECK(best_nodes.contains(verdict.node));
}

}  // namespace

TEST_CASE("random clusters and pods: the verdicts of the oracle") {
  int scheduled = 0;
  int rejected = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    Oracle oracle;
    Cache cache;
    const auto count = generator.between(1, 25);
    for (int i = 0; i < count; ++i) {
      auto node = generator.node(i);
      cache.add_node(make_node(node.name, to_json(node)));
      for (auto j = generator.between(0, 3); j > 0; --j) {
        auto pod = generator.pod(fmt::format("{}-{}", node.name, j), node.name);
        cache.add_pod(make_pod(pod.name, to_json(pod)));
        node.pods.push_back(pod);
      }
      oracle.nodes.push_back(std::move(node));
    }
    for (int i = 0; i < 4; ++i) {
      auto pod = generator.pod(fmt::format("p{}", i), "");
      check_decision(oracle, cache, pod, seed);
      bool is_placed = decide(cache, *make_pod(pod.name, to_json(pod)), seed).outcome == Verdict::Outcome::kScheduled;
      ++(is_placed ? scheduled : rejected);
    }
  }
  // The generator makes enough of both.
  CHECK(scheduled > 200);
  CHECK(rejected > 50);
}
