// kubeloop lint: broken files with what must be said about them, and none to say about the scenarios that come along.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "simulator/scenario/input_file.hpp"
#include "simulator/scenario/lint/lint_scenario.hpp"
#include "simulator/scenario/lint/report.hpp"
#include "simulator/scenario/lint_codes.hpp"

namespace kubeloop::simulator {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = KUBELOOP_SOURCE_DIR;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

// As golden files write it: "KL101 8:40 MESSAGE" and "meant: ..." below; warnings say so, other files their name.
std::string golden_text(const LintFinding& finding, const std::string& path) {
  std::string file = finding.path == path ? "" : fs::path(finding.path).filename().string() + ":";
  std::string message = finding.message;
  // Messages about other files name them as they were found.
  std::string folder = fs::path(path).parent_path().string() + "/";
  for (auto at = message.find(folder); at != std::string::npos; at = message.find(folder))
    message.erase(at, folder.size());
  std::string text = fmt::format("{}{} {}{}:{} {}\n", finding.is_warning ? "warning " : "", finding.code, file,
                                 finding.line, finding.column, message);
  if (!finding.meant.empty()) text += "meant: " + finding.meant + "\n";
  return text;
}

// The comment lines at the top that begin with "# expect: " and "# meant: ".
std::string expected_of(const std::string& text) {
  std::string expected;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.starts_with("# expect: ")) expected += line.substr(10) + "\n";
    if (line.starts_with("# meant: ")) expected += line.substr(2) + "\n";
    if (!line.starts_with('#')) break;
  }
  return expected;
}

TEST_CASE("each broken file has exactly the findings that it says") {
  int count = 0;
  std::set<std::string> codes;
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kRoot / "tests/golden/lint")) {
    if (entry.path().extension() == ".yaml") files.insert(entry.path());
  }
  for (const auto& file : files) {
    std::string text = read(file);
    std::string expected = expected_of(text);
    if (text.starts_with("# a part")) continue;  // a manifest that another file names
    std::string found;
    for (const auto& finding : lint_scenario(file.string(), text)) {
      found += golden_text(finding, file.string());
      codes.insert(finding.code);
    }
    CHECK_MESSAGE(found == expected, file.filename().string(), "\nfound:\n", found, "expected:\n", expected);
    if (!expected.empty()) ++count;
  }
  CHECK(count >= 65);
  for (const auto& code : codes) CHECK_MESSAGE(find_lint_code(code), code);
}

TEST_CASE("the scenarios that come with kubeloop have no findings") {
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "scenarios")) {
    std::string path = entry.path().string();
    std::string text = read(entry.path());
    bool is_scenario = path.ends_with(".yaml") && text.find("kind: Scenario") != std::string::npos;
    if (!is_scenario) continue;
    CHECK_MESSAGE(to_text(lint_scenario(path, text)) == "", path);
    ++count;
  }
  CHECK(count >= 12);
}

TEST_CASE("codes are unique, in order, and explained") {
  std::string last;
  for (const auto& code : lint_codes()) {
    CHECK_MESSAGE(std::string(code.code) > last, code.code);
    last = code.code;
    CHECK_FALSE(code.meaning.empty());
    CHECK_FALSE(code.fix.empty());
  }
  REQUIRE(find_lint_code("kl104"));
  CHECK(explain(*find_lint_code("kl104")) ==
        "KL104: no duration\n\na number and its unit: ms, s, m or h, also together.\n\nwrong:\n  sleep: 10\nright:\n"
        "  sleep: 10s\n");
  CHECK_FALSE(find_lint_code("KL999"));
}

TEST_CASE("a finding is shown as compilers show theirs") {
  LintFinding finding;
  finding.code = "KL101";
  finding.path = "x.yaml";
  finding.line = 2;
  finding.column = 5;
  finding.message = "unknown key \"conditon\" in a wait step";
  finding.meant = "condition";
  CHECK(to_text(finding, "a\nb: {conditon: c}\n") ==
        "x.yaml:2:5: error KL101: unknown key \"conditon\" in a wait step\n"
        "    b: {conditon: c}\n"
        "        ^\n"
        "    meant: condition\n");
  CHECK(to_line(finding) == "x.yaml:2:5: unknown key \"conditon\" in a wait step (KL101): did you mean \"condition\"?");
  finding.is_warning = true;
  finding.meant.clear();
  // The caret counts characters, not bytes; tabs and bytes that are no text take one place.
  CHECK(to_text(finding, "a\n\t\xc3\xa4\xff-x\n") ==
        "x.yaml:2:5: warning KL101: unknown key \"conditon\" in a wait step\n     \xc3\xa4?-x\n       ^\n");
  finding.column = 301;
  std::string shown = to_text(finding, "a\n" + std::string(300, 'x') + "Y" + std::string(300, 'z') + "\n");
  CHECK(shown.find("\n    ..." + std::string(70, 'x') + "Y") != std::string::npos);
  CHECK(shown.find("\n    " + std::string(73, ' ') + "^\n") != std::string::npos);
  // The line may be gone meanwhile.
  CHECK(to_text(finding, "") == "x.yaml:2:301: warning KL101: unknown key \"conditon\" in a wait step\n");
}

TEST_CASE("the summary and the JSON count") {
  LintFinding error, warning;
  error.code = "KL101";
  warning.code = "KL310";
  warning.is_warning = true;
  CHECK(summary({error, warning, error}, 2) == "2 errors, 1 warning in 2 files");
  CHECK(summary({}, 1) == "0 errors, 0 warnings in 1 file");
  auto json = to_json({error, warning}, 1);
  CHECK(json["errors"] == 1);
  CHECK(json["warnings"] == 1);
  CHECK(json["findings"][1]["severity"] == "warning");
  CHECK_FALSE(json["findings"][1].contains("meant"));
}

TEST_CASE("a file that is not there is a finding") {
  auto findings = lint_scenario_file("/nowhere/x.yaml");
  REQUIRE(findings.size() == 1);
  CHECK(to_text(findings) == "/nowhere/x.yaml: error KL401: no such file, or it cannot be read\n");
}

}  // namespace
}  // namespace kubeloop::simulator
