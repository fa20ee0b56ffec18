#include "simulator/report/page_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "libs/api/time.hpp"
#include "simulator/report/lanes.hpp"

namespace kubeloop::simulator {
namespace {

using ordered = nlohmann::ordered_json;

// Numbers for texts that come again and again.
class Names {
 public:
  std::size_t number_of(const std::string& name) {
    auto [it, is_new] = numbers_.emplace(name, names_.size());
    if (is_new) names_.push_back(name);
    return it->second;
  }
  const std::vector<std::string>& all() const { return names_; }

 private:
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> names_;
};

class RunPage {
 public:
  RunPage(const RunReport& report, PageLimits limits) : report_(report), limits_(limits) {}

  ordered make() {
    ordered out = facts();
    out["steps"] = steps();
    add_story(out);
    add_pods(out);
    add_objects(out);
    out["actors"] = actors_.all();
    out["keys"] = keys_.all();
    out["paths"] = paths_.all();
    return out;
  }

 private:
  std::int64_t at(WallTime time) const { return (time - report_.began).count() / 1000; }
  ordered at(const std::optional<WallTime>& time) const { return time ? ordered(at(*time)) : ordered(nullptr); }

  ordered facts() const {
    ordered out = {{"scenario", report_.scenario},
                   {"verdict", verdict_name(report_.verdict)},
                   {"duration", report_.duration().count() / 1000},
                   {"flowEvents", report_.flow_events},
                   {"isTruncated", report_.is_truncated}};
    return out;
  }

  ordered steps() const {
    ordered list = ordered::array();
    for (const auto& step : report_.steps) {
      list.push_back({{"text", step.text},
                      {"verdict", verdict_name(step.verdict)},
                      {"from", at(step.started)},
                      {"to", at(step.ended)}});
    }
    return list;
  }

  // The last one says what came of it.
  ordered details_json(const std::vector<std::string>& details) const {
    ordered out = ordered::array();
    std::size_t kept =
        details.size() > limits_.details ? std::max<std::size_t>(limits_.details, 2) - 2 : details.size();
    for (std::size_t i = 0; i < kept; ++i) out.push_back(details[i]);
    if (kept == details.size()) return out;
    out.push_back(fmt::format("and {} more of this kind", details.size() - kept - 1));
    out.push_back(details.back());
    return out;
  }

  // Roughly what a line takes on the page.
  static std::size_t bytes_of(const ordered& line) {
    std::size_t bytes = 100 + line["object"].get_ref<const std::string&>().size();
    if (line.contains("details")) {
      for (const auto& detail : line["details"]) bytes += detail.get_ref<const std::string&>().size() + 3;
    }
    return line.contains("stages") ? bytes + 40 * line["stages"].size() : bytes;
  }

  // Members that say nothing are left out.
  ordered line_json(const StoryLine& line) {
    ordered out = {{"n", line.number}, {"t", at(line.time)}, {"actor", actors_.number_of(line.actor)}};
    out["action"] = line.action;
    out["object"] = line.object;
    if (!line.about.empty()) out["about"] = keys_.number_of(line.about);
    if (line.revision != 0) out["rev"] = line.revision;
    if (!line.cause.empty()) out["cause"] = line.cause;
    if (line.seen != 0) out["seen"] = line.seen;
    if (line.code != 0) out["code"] = line.code;
    if (!line.details.empty()) out["details"] = details_json(line.details);
    for (const auto& stage : line.stages) out["stages"].push_back({stage.name, stage.duration_us});
    return out;
  }

  void add_story(ordered& out) {
    ordered lines = ordered::array(), lanes = ordered::array(), places = ordered::array();
    std::size_t bytes = 0, count = 0;
    for (; count < std::min(report_.story.size(), limits_.lines) && bytes < limits_.line_bytes; ++count) {
      lines.push_back(line_json(report_.story[count]));
      bytes += bytes_of(lines.back());
    }
    Lanes found = lanes_of(report_.story);
    for (const auto& lane : found.lanes) {
      lanes.push_back({{"family", lane.family}, {"group", lane.group}, {"name", lane.name}});
    }
    for (const auto& actor : actors_.all()) places.push_back(found.places.at(actor));
    out["lines"] = std::move(lines);
    out["linesLeftOut"] = report_.story.size() - count;
    out["lanes"] = std::move(lanes);
    out["places"] = std::move(places);  // actor -> lane
    out["hub"] = found.hub;
  }

