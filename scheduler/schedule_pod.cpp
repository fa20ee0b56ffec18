#include "scheduler/schedule_pod.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "scheduler/filter_run.hpp"

namespace kubeloop::scheduler {
namespace {

using Code = PluginStatus::Code;
using Feasible = std::vector<const NodeInfo*>;

// One decision in the making. Each step returns false when it has ended the decision.
class Decision {
 public:
  Decision(const Profile& profile, const Snapshot& snapshot, const PodInfo& pod, Rng& rng, std::size_t start)
      : profile_(profile),
        snapshot_(snapshot),
        pod_(pod),
        rng_(rng),
        start_(start),
        filters_(profile, snapshot, pod, verdict_.state) {
    verdict_.node_count = snapshot.nodes.size();
    verdict_.next_start = start;
  }

  Verdict run() {
    if (snapshot_.nodes.empty()) {
      verdict_.is_nomination_cleared = true;
      reject("no nodes available to schedule pods");
      return std::move(verdict_);
    }
    if (find_feasible()) {
      verdict_.feasible_count = feasible_.size();
      if (feasible_.empty()) {
        explain_failure();
      } else if (feasible_.size() == 1 || score()) {
        select();
      }
    }
    return std::move(verdict_);
  }

 private:
  void reject(std::string message) {
    verdict_.outcome = Verdict::Outcome::kUnschedulable;
    verdict_.message = std::move(message);
  }

  bool fail(std::string message) {
    verdict_.outcome = Verdict::Outcome::kError;
    verdict_.message = std::move(message);
    verdict_.is_nomination_cleared = true;
    return false;
  }

  bool find_feasible() {
    auto& diagnosis = verdict_.diagnosis;
    auto status = filters_.pre_filter();
    diagnosis.unschedulable_plugins = filters_.narrowing_plugins();
    if (status.is_rejected()) {
      diagnosis.add_rejector(status);
      diagnosis.pre_filter_message = status.message();
      diagnosis.absent_nodes = std::move(status);
      return true;
    }
    if (!status.is_success()) return fail(status.message());
    if (try_nominated_node()) return verdict_.message.empty();
    return search(candidates());
  }

  // True when it decided: the nominated node is the only feasible one, or a filter failed.
  bool try_nominated_node() {
    const auto* node = snapshot_.find(pod_.pod->status.nominatedNodeName);
    if (node == nullptr) return false;
    auto status = filters_.filter(*node);
    if (status.is_success()) {
      feasible_.push_back(node);
      return true;
    }
    if (!status.is_rejected()) return !fail(status.message());
    note_rejection(*node, std::move(status));
    return false;
  }

  Feasible candidates() {
    const auto& narrowed = filters_.narrowed_nodes();
    if (!narrowed) return snapshot_.nodes;
    Feasible nodes;
    for (const auto& name : *narrowed) {
      if (const auto* node = snapshot_.find(name)) nodes.push_back(node);
    }
    auto text = fmt::format("node(s) didn't satisfy plugin(s) {}", bracketed(filters_.narrowing_plugins()));
    verdict_.diagnosis.absent_nodes = PluginStatus::unresolvable(std::move(text));
    return nodes;
  }

  bool search(const Feasible& nodes) {
    const std::size_t wanted = profile_.score.empty() ? 1 : nodes_to_find(nodes.size(), profile_.percentage_of_nodes);
    bool is_ok = true;
    for (std::size_t i = 0; i < nodes.size() && is_ok; ++i) {
      const NodeInfo& node = *nodes[(start_ + i) % nodes.size()];
      auto status = filters_.filter(node);
      if (status.is_success()) {
        if (feasible_.size() == wanted) break;
        feasible_.push_back(&node);
      } else if (status.is_rejected()) {
        note_rejection(node, std::move(status));
      } else {
        is_ok = fail(status.message());
      }
    }
    const std::size_t processed = feasible_.size() + verdict_.diagnosis.nodes.size();
    verdict_.next_start = (start_ + processed) % snapshot_.nodes.size();
    return is_ok;
  }

  // A nominated node that failed before keeps its place and takes the later status.
  void note_rejection(const NodeInfo& node, PluginStatus status) {
    auto& diagnosis = verdict_.diagnosis;
    diagnosis.add_rejector(status);
    bool is_first_nominated = !diagnosis.nodes.empty() && diagnosis.nodes.front().node == &node;
    if (is_first_nominated) {
      diagnosis.nodes.front().status = std::move(status);
    } else {
      diagnosis.nodes.push_back(NodeVerdict{&node, std::move(status)});
    }
  }

