#include "simulator/story/story.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "libs/api/schema/schema.hpp"
#include "simulator/story/change_text.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// The actor under which a scenario's own steps reach the hub.
constexpr std::string_view kUser = "kubeloop";

class Teller {
 public:
  Teller(std::span<const FlowEvent> events, const ObjectRecord& objects, const std::string& store)
      : events_(events), objects_(objects), store_(store) {}

  std::vector<StoryLine> tell() {
    index();
    for (const auto& event : events_) {
      bool is_opening = first_user_seq_ == 0 || event.seq < first_user_seq_;
      if (event.kind == "gap") {
        tell_gap(event);
      } else if (event.kind == "commit") {
        is_opening ? tell_opening(event) : tell_commit(event);
      } else if (event.kind == "note") {
        tell_note(event);
      } else if (event.kind == "request" && !is_opening) {
        tell_refused(event);
      } else if (event.kind == "delivery" && !is_opening) {
        tell_delivery(event);
      }
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) lines_[i].number = static_cast<int>(i) + 1;
    return std::move(lines_);
  }

 private:
  // Which requests went through which stages, and where the scenario itself begins to act.
  void index() {
    for (const auto& event : events_) {
      if (event.kind == "stage") index_stage(event);
      bool is_user_write = event.kind == "commit" && event.actor == kUser;
      if (is_user_write && first_user_seq_ == 0) first_user_seq_ = event.seq;
      if (event.kind == "commit" && event.verb == "create" && event.parts().resource == "nodes") {
        if (first_node_.empty()) first_node_ = event.object;
      }
    }
    if (first_user_seq_ == 0) return;
    // The user's own request comes before its commit.
    for (const auto& event : events_) {
      if (event.kind == "request" && event.actor == kUser && event.verb != "get" && event.verb != "list" &&
          event.verb != "watch") {
        first_user_seq_ = std::min(first_user_seq_, event.seq);
      }
    }
  }

  void index_stage(const FlowEvent& event) {
    if (event.actor == kUser) stages_[event.id].push_back(&event);
    if (event.stage == "response" && event.code >= 400) refused_[event.id] = event.code;
  }

  StoryLine line_of(const FlowEvent& event, std::string action) const {
    StoryLine line;
    line.time = event.time;
    line.actor = event.actor;
    line.action = std::move(action);
    line.object = event.object;
    line.about = event.key();
    line.revision = event.kind == "commit" ? event.revision : 0;
    if (event.actor != kUser) line.cause = event.cause;  // what the user does has no cause here
    return line;
  }

  std::vector<std::string> phrases_of(const FlowEvent& event) const {
    const auto* change = objects_.find(event.revision);
    if (!change) return {};
    if (change->type == "DELETED") return {"the object is removed"};
    const auto* before = objects_.find(change->previous);
    if (before && before->type == "DELETED") before = nullptr;  // the name was used before
    return change_phrases(before ? before->parsed() : json(), change->parsed());
  }

  void tell_gap(const FlowEvent& event) {
    StoryLine line = line_of(event, "gap");
    line.actor = "apiserver";
    line.details.push_back("the flow log has lost events here: " + event.data.dump());
    lines_.push_back(std::move(line));
  }

  bool is_about_first_node(const FlowEvent& event) const {
    auto parts = event.parts();
    return parts.resource == "nodes" && "nodes/" + parts.name == first_node_;
  }

  void tell_opening(const FlowEvent& event) {
    auto parts = event.parts();
    if (parts.resource != "nodes") return;
    if (!is_about_first_node(event)) {
      if (event.verb == "create") tell_another_node(event);
      return;
    }
    auto phrases = phrases_of(event);
    if (phrases.empty()) return;
    StoryLine line = line_of(event, event.verb);
    line.details = std::move(phrases);
    if (event.verb == "create") line.details.push_back("the taint was added by admission (TaintNodesByCondition)");
    lines_.push_back(std::move(line));
  }

