// The page of a real run in a headless Chromium, without a network (tests/e2e/html_page.py drives it), and the report
// files of `kubeloop run`: checked before anything runs, the same every time.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/e2e/cluster_fixture.hpp"

namespace kubeloop::tests {
namespace {

constexpr int kNoBrowser = 77;

std::string scenario(const std::string& name) {
  return std::string(KUBELOOP_SOURCE_DIR) + "/scenarios/" + name + ".yaml";
}

TEST_CASE("the page works in a browser, offline") {
  Home home;
  std::string page = home.file("run.html");
  auto run = home.kubeloop({"run", scenario("pod-creation"), "--time", "virtual", "--report", "html=" + page});
  REQUIRE_MESSAGE(run.code == 0, run.all());
  std::string screenshots = std::string(KUBELOOP_BIN_DIR) + "/../screenshots";
  auto used = run_command({"python3", std::string(KUBELOOP_SOURCE_DIR) + "/tests/e2e/html_page.py", page, screenshots},
                          {{"PYTHONDONTWRITEBYTECODE", "1"}}, "", 120);
  if (used.code == kNoBrowser) {
    MESSAGE("nothing was tried: ", used.out);
    return;
  }
  CHECK_MESSAGE(used.code == 0, used.all());
  for (const char* name : {"wide-light", "wide-dark", "phone-light", "phone-dark"}) {
    CHECK(std::filesystem::file_size(screenshots + "/" + name + ".png") > 10'000);
  }
}

TEST_CASE("the pages of all scenarios open without an error and fit") {
  Home home;
  std::string page = home.file("all.html");
  std::vector<std::string> arguments = {"run"};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(KUBELOOP_SOURCE_DIR) + "/scenarios")) {
    std::string text = read_text(entry.path());
    bool is_virtual = text.find("exec:") == std::string::npos;
    if (text.find("kind: Scenario") != std::string::npos && is_virtual) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  REQUIRE(files.size() >= 12);
  arguments.insert(arguments.end(), files.begin(), files.end());
  arguments.insert(arguments.end(), {"--time", "virtual", "--seed", "1", "--report", "html=" + page});
  auto run = home.kubeloop(arguments, 300);
  REQUIRE_MESSAGE(run.code == 0, run.all());
  auto opened = run_command({"python3", std::string(KUBELOOP_SOURCE_DIR) + "/tests/e2e/html_page.py", page},
                            {{"PYTHONDONTWRITEBYTECODE", "1"}}, "", 300);
  if (opened.code == kNoBrowser) {
    MESSAGE("nothing was tried: ", opened.out);
    return;
  }
  CHECK_MESSAGE(opened.code == 0, opened.all());
}

TEST_CASE("all reports at once, the same bytes twice") {
  Home home;
  auto run = [&](const std::string& prefix) {
    std::vector<std::string> arguments = {"run", scenario("pod-pending"), "--time", "virtual", "--seed", "3"};
    for (const char* format : {"json", "html", "mermaid", "junit"}) {
      arguments.push_back("--report");
      arguments.push_back(std::string(format) + "=" + home.file(prefix + format));
    }
    return home.kubeloop(arguments);
  };
  CHECK(run("a.").code == 0);
  CHECK(run("b.").code == 0);
  for (const char* format : {"json", "html", "mermaid", "junit"}) {
    std::string text = read_text(home.file("a." + std::string(format)));
    CHECK_MESSAGE(text.size() > 500, format);
    CHECK_MESSAGE(text == read_text(home.file("b." + std::string(format))), format);
  }
  CHECK(read_text(home.file("a.mermaid")).starts_with("sequenceDiagram\n"));
  CHECK(contains(read_text(home.file("a.junit")), "tests=\"16\" failures=\"0\""));
  // What is reported does not change what is recorded: the JSON is the same alone.
  auto alone = home.kubeloop(
      {"run", scenario("pod-pending"), "--time", "virtual", "--seed", "3", "--report", "json=" + home.file("c.json")});
  CHECK(alone.code == 0);
  CHECK(read_text(home.file("a.json")) == read_text(home.file("c.json")));
}

TEST_CASE("a file that cannot be written is told before anything runs") {
  Home home;
  for (const char* format : {"json", "html", "mermaid", "junit"}) {
    std::string path = home.file("nowhere/report");
    auto run = home.kubeloop(
        {"run", scenario("pod-creation"), "--time", "virtual", "--report", std::string(format) + "=" + path});
    CHECK(run.code == 1);
    CHECK(run.out.empty());
    CHECK(run.err ==
          "kubeloop: --report " + std::string(format) + "=" + path + " cannot be written: No such file or directory\n");
  }
  auto folder = home.kubeloop({"run", scenario("pod-creation"), "--report", "html=" + home.path()});
  CHECK(folder.err.ends_with("cannot be written: Is a directory\n"));
  auto twice = home.kubeloop({"run", scenario("pod-creation"), "--report", "html=x", "--report", "json=x"});
  CHECK(twice.code == 2);
  // Trying a path leaves nothing behind and takes nothing away.
  write_text(home.file("kept.xml"), "before");
  auto wrong = home.kubeloop({"run", scenario("no-such"), "--report", "junit=" + home.file("kept.xml")});
  CHECK(wrong.code == 1);
  CHECK(read_text(home.file("kept.xml")) == "before");
  CHECK(!std::filesystem::exists(home.file("kept.xml.new")));
}

}  // namespace
}  // namespace kubeloop::tests