  void add_pods(ordered& out) {
    ordered pods = ordered::array();
    std::size_t count = std::min(report_.pods.size(), limits_.pods);
    for (std::size_t i = 0; i < count; ++i) {
      const auto& pod = report_.pods[i];
      pods.push_back({{"key", keys_.number_of("pods/" + pod.pod)},
                      {"node", pod.node},
                      {"created", at(pod.created)},
                      {"scheduled", at(pod.scheduled)},
                      {"pulled", at(pod.pulled)},
                      {"started", at(pod.started)},
                      {"ready", at(pod.ready)},
                      {"terminating", at(pod.terminating)},
                      {"deleted", at(pod.deleted)}});
      // The first is told already.
      for (std::size_t j = 1; j < pod.readiness.size(); ++j) pods.back()["readiness"].push_back(at(pod.readiness[j]));
    }
    out["pods"] = std::move(pods);
    out["podsLeftOut"] = report_.pods.size() - count;
  }

  ordered value_json(const nlohmann::json& value) {
    if (value.is_string() && value.get_ref<const std::string&>().size() > limits_.value) {
      const auto& text = value.get_ref<const std::string&>();
      return fmt::format("{} ... ({} characters)", text.substr(0, limits_.value / 4), text.size());
    }
    return value.is_string() ? ordered(value.get<std::string>()) : ordered::parse(value.dump());
  }

  // [path, kind of change, values...]
  ordered change_json(const FieldChange& change) {
    ordered out = {paths_.number_of(change.path)};
    out.push_back(!change.before ? "added" : !change.after ? "removed" : "changed");
    if (change.before) out.push_back(value_json(*change.before));
    if (change.after) out.push_back(value_json(*change.after));
    for (std::size_t i = 2; i < out.size(); ++i) bytes_ += out[i].is_string() ? out[i].size() + 20 : 20;
    return out;
  }

  ordered revision_json(const ObjectRevision& revision) {
    ordered out = {{"rev", revision.revision}, {"t", at(revision.time)}, {"type", revision.type}};
    if (!revision.actor.empty()) out["actor"] = revision.actor;
    if (!revision.verb.empty()) out["verb"] = revision.verb;
    if (!revision.cause.empty()) out["cause"] = revision.cause;
    if (revision.heartbeats != 0) out["heartbeats"] = revision.heartbeats;
    ordered changes = ordered::array();
    // Of what is removed the name is enough.
    if (revision.type != "DELETED") {
      for (const auto& change : revision.changes) changes.push_back(change_json(change));
    }
    out["changes"] = std::move(changes);
    return out;
  }

  void add_objects(ordered& out) {
    ordered objects = ordered::array(), left_out = ordered::object();
    std::size_t beyond = 0;
    for (const auto& object : report_.objects.objects) {
      if (bytes_ >= limits_.object_bytes) {
        ++beyond;
        continue;
      }
      ordered entry = {{"key", keys_.number_of(object.key)}};
      ordered revisions = ordered::array();
      for (const auto& revision : object.revisions) revisions.push_back(revision_json(revision));
      entry["revisions"] = std::move(revisions);
      if (object.heartbeats != 0) entry["heartbeats"] = object.heartbeats;
      if (object.left_out != 0) entry["leftOut"] = object.left_out;
      objects.push_back(std::move(entry));
    }
    for (const auto& [resource, count] : report_.objects.left_out) left_out[resource] = count;
    if (beyond != 0) left_out["objects of any kind"] = beyond;
    out["objects"] = std::move(objects);
    out["objectsLeftOut"] = std::move(left_out);
  }

  const RunReport& report_;
  PageLimits limits_;
  Names actors_, keys_, paths_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::string page_data(const std::vector<RunReport>& reports, PageLimits limits) {
  ordered runs = ordered::array();
  for (const auto& report : reports) runs.push_back(RunPage(report, limits).make());
  ordered out = {{"format", 1}, {"runs", std::move(runs)}};
  std::string text = out.dump(-1, ' ', true, ordered::error_handler_t::replace), safe;
  // These characters stand only inside strings.
  for (char c : text) {
    if (c == '<' || c == '>' || c == '&') {
      safe += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace kubeloop::simulator
