// The user's kubeconfig files, by client-go's rules: which are read, which is changed, and that what was added goes
// again.
#include <doctest/doctest.h>

#include <filesystem>

#include "libs/api/codec/yaml.hpp"
#include "simulator/launcher/user_kubeconfig.hpp"
#include "tests/support/command.hpp"

using namespace kubeloop;
using namespace kubeloop::simulator;
using namespace kubeloop::tests;

namespace {

using Files = std::vector<std::string>;

const char* kOurs = R"({"apiVersion":"v1","kind":"Config","current-context":"kubeloop-a",
"clusters":[{"name":"kubeloop-a","cluster":{"server":"https://127.0.0.1:6443"}}],
"users":[{"name":"kubeloop-a","user":{}}],
"contexts":[{"name":"kubeloop-a","context":{"cluster":"kubeloop-a","user":"kubeloop-a"}}]})";

const char* kTheirs = R"(apiVersion: v1
kind: Config
current-context: work
clusters:
- name: work
  cluster: {server: "https://work"}
contexts:
- name: work
  context: {cluster: work, user: me}
users:
- name: me
  user: {token: secret}
preferences: {colors: true}
)";

nlohmann::json parsed(const std::string& path) {
  auto documents = api::parse_yaml(read_text(path), path);
  REQUIRE(documents);
  REQUIRE(documents->size() == 1);
  return (*documents)[0].value;
}

}  // namespace

TEST_CASE("the flag, then $KUBECONFIG, then ~/.kube/config") {
  CHECK(*kubeconfig_files("f", "a:b", "/home/me") == Files{"f"});
  CHECK(*kubeconfig_files("", ":a::b:a:", "/home/me") == Files{"a", "b"});
  CHECK(*kubeconfig_files("", "", "/home/me") == Files{"/home/me/.kube/config"});
  CHECK(*kubeconfig_files("", std::nullopt, "/home/me") == Files{"/home/me/.kube/config"});
  CHECK(kubeconfig_files("", ":", std::nullopt).error().code == 400);
}

TEST_CASE("what was added goes again, and nothing else") {
  TemporaryFolder folder;
  std::string path = folder.path() + "/config";
  write_text(path, kTheirs);
  auto before = parsed(path);
  auto added = add_to_kubeconfig({path}, kOurs, true);
  REQUIRE(added);
  CHECK(*added == Files{path});
  auto with_ours = parsed(path);
  CHECK(with_ours["current-context"] == "kubeloop-a");
  CHECK(with_ours["contexts"].size() == 2);
  CHECK(with_ours["users"][0] == before["users"][0]);
  // A second time changes nothing.
  REQUIRE(add_to_kubeconfig({path}, kOurs, true));
  CHECK(parsed(path) == with_ours);
  REQUIRE(remove_from_kubeconfig({path}, "kubeloop-a", "work"));
  CHECK(parsed(path) == before);
  CHECK_FALSE(std::filesystem::exists(path + ".lock"));
}

TEST_CASE("a current context that somebody else has chosen meanwhile stays, one that is gone is not restored") {
  TemporaryFolder folder;
  std::string path = folder.path() + "/config";
  write_text(path, kTheirs);
  REQUIRE(add_to_kubeconfig({path}, kOurs, false));
  CHECK(parsed(path)["current-context"] == "work");
  REQUIRE(remove_from_kubeconfig({path}, "kubeloop-a", "elsewhere"));
  CHECK(parsed(path)["current-context"] == "work");
  REQUIRE(add_to_kubeconfig({path}, kOurs, true));
  REQUIRE(remove_from_kubeconfig({path}, "kubeloop-a", "elsewhere"));
  CHECK(parsed(path)["current-context"] == "");
}

TEST_CASE("of several files: an entry is changed where it stands, a new one goes to the first that exists") {
  TemporaryFolder folder;
  std::string none = folder.path() + "/none", first = folder.path() + "/first", second = folder.path() + "/second";
  write_text(first, kTheirs);
  write_text(second, R"({"clusters":[{"name":"kubeloop-a","cluster":{"server":"https://old"}}]})");
  auto added = add_to_kubeconfig({none, first, second}, kOurs, true);
  REQUIRE(added);
  CHECK(*added == Files{first, second});
  CHECK(parsed(second)["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443");
  CHECK(parsed(first)["clusters"].size() == 1);
  CHECK(parsed(first)["current-context"] == "kubeloop-a");
  CHECK_FALSE(std::filesystem::exists(none));
  REQUIRE(remove_from_kubeconfig(*added, "kubeloop-a", "work"));
  CHECK(parsed(second)["clusters"].empty());
  CHECK(parsed(first)["current-context"] == "work");
}

TEST_CASE("when none of the list exists, the last is made") {
  TemporaryFolder folder;
  std::string one = folder.path() + "/one", two = folder.path() + "/deep/two";
  auto added = add_to_kubeconfig({one, two}, kOurs, true);
  REQUIRE(added);
  CHECK(*added == Files{two});
  CHECK_FALSE(std::filesystem::exists(one));
}

TEST_CASE("a lock that somebody holds, a broken file, a folder in the way") {
  TemporaryFolder folder;
  std::string path = folder.path() + "/config";
  write_text(path, kTheirs);
  write_text(path + ".lock", "");
  CHECK(add_to_kubeconfig({path}, kOurs, true).error().code == 409);
  CHECK(read_text(path) == kTheirs);
  CHECK(std::filesystem::exists(path + ".lock"));  // it is not ours
  std::string broken = folder.path() + "/broken";
  write_text(broken, "[1, 2");
  CHECK_FALSE(check_kubeconfig({path, broken}));
  CHECK_FALSE(add_to_kubeconfig({broken}, kOurs, true));
  CHECK_FALSE(std::filesystem::exists(broken + ".lock"));
  CHECK_FALSE(check_kubeconfig({folder.path()}));
  CHECK(*check_kubeconfig({folder.path() + "/missing", path}) == "work");
}
