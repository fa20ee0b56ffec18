// The commands of kubeloop as users type them: up, status, down, run, flow, their exit codes, and what bad input gets.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/e2e/cluster_fixture.hpp"

namespace kubeloop::tests {
namespace {

std::string scenario(const std::string& name) {
  return std::string(KUBELOOP_SOURCE_DIR) + "/scenarios/" + name + ".yaml";
}

int pid_of(const Home& home, const std::string& daemon) {
  auto record = nlohmann::json::parse(read_text(home.file("state/kubeloop/cluster.json")));
  return record["daemons"][daemon]["pid"].get<int>();
}

// Until the pid is gone, or a zombie that nobody has taken yet.
void kill_and_wait(int pid) {
  kill(pid, SIGKILL);
  std::string stat = "/proc/" + std::to_string(pid) + "/stat";
  for (int i = 0; i < 1000 && contains(read_text(stat), "\\) [^ZX] "); ++i) run_command({"sleep", "0.01"});
}

TEST_CASE("up, status, a second up, a dead daemon, down") {
  RunningCluster cluster;
  REQUIRE_MESSAGE(cluster.up.code == 0, cluster.up.all());
  CHECK(contains(cluster.up.err, "Ready in [0-9.]+ s"));
  CHECK(contains(cluster.up.out, "^kubectl --kubeconfig [^ ]+ get nodes\ncurl --cacert .*\n$"));
  CHECK_FALSE(contains(cluster.up.err, "\033"));
  auto status = cluster.home.kubeloop({"status"});
  CHECK(status.code == 0);
  CHECK(contains(status.out, "apiserver +running +pid"));

  int hub = pid_of(cluster.home, "apiserver");
  kill_and_wait(pid_of(cluster.home, "scheduler"));
  CHECK(cluster.home.kubeloop({"status"}).code == 1);
  auto again = cluster.home.kubeloop({"up"});
  CHECK_MESSAGE(again.code == 0, again.all());
  CHECK(cluster.home.kubeloop({"status"}).code == 0);
  CHECK(pid_of(cluster.home, "apiserver") == hub);  // what lives is left alone

  kill_and_wait(hub);
  auto mended = cluster.home.kubeloop({"up"});
  CHECK_MESSAGE(mended.code == 0, mended.all());
  CHECK(cluster.home.kubeloop({"status"}).code == 0);

  auto down = cluster.home.kubeloop({"down", "--kubeconfig", cluster.home.file("config")});
  CHECK_MESSAGE(down.code == 0, down.all());
  CHECK_FALSE(contains(read_text(cluster.home.file("config")), "kubeloop-kubeloop"));
  CHECK_FALSE(std::filesystem::exists(cluster.home.file("state/kubeloop")));
  CHECK(cluster.home.kubeloop({"status"}).code == 1);
}

TEST_CASE("the curl command that up prints works as it stands") {
  RunningCluster cluster;
  REQUIRE(cluster.up.code == 0);
  std::string curl = cluster.up.out.substr(cluster.up.out.find("curl"));
  auto result = run_command({"sh", "-c", curl}, cluster.home.environment());
  CHECK_MESSAGE(contains(result.out, "\"kind\": \"PodList\""), result.all());
}

// Four at a time: they wait more than they work.
TEST_CASE("every scenario in real time") {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(KUBELOOP_SOURCE_DIR) + "/scenarios")) {
    if (contains(read_text(entry.path().string()), "kind: Scenario\n")) names.push_back(entry.path().stem().string());
  }
  REQUIRE(names.size() >= 12);
  std::vector<CommandResult> results(names.size());
  {
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> runners;
    for (int i = 0; i < 4; ++i) {
      runners.emplace_back([&] {
        Home home;
        for (std::size_t at = next++; at < names.size(); at = next++) {
          results[at] = home.kubeloop({"run", scenario(names[at]), "--time", "real"}, 180);
        }
      });
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK_MESSAGE(results[i].code == 0, names[i], "\n", results[i].all());
    CHECK(contains(results[i].out, "passed"));
  }
}

TEST_CASE("a scenario that is edited to be wrong") {
  Home home;
  std::string text = read_text(scenario("pod-creation"));
  text.replace(text.find("phase: Running"), 14, "phase: Failed");
  write_text(home.file("wrong.yaml"), text);
  write_text(home.file("web.yaml"), read_text(scenario("web")));
  CHECK(home.kubeloop({"run", home.file("wrong.yaml")}).code == 4);
  CHECK(home.kubeloop({"run", home.file("wrong.yaml"), "--time", "virtual"}).code == 4);
  CHECK(std::filesystem::is_empty(home.file("state")));  // private clusters leave nothing
}

TEST_CASE("virtual reports are equal, byte for byte, and name nothing of this machine") {
  Home home;
  for (const char* file : {"a.json", "b.json"}) {
    auto result = home.kubeloop({"run", scenario("pod-creation"), "--time", "virtual", "--seed", "7", "--twice",
                                 "--report", "json=" + home.file(file)});
    CHECK_MESSAGE(result.code == 0, result.all());
  }
  std::string report = read_text(home.file("a.json"));
  CHECK(report == read_text(home.file("b.json")));
  CHECK(report.find("/tmp") == std::string::npos);
  CHECK(report.find("Successfully assigned default/web to node-") != std::string::npos);
}

TEST_CASE("flow shows a pod's way") {
  RunningCluster cluster;
  REQUIRE(cluster.up.code == 0);
  auto run = cluster.home.kubeloop({"run", scenario("pod-creation"), "--on", "kubeloop"});
  CHECK_MESSAGE(run.code == 0, run.all());
  auto flow = cluster.home.kubeloop({"flow", "--pod", "default/web"});
  CHECK(contains(flow.out, "scheduler .*wrote pods/default/web"));
  auto json = cluster.home.kubeloop({"flow", "-o", "json"});
  CHECK(contains(json.out, "\"kind\":\"commit\""));
}

TEST_CASE("options before and after the files") {
  Home home;
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"run", "--time", "virtual", "--report", "text", scenario("pod-creation")},
           {"run", scenario("pod-creation"), "--report", "text", "--time", "virtual"},
           {"run", "--report", "json=" + home.file("r.json"), "--report", "text", scenario("pod-creation"),
            "--time=virtual"},
           {"run", scenario("pod-creation"), scenario("pod-pending"), "--time", "virtual", "--report=text"}}) {
    auto result = home.kubeloop(arguments);
    CHECK_MESSAGE(result.code == 0, result.all());
    CHECK(contains(result.out, "pod-creation \\(virtual time, seed 1\\): passed"));
  }
}

