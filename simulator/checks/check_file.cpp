#include "simulator/checks/check_file.hpp"

#include "simulator/checks/parse_check.hpp"
#include "simulator/scenario/input_file.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

Result<CheckFile> of_scenario(const std::string& path, std::string_view text) {
  auto scenario = parse_scenario(path, text);
  if (!scenario) return std::unexpected(scenario.error());
  if (scenario->checks.empty()) return failure(400, "BadRequest", path + ": the scenario has no spec.checks");
  return CheckFile{scenario->name, scenario->description, std::move(scenario->checks)};
}

}  // namespace

CheckFile read_check_file(Source& source) {
  CheckFile file;
  Fields root(source, source.document.value, "", "a file of checks");
  if (root.required_text("apiVersion") != "kubeloop.dev/v1") {
    source.fail("KL106", "/apiVersion", "apiVersion must be kubeloop.dev/v1", "kubeloop.dev/v1");
  }
  if (root.required_text("kind") != "Checks") source.fail("KL106", "/kind", "kind must be Checks or Scenario");
  static const json kEmpty = json::object();
  root.require("metadata");
  root.require("spec");
  const json* metadata = root.get("metadata");
  Fields meta(source, metadata ? *metadata : kEmpty, "/metadata", "the metadata of checks");
  file.name = meta.required_text("name");
  file.description = meta.text("description");
  meta.finish();
  const json* body = root.get("spec");
  Fields spec(source, body ? *body : kEmpty, "/spec", "the spec of checks");
  spec.require("checks");
  if (const json* checks = spec.get("checks")) file.checks = parse_named_checks(source, *checks, "/spec/checks");
  spec.finish();
  root.finish();
  return file;
}

Result<CheckFile> parse_check_file(const std::string& path, std::string_view text) {
  auto documents = api::parse_yaml(text, path);
  if (!documents) return std::unexpected(documents.error());
  if (documents->size() != 1) return failure(400, "BadRequest", path + ": must have one document");
  const auto& document = (*documents)[0];
  bool is_scenario = document.value.is_object() && document.value.value("kind", json()) == "Scenario";
  if (is_scenario) return of_scenario(path, text);
  Source source(path, document);
  CheckFile file = read_check_file(source);
  if (auto error = source.first_error()) return failure(*error);
  return file;
}

Result<CheckFile> load_check_file(const std::string& path) {
  auto text = read_input_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_check_file(path, *text);
}

}  // namespace kubeloop::simulator
