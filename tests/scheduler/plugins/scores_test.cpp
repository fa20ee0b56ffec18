// The scores, as tables worked out by hand. Rules: kube-scheduler's plugins of the same names.
#include "scheduler/framework/normalize_score.hpp"
#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;

namespace {

// node -> normalized score of one plugin, as a whole decision computes it; -1 when the plugin was left out.
std::map<std::string, std::int64_t> scores_of(Cache& cache, const PodInfo& pod, std::string_view plugin) {
  auto verdict = decide(cache, pod);
  std::map<std::string, std::int64_t> found;
  for (std::size_t column = 0; column < verdict.scores.columns.size(); ++column) {
    if (verdict.scores.columns[column].plugin != plugin) continue;
    for (std::size_t i = 0; i < verdict.scores.nodes.size(); ++i) {
      found[verdict.scores.nodes[i]->name] = verdict.scores.score(i, column);
    }
  }
  return found;
}

using Scores = std::map<std::string, std::int64_t>;

}  // namespace

TEST_CASE("normalizing by the largest") {
  auto run = [](std::vector<std::int64_t> scores, bool is_reversed) {
    normalize_by_largest(scores, is_reversed);
    return scores;
  };
  CHECK(run({1, 2, 3}, false) == std::vector<std::int64_t>{33, 66, 100});
  CHECK(run({1, 2, 3}, true) == std::vector<std::int64_t>{67, 34, 0});
  CHECK(run({0, 0}, false) == std::vector<std::int64_t>{0, 0});
  CHECK(run({0, 0}, true) == std::vector<std::int64_t>{100, 100});
}

TEST_CASE("TaintToleration: fewer intolerable PreferNoSchedule taints are better") {
  Cache cache;
  const std::string one = R"({"key": "a", "effect": "PreferNoSchedule"})";
  const std::string two = R"({"key": "b", "effect": "PreferNoSchedule"})";
  cache.add_node(make_node("n0"));
  cache.add_node(make_node("n1", spec(R"({"taints": [)" + one + "]}")));
  cache.add_node(make_node("n2", spec(R"({"taints": [)" + one + ", " + two + "]}")));
  CHECK(scores_of(cache, *make_pod("p"), "TaintToleration") == Scores{{"n0", 100}, {"n1", 50}, {"n2", 0}});
  auto tolerant = make_pod("p", spec(R"({"tolerations": [{"key": "a", "operator": "Exists"}]})"));
  CHECK(scores_of(cache, *tolerant, "TaintToleration") == Scores{{"n0", 100}, {"n1", 100}, {"n2", 0}});
  // A toleration of another effect does not count here.
  auto other = make_pod("p", spec(R"({"tolerations": [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}]})"));
  CHECK(scores_of(cache, *other, "TaintToleration") == Scores{{"n0", 100}, {"n1", 50}, {"n2", 0}});
}

TEST_CASE("NodeAffinity: the weights of the preferred terms that match") {
  Cache cache;
  cache.add_node(make_node("n0"));
  cache.add_node(make_node("n1", json::parse(R"({"metadata": {"labels": {"zone": "a"}}})")));
  cache.add_node(make_node("n2", json::parse(R"({"metadata": {"labels": {"zone": "a", "disk": "ssd"}}})")));
  auto pod = make_pod("p", spec(R"({"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
    {"weight": 20, "preference": {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}},
    {"weight": 60, "preference": {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}},
    {"weight": 50, "preference": {}}]}}})"));
  CHECK(scores_of(cache, *pod, "NodeAffinity") == Scores{{"n0", 0}, {"n1", 25}, {"n2", 100}});
  CHECK(scores_of(cache, *make_pod("q"), "NodeAffinity").empty());
}

TEST_CASE("NodeResourcesFit: the emptier node is better") {
  Cache cache;
  cache.add_node(make_node("n0"));
  cache.add_node(make_node("n1"));
  cache.add_pod(make_pod("used", asking("1", "1Gi", "n1")));
  // n0: cpu (4000-1000)*100/4000 = 75, memory (8-1)*100/8 = 87; n1: 50 and 75.
  CHECK(scores_of(cache, *make_pod("p", asking("1", "1Gi")), "NodeResourcesFit") == Scores{{"n0", 81}, {"n1", 62}});
  // Without requests 100m and 200Mi count. n0: 97 and 97; n1: (4000-1100)*100/4000 = 72, (8192-1224)*100/8192 = 85.
  CHECK(scores_of(cache, *make_pod("p"), "NodeResourcesFit") == Scores{{"n0", 97}, {"n1", 78}});
}

TEST_CASE("NodeResourcesFit: pods without requests count with the defaults on their node") {
  Cache cache;
  cache.add_node(make_node("n0"));
  cache.add_node(make_node("n1"));
  cache.add_pod(make_pod("used", spec(R"({"nodeName": "n1"})")));
  // n1: (4000-200)*100/4000 = 95, (8192-400)*100/8192 = 95.
  CHECK(scores_of(cache, *make_pod("p"), "NodeResourcesFit") == Scores{{"n0", 97}, {"n1", 95}});
}

