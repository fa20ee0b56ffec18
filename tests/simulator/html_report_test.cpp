// The page of a run: whole, closed, the same every time, and safe whatever things are named. That it works in a browser
// is tested in tests/e2e/html_page_test.cpp.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "libs/base/crypto/base64.hpp"
#include "libs/base/crypto/sha256.hpp"
#include "simulator/report/html.hpp"
#include "simulator/report/page_data.hpp"
#include "simulator/run/run_scenario.hpp"
#include "tests/simulator/sample_report.hpp"

namespace kubeloop::simulator {
namespace {

using tests::kHostile;
using tests::occurrences;
using tests::sample_report;

std::string between(const std::string& text, const std::string& open, const std::string& close) {
  auto from = text.find(open);
  REQUIRE(from != std::string::npos);
  from += open.size();
  return text.substr(from, text.find(close, from) - from);
}

nlohmann::json data_of(const std::string& page) {
  return nlohmann::json::parse(between(page, R"(<script type="application/json" id="data">)", "</script>"));
}

std::string hash_of(const std::string& text) {
  return "'sha256-" + crypto::base64_encode(crypto::sha256(text)) + "'";
}

TEST_CASE("the page says what ran") {
  std::string page = to_html({sample_report()});
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.find("<title>sample-web · kubeloop</title>") != std::string::npos);
  CHECK(page.find("<h1>sample-web</h1>") != std::string::npos);
  CHECK(page.find("<code>kubeloop run web</code>") != std::string::npos);
  CHECK(page.find("1 step, all passed") != std::string::npos);
  auto run = data_of(page)["runs"][0];
  CHECK(run["lines"].size() == 4);
  CHECK(run["lines"][2]["rev"] == 47);
  CHECK(run["lines"][2]["cause"] == "46");
  CHECK(run["lines"][3]["code"] == 409);
  CHECK(run["objects"][0]["revisions"][1]["changes"] == nlohmann::json::parse(R"([[1,"added","node-1"]])"));
  CHECK(run["paths"][1] == "spec.nodeName");
  CHECK(run["lanes"][run["hub"].get<std::size_t>()]["name"] == "apiserver");
  CHECK(run["lanes"].size() == 4);
  CHECK(page.find("{{") == std::string::npos);
}

TEST_CASE("nothing but its own style and script may run, and nothing is fetched") {
  std::string page = to_html({sample_report()});
  std::string policy = between(page, R"(http-equiv="Content-Security-Policy" content=")", "\">");
  CHECK(policy.starts_with("default-src 'none'; "));
  CHECK(policy.find("style-src " + hash_of(between(page, "<style>", "</style>")) + ";") != std::string::npos);
  CHECK(policy.find("script-src " + hash_of(between(page, "<script>", "</script>")) + ";") != std::string::npos);
  CHECK(policy.find("unsafe") == std::string::npos);
  for (const char* address : {"https://", "src=", "@import", "url(", "<link"}) {
    CHECK_MESSAGE(page.find(address) == std::string::npos, address);
  }
  // Also not by the script: elements are made from text alone.
  std::string script = between(page, "<script>", "</script>");
  for (const char* way : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch("}) {
    CHECK_MESSAGE(script.find(way) == std::string::npos, way);
  }
}

TEST_CASE("hostile names stay text") {
  RunReport report = sample_report(kHostile);
  report.message = kHostile;
  report.story[0].details = {kHostile};
  report.story[0].actor = kHostile;
  report.objects.left_out[kHostile] = 3;
  std::string page = to_html({report, report});
  CHECK(occurrences(page, "<script") == 2);  // the data and the script
  CHECK(occurrences(page, "</script>") == 2);
  CHECK(page.find("<img") == std::string::npos);
  CHECK(page.find('\x01') == std::string::npos);
  CHECK(page.find('\xff') == std::string::npos);
  auto run = data_of(page)["runs"][1];
  CHECK(run["lines"][0]["details"][0].get<std::string>().starts_with("</script><img src=x onerror=alert(1)>\"'&"));
  CHECK(run["keys"][0].get<std::string>().starts_with("pods/default/</script>"));
  std::string data = page_data({report});
  for (char c : data) REQUIRE((c >= 0x20 && c < 0x7f && c != '<' && c != '>' && c != '&'));
}

TEST_CASE("large runs are cut, and the cuts are told") {
  RunReport report = sample_report();
  for (int i = 0; i < 50; ++i) report.pods.push_back(report.pods[0]);
  for (int i = 0; i < 20; ++i) report.objects.objects.push_back(report.objects.objects[0]);
  report.objects.left_out["events"] = 7;
  report.objects.objects[0].revisions[1].changes[0].after = std::string(5000, 'x');
  PageLimits limits;
  limits.lines = 3;
  limits.pods = 10;
  limits.object_bytes = 500;
  auto run = nlohmann::json::parse(page_data({report}, limits))["runs"][0];
  CHECK(run["lines"].size() == 3);
  CHECK(run["linesLeftOut"] == 1);
  CHECK(run["pods"].size() == 10);
  CHECK(run["podsLeftOut"] == 41);
  CHECK(run["objects"].size() < 21);
  CHECK(run["objectsLeftOut"]["events"] == 7);
  CHECK(run["objectsLeftOut"]["objects of any kind"] == 21 - run["objects"].size());
  limits = PageLimits();
  limits.line_bytes = 1;
  CHECK(nlohmann::json::parse(page_data({report}, limits))["runs"][0]["linesLeftOut"] == 3);
  std::string value = run["objects"][0]["revisions"][1]["changes"][0][2];
  CHECK(value.size() < 400);
  CHECK(value.ends_with("(5000 characters)"));
}

TEST_CASE("of many details the first ones and the last stay") {
  RunReport report = sample_report();
  report.story[0].details.clear();
  for (int i = 0; i < 40; ++i) report.story[0].details.push_back("node-" + std::to_string(i) + " 100 points");
  report.story[0].details.push_back("selected node-7");
  auto details = nlohmann::json::parse(page_data({report}))["runs"][0]["lines"][0]["details"];
  REQUIRE(details.size() == 12);
  CHECK(details[9] == "node-9 100 points");
  CHECK(details[10] == "and 30 more of this kind");
  CHECK(details[11] == "selected node-7");
}

TEST_CASE("the same seed gives the same page") {
  auto scenario = load_scenario(std::string(KUBELOOP_SOURCE_DIR) + "/scenarios/pod-creation.yaml");
  REQUIRE(scenario);
  VirtualRunOptions options;
  options.detail = Detail::kObjects;
  std::string page = to_html({run_in_virtual_time(*scenario, options)});
  CHECK(page == to_html({run_in_virtual_time(*scenario, options)}));
  auto run = data_of(page)["runs"][0];
  CHECK(run["objects"].size() > 10);
  CHECK(run["pods"].size() == 1);
  options.seed = 2;
  CHECK(page != to_html({run_in_virtual_time(*scenario, options)}));
}

}  // namespace
}  // namespace kubeloop::simulator