TEST_CASE("bad input ends with one clear line and the right code") {
  Home home;
  auto one_line = [](const CommandResult& result) { return std::ranges::count(result.err, '\n') <= 2; };
  CHECK(home.kubeloop({"run"}).code == 2);
  CHECK(home.kubeloop({"fly"}).code == 2);
  CHECK(home.kubeloop({"run", scenario("pod-creation"), "--report", "pdf=x"}).code == 2);
  CHECK(home.kubeloop({"run", scenario("pod-creation"), "--time", "virtual", "--keep"}).code == 2);
  auto missing = home.kubeloop({"run", "nowhere.yaml"});
  CHECK(missing.code == 1);
  CHECK(contains(missing.err, "nowhere.yaml: error KL401: no such file"));
  CHECK(one_line(missing));
  write_text(home.file("bad.yaml"),
             "apiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n  stepz: []\n");
  auto bad = home.kubeloop({"run", home.file("bad.yaml")});
  CHECK(bad.code == 1);
  CHECK(contains(bad.err, "bad\\.yaml:[0-9]+:[0-9]+: error KL101"));
  CHECK(home.kubeloop({"down", "--name", "nobody"}).code == 1);
  CHECK(contains(home.kubeloop({"up", "--name", "Bad_Name"}).err, "is no cluster name"));
}

TEST_CASE("a port in use is exit code 7, and nothing is left behind") {
  RunningCluster cluster;
  REQUIRE(cluster.up.code == 0);
  auto record = nlohmann::json::parse(read_text(cluster.home.file("state/kubeloop/cluster.json")));
  std::string port = std::to_string(record["port"].get<int>());
  auto second = cluster.home.kubeloop({"up", "--name", "second", "--port", port});
  CHECK(second.code == 7);
  CHECK_MESSAGE(contains(second.err, port), second.err);
  CHECK_FALSE(std::filesystem::exists(cluster.home.file("state/second")));
  // Without --port another one is found.
  auto third = cluster.home.kubeloop({"up", "--name", "third", "--nodes", "1"});
  CHECK_MESSAGE(third.code == 0, third.all());
  CHECK(cluster.home.kubeloop({"down", "--name", "third"}).code == 0);
}