TEST_CASE("NodeResourcesBalancedAllocation: cpu and memory used to the same degree") {
  Cache cache;
  cache.add_node(make_node("n0"));
  cache.add_node(make_node("n1"));
  cache.add_pod(make_pod("used", asking("", "1Gi", "n1")));
  // n0: 1/4 and 1/8: (1 - 0.0625)*100; n1: 1/4 and 2/8: equal.
  CHECK(scores_of(cache, *make_pod("p", asking("1", "1Gi")), "NodeResourcesBalancedAllocation") ==
        Scores{{"n0", 93}, {"n1", 100}});
  // A pod that asks for nothing is not judged.
  CHECK(scores_of(cache, *make_pod("p"), "NodeResourcesBalancedAllocation").empty());
}

TEST_CASE("NodeResourcesBalancedAllocation: more than all counts as all; defaults do not count") {
  Cache cache;
  cache.add_node(make_node("n0", json::parse(R"({"status": {"allocatable": {"cpu": "1"}}})")));
  cache.add_node(make_node("n1"));
  cache.add_pod(make_pod("used", asking("3", "", "n0")));
  // n0: min(1, 3) and 4/8: (1 - 0.25)*100. n1: 0 and 4/8.
  CHECK(scores_of(cache, *make_pod("p", asking("", "4Gi")), "NodeResourcesBalancedAllocation") ==
        Scores{{"n0", 75}, {"n1", 75}});
}

TEST_CASE("ImageLocality: large images that are there, weighted by how many nodes have them") {
  Cache cache;
  auto with_images = [](const std::string& images) {
    return json::parse(R"({"status": {"images": [)" + images + "]}}");
  };
  const std::string web = R"({"names": ["registry:5000/web:v1", "web@sha256:1"], "sizeBytes": 524288000})";
  const std::string db = R"({"names": ["db:latest"], "sizeBytes": 2097152000})";
  cache.add_node(make_node("n0"));
  cache.add_node(make_node("n1", with_images(web)));
  cache.add_node(make_node("n2", with_images(web + ", " + db)));
  auto running = [](const std::string& image) {
    return make_pod("p", spec(R"({"containers": [{"name": "c", "image": ")" + image + R"("}]})"));
  };
  // 500Mi on 2 of 3 nodes = 349525333 bytes; (x - 23Mi)*100/(1000Mi - 23Mi) = 31.
  CHECK(scores_of(cache, *running("registry:5000/web:v1"), "ImageLocality") ==
        Scores{{"n0", 0}, {"n1", 31}, {"n2", 31}});
  // 2000Mi on 1 of 3 nodes = 666Mi: (666.67 - 23)*100/977 = 65. "db" means "db:latest".
  CHECK(scores_of(cache, *running("db"), "ImageLocality") == Scores{{"n0", 0}, {"n1", 0}, {"n2", 65}});
  // The colon of a registry's port is no tag.
  CHECK(scores_of(cache, *running("registry:5000/web"), "ImageLocality") == Scores{{"n0", 0}, {"n1", 0}, {"n2", 0}});
  // Two containers share the maximum of 2 x 1000Mi: (349525333 + 699050666 - 23Mi)*100/(2000Mi - 23Mi) = 49.
  auto two = make_pod("p", spec(R"({"initContainers": [{"name": "i", "image": "db"}],
                                    "containers": [{"name": "c", "image": "registry:5000/web:v1"}]})"));
  CHECK(scores_of(cache, *two, "ImageLocality") == Scores{{"n0", 0}, {"n1", 15}, {"n2", 49}});
}

TEST_CASE("ImageLocality forgets a node that is gone") {
  Cache cache;
  auto node = make_node("n1", json::parse(R"({"status": {"images": [{"names": ["a:1"], "sizeBytes": 1048576000}]}})"));
  cache.add_node(make_node("n0"));
  cache.add_node(node);
  cache.add_node(make_node("n2", json::parse(R"({"status": {"images": [{"names": ["a:1"], "sizeBytes": 1}]}})")));
  auto pod = make_pod("p", spec(R"({"containers": [{"name": "c", "image": "a:1"}]})"));
  // The size is the one first reported: 1000Mi on 2 of 3 nodes: (666.67 - 23)*100/977.
  CHECK(scores_of(cache, *pod, "ImageLocality") == Scores{{"n0", 0}, {"n1", 65}, {"n2", 65}});
  cache.remove_node(*node);
  // 500Mi on average: (500 - 23)*100/977 = 48.
  CHECK(scores_of(cache, *pod, "ImageLocality") == Scores{{"n0", 0}, {"n2", 48}});
}
