// How fast decisions are: schedule_pod alone on 5,000 nodes, each decision assumed in the cache before the next. Prints
// pods a second and nanoseconds for each node that was looked at. Not run by ctest.
#include <fmt/core.h>

#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "libs/api/codec/view.hpp"
#include "scheduler/cache.hpp"
#include "scheduler/schedule_pod.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;
using nlohmann::json;

namespace {

constexpr int kNodes = 5000;

template <class T>
std::shared_ptr<const T> view_of(const json& object) {
  return std::make_shared<const T>(*api::decode_view<T>(object.dump()));
}

void add_nodes(Cache& cache) {
  json node = json::parse(R"({"metadata": {}, "spec": {},
    "status": {"allocatable": {"cpu": "4", "memory": "32Gi", "pods": "110"}}})");
  for (int i = 0; i < kNodes; ++i) {
    node["metadata"]["name"] = fmt::format("node-{}", i);
    node["metadata"]["labels"] = {{"topology.kubernetes.io/zone", fmt::format("zone-{}", i % 3)}};
    cache.add_node(view_of<api::Node>(node));
  }
}

PodInfoPtr make_pod(int number, const std::string& cpu, const std::string& zone) {
  json pod = json::parse(R"({"metadata": {"namespace": "bench"}, "spec": {"containers": [
    {"name": "c", "image": "img", "resources": {"requests": {"memory": "500Mi"}}}]}})");
  pod["metadata"]["name"] = pod["metadata"]["uid"] = fmt::format("pod-{}", number);
  pod["spec"]["containers"][0]["resources"]["requests"]["cpu"] = cpu;
  if (!zone.empty()) pod["spec"]["nodeSelector"]["topology.kubernetes.io/zone"] = zone;
  return make_pod_info(view_of<api::Pod>(pod));
}

void measure(const char* what, int pods, const std::string& cpu, const std::string& zone) {
  Cache cache;
  add_nodes(cache);
  Profile profile = make_default_profile();
  Rng rng(1);
  std::vector<PodInfoPtr> infos;
  for (int i = 0; i < pods; ++i) infos.push_back(make_pod(i, cpu, zone));
  std::size_t start = 0;
  std::size_t looked_at = 0;
  std::size_t scheduled = 0;
  const std::clock_t begin = std::clock();
  for (const auto& pod : infos) {
    auto verdict = schedule_pod(profile, cache.snapshot(), *pod, rng, start);
    start = verdict.next_start;
    looked_at += verdict.feasible_count + verdict.diagnosis.nodes.size();
    if (verdict.outcome != Verdict::Outcome::kScheduled) continue;
    ++scheduled;
    cache.assume(pod, verdict.node).commit();
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  fmt::print("{:<24} {:>6} pods, {:>6} placed: {:>8.0f} pods/s, {:>6.0f} ns for each of {} nodes looked at\n", what,
             pods, scheduled, pods / seconds, seconds * 1e9 / static_cast<double>(looked_at), looked_at);
}

}  // namespace

int main(int argc, char** argv) {
  const int pods = argc > 1 ? std::atoi(argv[1]) : 5000;
  measure("basic", pods, "100m", "");
  measure("node selector", pods, "100m", "zone-1");
  measure("unschedulable", pods / 10, "9", "");
  return 0;
}
