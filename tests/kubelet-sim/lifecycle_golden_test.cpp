// Every file of tests/golden/lifecycle: a pod, what happens to it, and what the kubelet must do, written from the
// rules before it was run.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "libs/api/codec/view.hpp"
#include "libs/api/codec/yaml.hpp"
#include "tests/kubelet-sim/lifecycle_bench.hpp"

namespace kubeloop::kubelet_sim {
namespace {

using nlohmann::json;

json load(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto documents = api::parse_yaml(text, path.filename().string());
  REQUIRE(documents.has_value());
  REQUIRE(documents->size() == 1);
  return documents->front().value;
}

Duration duration_of(const json& value) {
  auto parsed = parse_go_duration(value.get<std::string>());
  REQUIRE(parsed.has_value());
  return *parsed;
}

void plan_delete(LifecycleBench& bench, const json& what) {
  Duration when = duration_of(what["at"]);
  auto grace = what["grace"].get<std::int64_t>();
  bench.plan(when, [when, grace](api::Pod& pod) {
    auto wall = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)) + when + std::chrono::seconds(grace);
    pod.metadata.deletionTimestamp = api::format_time(wall);
    pod.metadata.deletionGracePeriodSeconds = grace;
    ++pod.metadata.generation;
  });
}

void check(const std::filesystem::path& path) {
  json golden = load(path);
  auto pod = api::decode_view<api::Pod>(golden["pod"].dump());
  REQUIRE(pod.has_value());
  LifecycleBench bench(std::move(*pod));
  if (golden.contains("delete")) plan_delete(bench, golden["delete"]);
  if (golden.contains("delete_again")) plan_delete(bench, golden["delete_again"]);
  if (golden.contains("gone")) bench.plan_gone(duration_of(golden["gone"]["at"]));
  bench.run_until(duration_of(golden["until"]));

  auto lines = bench.lines();
  auto skip = golden.value("skip", 0);
  REQUIRE(lines.size() >= static_cast<std::size_t>(skip));
  lines.erase(lines.begin(), lines.begin() + skip);
  std::vector<std::string> expected;
  for (const auto& line : golden["expect"]) expected.push_back(line.get<std::string>());
  for (std::size_t i = 0; i < std::max(lines.size(), expected.size()); ++i) {
    std::string got = i < lines.size() ? lines[i] : "(nothing)";
    std::string wanted = i < expected.size() ? expected[i] : "(nothing)";
    CHECK_MESSAGE(got == wanted, path.filename().string() << " line " << i);
  }
}

}  // namespace

TEST_CASE("golden lifecycles") {
  std::filesystem::path folder = std::filesystem::path(KUBELOOP_SOURCE_DIR) / "tests/golden/lifecycle";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  CHECK(files.size() >= 16);
  for (const auto& file : files) check(file);
}

}  // namespace kubeloop::kubelet_sim
