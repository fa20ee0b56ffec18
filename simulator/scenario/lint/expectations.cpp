#include "simulator/scenario/lint/expectations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/fields.hpp"
#include "simulator/scenario/lint/conditions.hpp"
#include "simulator/scenario/lint/meant.hpp"
#include "simulator/scenario/lint/schema_walk.hpp"
#include "simulator/scenario/lint/visit.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// Condition types of the author's own: readiness gates, and what manifests or patches set.
void collect_own_conditions(const json& value, std::set<std::string>& found) {
  if (value.is_object()) {
    for (const char* key : {"conditionType", "type"}) {
      auto it = value.find(key);
      if (it != value.end() && it->is_string()) found.insert(it->get<std::string>());
    }
  }
  if (!value.is_structured()) return;
  for (const auto& inner : value) collect_own_conditions(inner, found);
}

class Checker {
 public:
  explicit Checker(Source& source) : source_(source) {
    visit(source.document.value, "", [this](const std::string& pointer, const json& value) {
      bool is_manifest = value.is_object() && value.contains("apiVersion") && !pointer.empty();
      if (is_manifest || pointer.ends_with("/patch")) collect_own_conditions(value, own_conditions_);
      return !is_manifest;
    });
  }

  void check(const std::string& pointer, const json& value) {
    for (const char* key : {"object", "objects", "regarding"}) {
      auto it = value.find(key);
      if (it == value.end() || !it->is_string()) continue;
      check_asked(pointer, std::string(key), it->get<std::string>(), value);
    }
  }

 private:
  void check_asked(const std::string& pointer, const std::string& key, const std::string& text, const json& value) {
    ObjectPath path;
    path.kind = text;
    if (key != "objects") {
      auto parsed = parse_object_path(text);
      if (!parsed) return;  // the parser has said so
      path = *parsed;
    }
    std::string at = pointer + "/" + key;
    const auto* kind = find_served_kind(path.kind);
    if (!kind) return report_kind(at, path);
    if (!kind->is_namespaced && !path.namespace_.empty()) {
      source_.fail("KL210", at, "a " + kind->kind + " belongs to no namespace", path.kind + "/" + path.name);
    }
    auto condition = value.find("condition");
    if (condition != value.end() && condition->is_string())
      check_condition(pointer + "/condition", *kind, condition->get<std::string>());
    check_document(pointer, "matches", Document::kPattern, *kind, value);
    check_document(pointer, "with", Document::kPatch, *kind, value);
    bool is_scaled = pointer.ends_with("/scale");
    bool can_scale = std::ranges::any_of(kind->subresources, [](const auto& sub) { return sub.name == "scale"; });
    if (is_scaled && !can_scale) source_.fail("KL218", at, "a " + kind->kind + " cannot be scaled");
    if (pointer.ends_with("/undo") && kind->kind != "Deployment")
      source_.fail("KL218", at, "a " + kind->kind + " has no rollout to undo, only a Deployment has");
  }

  void report_kind(const std::string& pointer, const ObjectPath& path) {
    std::string meant = meant_kind(path.kind);
    ObjectPath better = path;
    better.kind = meant;
    if (!meant.empty() && !path.name.empty()) meant = better.text();
    const auto* kind = find_served_kind(better.kind);
    if (path.name.empty() && kind) meant = kind->plural;
    source_.fail("KL202", pointer, "there is no kind \"" + path.kind + "\"", meant);
  }

  void check_condition(const std::string& pointer, const api::KindInfo& kind, const std::string& text) {
    auto equals = text.find('=');
    std::string type = text.substr(0, equals);
    std::string status = equals == std::string::npos ? "True" : text.substr(equals + 1);
    if (!has_conditions(kind)) {
      return source_.fail("KL209", pointer, "a " + kind.kind + " has no conditions", "ask with \"matches\"");
    }
    const auto& known = known_conditions(kind.kind);
    bool is_known = known.empty() || std::ranges::find(known, type) != known.end() || own_conditions_.contains(type);
    if (!is_known) {
      std::string meant = did_you_mean(type, known);
      if (!meant.empty() && equals != std::string::npos) meant += "=" + status;
      if (meant.empty()) meant = fmt::format("its conditions are {}", fmt::join(known, ", "));
      return source_.fail("KL209", pointer, "a " + kind.kind + " never has a condition \"" + type + "\"", meant);
    }
    static const std::vector<std::string> kStatus = {"True", "False", "Unknown"};
    if (std::ranges::find(kStatus, status) != kStatus.end()) return;
    std::string meant = did_you_mean(status, kStatus);
    source_.fail("KL209", pointer, "a condition is True, False or Unknown, never \"" + status + "\"",
                 meant.empty() ? "" : type + "=" + meant);
  }

  void check_document(const std::string& pointer, const std::string& key, Document document, const api::KindInfo& kind,
                      const json& value) {
    auto it = value.find(key);
    if (it == value.end() || !it->is_object() || !kind.type) return;
    SchemaWalk(source_, document, kind.kind).check(pointer + "/" + key, *kind.type, *it);
  }

  Source& source_;
  std::set<std::string> own_conditions_;
};

}  // namespace

void check_expectations(Source& source) {
  Checker checker(source);
  visit(source.document.value, "", [&checker](const std::string& pointer, const json& value) {
    bool is_manifest = value.is_object() && value.contains("apiVersion") && !pointer.empty();
    if (value.is_object() && !is_manifest) checker.check(pointer, value);
    return !is_manifest;
  });
}

}  // namespace kubeloop::simulator