  // The first of the other nodes gets one line, which counts them all.
  void tell_another_node(const FlowEvent& event) {
    ++other_nodes_;
    if (other_nodes_ == 1) {
      other_nodes_line_ = lines_.size();
      StoryLine line = line_of(event, "create");
      line.actor = "kubelet-sim";
      line.object = "nodes";
      line.about.clear();
      line.revision = 0;
      line.cause.clear();
      lines_.push_back(std::move(line));
    }
    lines_[other_nodes_line_].details = {
        fmt::format("{} more {} the same way", other_nodes_, other_nodes_ == 1 ? "node registers" : "nodes register")};
  }

  void tell_commit(const FlowEvent& event) {
    auto parts = event.parts();
    if (parts.resource.starts_with("leases")) return;
    if (parts.resource.starts_with("events")) {
      tell_event(event);
      return;
    }
    auto phrases = phrases_of(event);
    if (event.actor == kUser && event.verb == "create") users_own_.insert(event.key());
    bool is_recorded = objects_.find(event.revision) != nullptr;
    if (is_recorded && phrases.empty() && event.verb != "create") return;  // a heartbeat, or nothing to point at
    StoryLine line = line_of(event, parts.subresource == "binding" ? "bind" : event.verb);
    line.details = std::move(phrases);
    if (event.actor == kUser) add_stages(event, line);
    lines_.push_back(std::move(line));
  }

  // The stages that the user's request went through, with their times.
  void add_stages(const FlowEvent& event, StoryLine& line) const {
    auto it = stages_.find(event.id);
    if (it == stages_.end()) return;
    for (const auto* stage : it->second) {
      if (stage->stage == "response") continue;
      std::string name = stage->stage;
      if (name == "storage") name += " (" + store_ + ", in the place of etcd)";
      line.stages.push_back({name, stage->duration_us});
    }
  }

  // A write that the hub did not take. Its commit is missing, so the request stands for it.
  void tell_refused(const FlowEvent& event) {
    static const std::set<std::string> kReads = {"get", "list", "watch"};
    auto refused = refused_.find(event.id);
    auto parts = event.parts();
    if (refused == refused_.end() || kReads.contains(event.verb) || parts.resource == "leases") return;
    StoryLine line = line_of(event, parts.subresource == "binding" ? "bind" : event.verb);
    line.code = refused->second;
    line.details.push_back(fmt::format("refused with code {}{}", line.code, meaning_of(line.code)));
    lines_.push_back(std::move(line));
  }

  static std::string_view meaning_of(int code) {
    switch (code) {
      case 403:
        return ": not allowed";
      case 404:
        return ": it is not there";
      case 409:
        return ": it exists already, or somebody else was faster";
      case 422:
        return ": the object is not valid";
      case 429:
        return ": not now, try again later";
      default:
        return "";
    }
  }

  void tell_event(const FlowEvent& event) {
    const auto* change = objects_.find(event.revision);
    if (!change || change->type == "DELETED") return;
    auto object = change->parsed();
    const json about = object.value("involvedObject", json::object());
    StoryLine line = line_of(event, "event");
    line.object = about.value("kind", "") + " " + about.value("name", "");
    line.about = key_of(about);
    std::string count = object.value("count", 1) > 1 ? fmt::format(" (x{})", object.value("count", 1)) : "";
    line.details.push_back(fmt::format("{} {}: {}{}", object.value("type", ""), object.value("reason", ""),
                                       object.value("message", ""), count));
    lines_.push_back(std::move(line));
  }

  // An event names what it is about by kind; the flow log by resource.
  static std::string key_of(const json& reference) {
    std::string kind = reference.value("kind", "");
    for (const auto& known : api::Schema::builtin().kinds()) {
      if (known->kind != kind || !known->is_served) continue;
      std::string namespace_ = known->is_namespaced ? reference.value("namespace", "") : "";
      return known->plural + "/" + (namespace_.empty() ? "" : namespace_ + "/") + reference.value("name", "");
    }
    return "";
  }

