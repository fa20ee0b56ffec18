// Where `up` writes what kubectl needs, what `down` takes back, and the commands beside them: logs, completion.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/e2e/cluster_fixture.hpp"

namespace kubeloop::tests {
namespace {

const char* kProd =
    "apiVersion: v1\nkind: Config\ncurrent-context: prod\nclusters: [{name: prod, cluster: {server: "
    "\"https://prod\"}}]\n"
    "contexts: [{name: prod, context: {cluster: prod, user: prod}}]\nusers: [{name: prod, user: {token: secret}}]\n";

CommandResult kubeloop_with(const Home& home, const std::string& kubeconfig, std::vector<std::string> arguments) {
  auto environment = home.environment();
  environment["KUBECONFIG"] = kubeconfig;
  arguments.insert(arguments.begin(), program("kubeloop"));
  return run_command(arguments, environment, "", 90);
}

TEST_CASE("without flag and variable it is ~/.kube/config, made and emptied again") {
  Home home;
  auto up = home.kubeloop({"up", "--nodes", "0"});
  REQUIRE_MESSAGE(up.code == 0, up.all());
  std::string file = home.file(".kube/config");
  CHECK(contains(read_text(file), "current-context: \"?kubeloop-kubeloop"));
  CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms(0777)) == std::filesystem::perms(0600));
  CHECK(contains(up.out, "^kubectl get nodes\n"));  // nothing more has to be said

  auto logs = home.kubeloop({"logs", "apiserver"});
  CHECK(logs.code == 0);
  CHECK_MESSAGE(contains(logs.out, "ready port=[0-9]+"), logs.all());
  auto unknown = home.kubeloop({"logs", "etcd"});
  CHECK(unknown.code != 0);
  CHECK_MESSAGE(contains(unknown.err, "etcd"), unknown.all());

  CHECK(home.kubeloop({"down"}).code == 0);
  CHECK_FALSE(contains(read_text(file), "kubeloop-"));
  CHECK(home.kubeloop({"logs", "apiserver"}).code != 0);
}

TEST_CASE("the files of $KUBECONFIG: a context is added to the first that exists and taken out of it") {
  Home home;
  write_text(home.file("second"), kProd);
  std::string files = home.file("first") + ":" + home.file("second");
  auto up = kubeloop_with(home, files, {"up", "--nodes", "0", "--no-switch-context", "--name", "lab"});
  REQUIRE_MESSAGE(up.code == 0, up.all());
  CHECK_FALSE(std::filesystem::exists(home.file("first")));
  std::string text = read_text(home.file("second"));
  CHECK(contains(text, "name: \"?kubeloop-lab"));
  CHECK(contains(text, "current-context: \"?prod"));
  CHECK(contains(up.out, "--context kubeloop-lab"));  // it is not the current one
  CHECK(kubeloop_with(home, files, {"down", "--name", "lab"}).code == 0);
  text = read_text(home.file("second"));
  CHECK_FALSE(contains(text, "kubeloop-lab"));
  CHECK(contains(text, "token: \"?secret"));
  CHECK_FALSE(std::filesystem::exists(home.file("second.lock")));
}

TEST_CASE("a file that another program has locked is left alone, and said so before anything starts or stops") {
  Home home;
  write_text(home.file("config"), kProd);
  write_text(home.file("config.lock"), "");
  auto up = home.kubeloop({"up", "--nodes", "0", "--kubeconfig", home.file("config")});
  CHECK(up.code != 0);
  CHECK_MESSAGE(contains(up.err, "config.lock"), up.all());
  CHECK(read_text(home.file("config")) == kProd);
  home.kubeloop({"down"});
}

TEST_CASE("completion scripts, and the words they ask for") {
  Home home;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    auto script = home.kubeloop({"completion", shell});
    CHECK(script.code == 0);
    CHECK(script.out.size() > 100);
  }
  CHECK(home.kubeloop({"completion", "tcsh"}).code == 2);
  write_text(home.file("script"), home.kubeloop({"completion", "bash"}).out);
  // What bash would offer after "kubeloop lo".
  auto offered = run_command({"bash", "-c",
                              "PATH=" + std::string(KUBELOOP_BIN_DIR) + ":$PATH; . " + home.file("script") +
                                  "; COMP_WORDS=(kubeloop lo); COMP_CWORD=1; COMP_LINE='kubeloop lo'; COMP_POINT=11; "
                                  "$(complete -p kubeloop | sed 's/.*-F \\([^ ]*\\).*/\\1/') kubeloop lo kubeloop; "
                                  "printf '%s\\n' \"${COMPREPLY[@]}\""},
                             home.environment());
  CHECK_MESSAGE(offered.out == "logs\n", offered.all());
}

}  // namespace
}  // namespace kubeloop::tests
