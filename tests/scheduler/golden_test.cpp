// Decisions as data files: tests/golden/scheduler/*.yaml. Each document is a case: nodes and pods, the pod to place,
// and what must come out. The expected values are written from the rules that the file names, never from a run.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "libs/api/codec/yaml.hpp"
#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;

namespace {

void check_scores(const Verdict& verdict, const json& expected) {
  for (const auto& [node, plugins] : expected.items()) {
    CAPTURE(node);
    const auto& table = verdict.scores;
    auto row =
        std::find_if(table.nodes.begin(), table.nodes.end(), [&](const auto* info) { return info->name == node; });
    REQUIRE(row != table.nodes.end());
    const auto index = static_cast<std::size_t>(row - table.nodes.begin());
    std::map<std::string, std::int64_t> found;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      found[std::string(table.columns[column].plugin)] = table.score(index, column);
    }
    found["total"] = table.totals[index];
    for (const auto& [plugin, score] : plugins.items()) {
      CAPTURE(plugin);
      REQUIRE(found.contains(plugin));
      CHECK(found[plugin] == score.get<std::int64_t>());
    }
  }
}

void check(const json& golden) {
  CAPTURE(golden.value("case", ""));
  Cache cache;
  for (const auto& node : golden.value("nodes", json::array())) {
    cache.add_node(make_node(node["metadata"]["name"], node));
  }
  for (const auto& pod : golden.value("pods", json::array())) cache.add_pod(make_pod(pod["metadata"]["name"], pod));
  const auto& wanted = golden["pod"];
  auto verdict = decide(cache, *make_pod(wanted["metadata"]["name"], wanted), golden.value("seed", 1u));
  const auto& expect = golden["expect"];
  if (expect.contains("message")) CHECK(verdict.message == expect["message"].get<std::string>());
  if (expect.contains("selected")) CHECK(verdict.node == expect["selected"].get<std::string>());
  if (expect.contains("tied")) CHECK(verdict.tied == expect["tied"].get<std::vector<std::string>>());
  if (expect.contains("scores")) check_scores(verdict, expect["scores"]);
}

}  // namespace

TEST_CASE("golden decisions") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(KUBELOOP_SOURCE_DIR "/tests/golden/scheduler")) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  CHECK(files.size() >= 3);
  for (const auto& file : files) {
    CAPTURE(file.filename().string());
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    auto documents = api::parse_yaml(text.str(), file.filename().string());
    if (!documents) FAIL(documents.error().message);
    CHECK_FALSE(documents->empty());
    for (const auto& document : *documents) check(document.value);
  }
}