  // Of pods: the first time that the scheduler or a kubelet hears of one. Of what the user made: the first time that
  // any controller does.
  bool is_told_delivery(const FlowEvent& event) const {
    if (event.object.starts_with("pods/")) {
      return event.actor.starts_with("scheduler") || event.actor.starts_with("kubelet-sim");
    }
    return event.actor.starts_with("controller-manager") && users_own_.contains(event.object);
  }

  void tell_delivery(const FlowEvent& event) {
    if (!is_told_delivery(event) || !seen_.insert(event.actor + " " + event.object).second) return;
    StoryLine line = line_of(event, "sees");
    line.seen = event.revision;
    line.details.push_back(fmt::format("its watch brings revision {}", event.revision));
    lines_.push_back(std::move(line));
  }

  static std::string filtered_text(const json& filtered) {
    std::map<std::string, std::vector<std::string>> by_reason;
    for (const auto& entry : filtered) {
      std::string reason = entry.value("plugin", "") + ": " + entry.value("reason", "");
      if (entry.contains("node")) by_reason[reason].push_back(entry.value("node", ""));
      if (entry.contains("count")) by_reason[reason].push_back(entry["count"].dump() + " nodes");
    }
    std::string text;
    for (const auto& [reason, nodes] : by_reason) {
      text += fmt::format("{}{} ({})", text.empty() ? "filtered out: " : "; ", fmt::join(nodes, ", "), reason);
    }
    return text;
  }

  static std::string scores_text(const json& entry) {
    std::string text;
    const json plugins = entry.value("plugins", json::object());  // named: g++ 12 would drop a temporary here
    for (const auto& [name, score] : plugins.items()) {
      text +=
          fmt::format("{}{} {}x{}", text.empty() ? "" : ", ", name, score.value("score", 0), score.value("weight", 1));
    }
    return fmt::format("{} {} points: {}", entry.value("node", ""), entry.value("total", 0), text);
  }

  void tell_note(const FlowEvent& event) {
    if (!event.data.is_object() || !event.data.contains("pod")) return;
    StoryLine line = line_of(event, "decides");
    line.object = "pods/" + event.data.value("pod", "");
    line.about = line.object;
    if (event.data.contains("revision")) line.cause = event.data["revision"].dump();
    std::string filtered = filtered_text(event.data.value("filtered", json::array()));
    if (!filtered.empty()) line.details.push_back(filtered);
    for (const auto& entry : event.data.value("scores", json::array())) line.details.push_back(scores_text(entry));
    if (event.data.contains("selected")) line.details.push_back("selected " + event.data.value("selected", ""));
    if (event.data.contains("verdict")) line.details.push_back(event.data.value("verdict", ""));
    lines_.push_back(std::move(line));
  }

  std::span<const FlowEvent> events_;
  const ObjectRecord& objects_;
  const std::string& store_;
  std::vector<StoryLine> lines_;
  std::map<std::string, std::vector<const FlowEvent*>> stages_;  // of the user's requests
  std::map<std::string, int> refused_;                           // request -> code
  std::uint64_t first_user_seq_ = 0;
  std::string first_node_;
  int other_nodes_ = 0;
  std::size_t other_nodes_line_ = 0;
  std::set<std::string> seen_;
  std::set<std::string> users_own_;  // what the scenario created
};

}  // namespace

std::string stages_text(const StoryLine& line) {
  std::string text;
  for (const auto& stage : line.stages) {
    text += fmt::format("{}{} {} us", text.empty() ? "" : " > ", stage.name, stage.duration_us);
  }
  return text;
}

std::vector<StoryLine> tell_story(std::span<const FlowEvent> events, const ObjectRecord& objects,
                                  const std::string& store) {
  return Teller(events, objects, store).tell();
}

}  // namespace kubeloop::simulator