TEST_CASE("a second up with other wishes is refused, not ignored") {
  RunningCluster cluster;
  REQUIRE(cluster.up.code == 0);
  for (const auto& wish : std::vector<std::vector<std::string>>{
           {"--nodes", "5"}, {"--store", "memory"}, {"--insecure"}, {"--data", cluster.home.file("elsewhere")}}) {
    std::vector<std::string> arguments = {"up"};
    arguments.insert(arguments.end(), wish.begin(), wish.end());
    auto result = cluster.home.kubeloop(arguments);
    CHECK(result.code == 1);
    CHECK_MESSAGE(contains(result.err, "cluster \"kubeloop\" has "), result.err);
  }
  CHECK(cluster.home.kubeloop({"up", "--nodes", "3"}).code == 0);
}

TEST_CASE("a memory hub that died is another cluster: up begins anew") {
  RunningCluster cluster({"--store", "memory", "--nodes", "2"});
  REQUIRE_MESSAGE(cluster.up.code == 0, cluster.up.all());
  kill_and_wait(pid_of(cluster.home, "apiserver"));
  auto again = cluster.home.kubeloop({"up"});
  CHECK_MESSAGE(again.code == 0, again.all());
}

TEST_CASE("the user's kubeconfig keeps its links, its mode and its current context") {
  Home home;
  std::filesystem::create_directory(home.file("real"));
  write_text(home.file("real/config"),
             "apiVersion: v1\nkind: Config\ncurrent-context: prod\nclusters: []\n"
             "contexts: [{name: prod, context: {cluster: c, user: u}}]\nusers: []\n");
  std::filesystem::permissions(home.file("real/config"), std::filesystem::perms(0640));
  std::filesystem::create_symlink("real/config", home.file("link"));
  auto up = home.kubeloop({"up", "--nodes", "0", "--kubeconfig", home.file("link")});
  CHECK_MESSAGE(up.code == 0, up.all());
  CHECK(std::filesystem::is_symlink(home.file("link")));
  CHECK(contains(read_text(home.file("real/config")), "current-context: \"?kubeloop-kubeloop"));
  CHECK(home.kubeloop({"down", "--kubeconfig", home.file("link")}).code == 0);
  CHECK(contains(read_text(home.file("real/config")), "current-context: \"?prod"));
  CHECK((std::filesystem::status(home.file("real/config")).permissions() & std::filesystem::perms(0777)) ==
        std::filesystem::perms(0640));
  // What cannot be read as one is said before anything is started.
  write_text(home.file("broken"), "{{{ bad");
  auto broken = home.kubeloop({"up", "--kubeconfig", home.file("broken")});
  CHECK(broken.code == 1);
  CHECK(contains(broken.err, "broken:1:"));
  CHECK(home.kubeloop({"status"}).code == 1);
}

TEST_CASE("an interrupted run leaves nothing") {
  Home home;
  {
    RunningCommand run({program("kubeloop"), "run", scenario("pod-creation"), "--time", "real"}, home.environment());
    CHECK(run.wait_for_output("wait until"));
    run.kill(SIGINT);
    CHECK_FALSE(run.wait_for_output("never printed", 20));
  }
  CHECK(std::filesystem::is_empty(home.file("state")));
}

TEST_CASE("data of another version and damaged data are refused and kept") {
  Home home;
  std::string data = home.file("data");
  REQUIRE(home.kubeloop({"up", "--nodes", "1", "--data", data}).code == 0);
  REQUIRE(home.kubeloop({"down"}).code == 0);
  CHECK(std::filesystem::exists(data));  // given by the user: kept
  std::string file;
  for (const auto& entry : std::filesystem::directory_iterator(data)) {
    if (entry.path().extension() == ".db") file = entry.path().string();
  }
  REQUIRE_FALSE(file.empty());
  std::string bytes = read_text(file);
  std::string newer = bytes;
  newer[63] = 99;  // the user version, big-endian at offset 60 of the SQLite header
  write_text(file, newer);
  auto refused = home.kubeloop({"up", "--nodes", "1", "--data", data});
  CHECK(refused.code == 1);
  CHECK_MESSAGE(contains(refused.err, "format 99"), refused.err);
  CHECK(read_text(file) == newer);
  std::string damaged = bytes;
  for (std::size_t i = 100; i < damaged.size(); i += 3) damaged[i] = static_cast<char>(i * 37);
  write_text(file, damaged);
  auto broken = home.kubeloop({"up", "--nodes", "1", "--data", data});
  CHECK(broken.code == 1);
  CHECK_MESSAGE(contains(broken.err, "damaged|corrupt|malformed"), broken.err);
  CHECK(read_text(file) == damaged);
  write_text(file, bytes);
  CHECK(home.kubeloop({"up", "--nodes", "1", "--data", data}).code == 0);
  CHECK(home.kubeloop({"down"}).code == 0);
}

}  // namespace
}  // namespace kubeloop::tests
