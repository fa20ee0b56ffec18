// A scenario document written as a file is the same document when it is read.
#include "simulator/sweep/scenario_text.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "libs/api/codec/yaml.hpp"
#include "libs/base/rng.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

json read(const std::string& text) {
  auto documents = api::parse_yaml(text, "written");
  REQUIRE_MESSAGE(documents.has_value(), documents.error().message, "\n", text);
  REQUIRE_MESSAGE(documents->size() == 1, text);
  return documents->front().value;
}

json document_with(json steps) {
  return {{"apiVersion", "kubeloop.dev/v1"},
          {"kind", "Scenario"},
          {"metadata", {{"name", "x"}}},
          {"spec", {{"seed", 3}, {"steps", std::move(steps)}}}};
}

const std::vector<std::string> kNasty = {"",           " ",
                                         "yes",        "No",
                                         "ON",         "off",
                                         "true",       "Null",
                                         "~",          "y",
                                         "1",          "1.0",
                                         "-1",         "1e3",
                                         "0x10",       "0o7",
                                         ".5",         ".inf",
                                         "NaN",        ".nan",
                                         "1_000",      "2026-01-01",
                                         "12:30:45",   ": ",
                                         "a: b",       "a #b",
                                         "#a",         "- a",
                                         "-",          "?",
                                         "? a",        "[a",
                                         "{a}",        "a, b",
                                         "a]",         "&a",
                                         "*a",         "!a",
                                         "|",          ">",
                                         "%a",         "@a",
                                         "`a",         "'a'",
                                         "\"a\"",      "it's",
                                         "a\"b",       "a\\b",
                                         "\\n",        "a\nb",
                                         "\n",         "a\n",
                                         "\ta",        "a\r\n",
                                         "naïve",      "日本",
                                         "😀",         "\u2028",
                                         "\x01",       "\x7f",
                                         " a",         "a ",
                                         "a:",         ":a",
                                         "---",        "...",
                                         "<<",         "=",
                                         "a/b",        "v1",
                                         "app=web",    "${n}",
                                         "nginx:1.27", "kubernetes.io/hostname",
                                         "e1",         "Infinity"};

TEST_CASE("texts of all kinds stay texts, as values, as keys and in lists") {
  for (const auto& text : kNasty) {
    CAPTURE(text);
    auto document =
        document_with({{{"sleep", text}}, {{"wait", {{"a", json::array({text, 1, text})}, {"b", nullptr}}}}});
    CHECK(read(scenario_text(document, "")) == document);
    if (text.empty() || text == "<<") continue;
    auto keyed = document_with({{{"apply", {{text, text}, {"more", {{text, json::object()}}}}}}});
    CHECK(read(scenario_text(keyed, "")) == keyed);
  }
}

json random_value(Rng& rng, int depth) {
  switch (rng.below(depth > 3 ? 5 : 7)) {
    case 0:
      return nullptr;
    case 1:
      return rng.below(2) == 0;
    case 2:
      return static_cast<std::int64_t>(rng.below(2'000'000)) - 1'000'000;
    case 3:
      return static_cast<double>(rng.below(1000)) / 8.0 + 0.125;
    case 4:
      return kNasty[rng.below(kNasty.size())];
    case 5: {
      json list = json::array();
      for (auto n = rng.below(4); n > 0; --n) list.push_back(random_value(rng, depth + 1));
      return list;
    }
    default: {
      json object = json::object();
      for (auto n = rng.below(4); n > 0; --n) object["k" + std::to_string(rng.below(9))] = random_value(rng, depth + 1);
      return object;
    }
  }
}

TEST_CASE("random documents are read back as they were") {
  Rng rng(3);
  for (int round = 0; round < 300; ++round) {
    json steps = json::array();
    for (auto n = rng.below(5); n > 0; --n) steps.push_back({{"step" + std::to_string(n), random_value(rng, 0)}});
    auto document = document_with(steps);
    document["spec"]["cluster"] = random_value(rng, 0);
    document["spec"]["faults"] = json::array({{{"at", "1s"}, {"node", random_value(rng, 2)}}});
    auto text = scenario_text(document, "");
    CHECK_MESSAGE(read(text) == document, text);
  }
}

TEST_CASE("one line a step, comments above") {
  auto text = scenario_text(document_with({{{"sleep", "1s"}}, {{"sleep", "2s"}, {"at", "3s"}}}), "One\nTwo: yes\n");
  CHECK(text ==
        "# One\n# Two: yes\napiVersion: kubeloop.dev/v1\nkind: Scenario\nmetadata: {name: x}\nspec:\n  seed: 3\n"
        "  steps:\n  - sleep: \"1s\"\n  - {at: \"3s\", sleep: \"2s\"}\n");
}

}  // namespace
}  // namespace kubeloop::simulator