  void explain_failure() {
    auto& diagnosis = verdict_.diagnosis;
    const std::function<PluginStatus(const NodeInfo&)> run_filters = [this](const NodeInfo& node) {
      return filters_.filter(node);
    };
    const PostFilterInput input{verdict_.state, pod_, snapshot_, diagnosis, run_filters};
    PluginStatus summary;
    for (const auto& entry : profile_.post_filter) {
      auto result = entry.point->post_filter(input);
      verdict_.is_nomination_cleared = verdict_.is_nomination_cleared || result.is_nomination_cleared;
      auto& status = result.status;
      // A rejection's reasons are gathered; anything else ends the list and stands alone.
      if (status.code != Code::kUnschedulable) {
        summary = std::move(status);
        break;
      }
      for (auto& reason : status.reasons) summary.reasons.push_back(std::move(reason));
    }
    diagnosis.post_filter_message = summary.message();
    reject(fit_error_text(diagnosis, snapshot_.nodes.size()));
  }

  bool pre_score(std::vector<bool>& is_skipped) {
    for (const auto& entry : profile_.pre_score) {
      auto status = entry.point->pre_score(verdict_.state, pod_, feasible_);
      if (status.is_skip()) {
        is_skipped[entry.index] = true;
      } else if (!status.is_success()) {
        return fail(fmt::format("running PreScore plugin \"{}\": {}", entry.plugin->name(), status.message()));
      }
    }
    return true;
  }

  bool score() {
    std::vector<bool> is_skipped(profile_.plugin_count(), false);
    if (!pre_score(is_skipped)) return false;
    auto& table = verdict_.scores;
    std::vector<const ScorePlugin*> points;
    for (const auto& entry : profile_.score) {
      if (is_skipped[entry.index]) continue;
      table.columns.push_back({entry.plugin->name(), entry.weight});
      points.push_back(entry.point);
    }
    table.nodes = feasible_;
    table.scores.resize(feasible_.size() * points.size());
    table.totals.assign(feasible_.size(), 0);
    for (std::size_t column = 0; column < points.size(); ++column) {
      if (!score_column(*points[column], column)) return false;
    }
    return true;
  }

  bool score_column(const ScorePlugin& point, std::size_t column) {
    auto& table = verdict_.scores;
    std::vector<std::int64_t> scores(feasible_.size());
    for (std::size_t i = 0; i < feasible_.size(); ++i) {
      scores[i] = point.score(verdict_.state, pod_, *feasible_[i], snapshot_);
    }
    point.normalize(scores);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (scores[i] < 0 || scores[i] > kMaxNodeScore) {
        return fail(
            fmt::format("applying score defaultWeights on Score plugins: plugin \"{}\" returns an invalid score {}, "
                        "it should in the range of [0, {}] after normalizing",
                        table.columns[column].plugin, scores[i], kMaxNodeScore));
      }
      table.scores[i * table.columns.size() + column] = scores[i];
      table.totals[i] += scores[i] * table.columns[column].weight;
    }
    return true;
  }

  void select() {
    verdict_.outcome = Verdict::Outcome::kScheduled;
    const auto& totals = verdict_.scores.totals;
    if (totals.empty()) {
      verdict_.node = feasible_.front()->name;
      return;
    }
    const std::int64_t best = *std::max_element(totals.begin(), totals.end());
    std::size_t chosen = 0;
    std::uint64_t ties = 0;
    for (std::size_t i = 0; i < totals.size(); ++i) {
      if (totals[i] != best) continue;
      ++ties;
      if (ties == 1 || rng_.below(ties) == 0) chosen = i;
    }
    verdict_.node = feasible_[chosen]->name;
    if (ties < 2) return;
    for (std::size_t i = 0; i < totals.size(); ++i) {
      if (totals[i] == best) verdict_.tied.push_back(feasible_[i]->name);
    }
  }

  const Profile& profile_;
  const Snapshot& snapshot_;
  const PodInfo& pod_;
  Rng& rng_;
  std::size_t start_;
  Verdict verdict_;
  FilterRun filters_;
  Feasible feasible_;
};

}  // namespace

std::size_t nodes_to_find(std::size_t node_count, int percentage) {
  constexpr std::size_t kMinimum = 100;
  if (node_count < kMinimum) return node_count;
  auto share = static_cast<std::int64_t>(percentage);
  if (share == 0) share = std::max<std::int64_t>(5, 50 - static_cast<std::int64_t>(node_count) / 125);
  return std::max(kMinimum, node_count * static_cast<std::size_t>(share) / 100);
}

Verdict schedule_pod(const Profile& profile, const Snapshot& snapshot, const PodInfo& pod, Rng& rng,
                     std::size_t start) {
  return Decision(profile, snapshot, pod, rng, start).run();
}

}  // namespace kubeloop::scheduler
