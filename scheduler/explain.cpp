#include "scheduler/explain.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"

namespace kubeloop::scheduler {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaxNodes = 50;    // beyond it, equal reasons are counted together
constexpr std::size_t kMaxExamples = 3;  // of nodes that one reason filtered
constexpr std::size_t kMaxScores = 20;   // listed on such clusters

ordered_json rejected_everywhere(const PluginStatus& status, std::size_t count) {
  ordered_json entry = ordered_json::object();
  entry["count"] = count;
  if (!status.plugin.empty()) entry["plugin"] = status.plugin;
  entry["reason"] = status.message();
  return entry;
}

ordered_json every_rejection(const Diagnosis& diagnosis) {
  ordered_json list = ordered_json::array();
  for (const auto& verdict : diagnosis.nodes) {
    ordered_json entry = ordered_json::object();
    entry["node"] = verdict.node->name;
    entry["plugin"] = verdict.status.plugin;
    entry["reason"] = verdict.status.message();
    list.push_back(std::move(entry));
  }
  return list;
}

ordered_json grouped_rejections(const Diagnosis& diagnosis) {
  struct Group {
    std::size_t count = 0;
    std::vector<std::string> examples;
  };
  std::map<std::pair<std::string, std::string>, Group> groups;
  for (const auto& verdict : diagnosis.nodes) {
    auto& group = groups[{std::string(verdict.status.plugin), verdict.status.message()}];
    if (++group.count <= kMaxExamples) group.examples.push_back(verdict.node->name);
  }
  ordered_json list = ordered_json::array();
  for (auto& [key, group] : groups) {
    ordered_json entry = ordered_json::object();
    entry["count"] = group.count;
    entry["plugin"] = key.first;
    entry["reason"] = key.second;
    entry["examples"] = std::move(group.examples);
    list.push_back(std::move(entry));
  }
  return list;
}

ordered_json filtered(const Verdict& verdict) {
  const auto& diagnosis = verdict.diagnosis;
  const bool is_large = verdict.node_count > kMaxNodes;
  ordered_json list = is_large ? grouped_rejections(diagnosis) : every_rejection(diagnosis);
  const std::size_t absent = verdict.node_count - std::min(verdict.node_count, diagnosis.nodes.size());
  if (!diagnosis.absent_nodes.reasons.empty() && absent > verdict.feasible_count) {
    list.push_back(rejected_everywhere(diagnosis.absent_nodes, absent - verdict.feasible_count));
  }
  return list;
}

ordered_json scores(const ScoreTable& table, std::size_t limit) {
  std::vector<std::size_t> rows(table.nodes.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(limit, rows.size()));
  std::partial_sort(rows.begin(), end, rows.end(), [&](std::size_t a, std::size_t b) {
    if (table.totals[a] != table.totals[b]) return table.totals[a] > table.totals[b];
    return table.nodes[a]->name < table.nodes[b]->name;
  });
  rows.erase(end, rows.end());
  ordered_json list = ordered_json::array();
  for (auto row : rows) {
    ordered_json entry = ordered_json::object();
    entry["node"] = table.nodes[row]->name;
    entry["total"] = table.totals[row];
    auto& plugins = entry["plugins"] = ordered_json::object();
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      ordered_json cell = ordered_json::object();
      cell["score"] = table.score(row, column);
      cell["weight"] = table.columns[column].weight;
      plugins[std::string(table.columns[column].plugin)] = std::move(cell);
    }
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string explain(const PodInfo& pod, int attempt, const Verdict& verdict) {
  const auto& meta = pod.pod->metadata;
  ordered_json note = ordered_json::object();
  note["pod"] = pod.key;
  note["uid"] = meta.uid;
  note["attempt"] = attempt;
  note["nodes"] = verdict.node_count;
  note["feasible"] = verdict.feasible_count;
  if (auto list = filtered(verdict); !list.empty()) note["filtered"] = std::move(list);
  const auto& table = verdict.scores;
  const std::size_t limit = verdict.node_count > kMaxNodes ? kMaxScores : kMaxNodes;
  if (!table.nodes.empty()) note["scores"] = scores(table, limit);
  if (table.nodes.size() > limit) note["scores_omitted"] = table.nodes.size() - limit;
  if (verdict.outcome == Verdict::Outcome::kScheduled) {
    note["selected"] = verdict.node;
  } else {
    note["verdict"] = verdict.message;
  }
  if (!verdict.tied.empty()) {
    auto& tie = note["tie"] = ordered_json::object();
    std::vector<std::string> nodes(verdict.tied.begin(), verdict.tied.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                                    verdict.tied.size(), kMaxNodes)));
    tie["count"] = verdict.tied.size();
    tie["nodes"] = std::move(nodes);
    tie["broken_by"] = "seeded draw";
  }
  note["revision"] = meta.revision();
  return api::json_text(note);
}

}  // namespace kubeloop::scheduler
