#include "scheduler/framework/diagnosis.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace kubeloop::scheduler {
namespace {

std::vector<std::string> counted_reasons(const Diagnosis& diagnosis, std::size_t node_count) {
  std::map<std::string_view, std::size_t> counts;
  for (const auto& verdict : diagnosis.nodes) {
    for (const auto& reason : verdict.status.reasons) ++counts[reason];
  }
  std::size_t absent = node_count - std::min(node_count, diagnosis.nodes.size());
  if (absent > 0) {
    for (const auto& reason : diagnosis.absent_nodes.reasons) counts[reason] += absent;
  }
  std::vector<std::string> texts;
  for (const auto& [reason, count] : counts) texts.push_back(fmt::format("{} {}", count, reason));
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace

std::string fit_error_text(const Diagnosis& diagnosis, std::size_t node_count) {
  std::string text = fmt::format("0/{} nodes are available:", node_count);
  if (!diagnosis.pre_filter_message.empty()) {
    text += " " + diagnosis.pre_filter_message + ".";
  } else {
    const auto reasons = counted_reasons(diagnosis, node_count);
    for (std::size_t i = 0; i < reasons.size(); ++i) text += (i == 0 ? " " : ", ") + reasons[i];
    if (!reasons.empty()) text += ".";
  }
  if (!diagnosis.post_filter_message.empty()) text += " " + diagnosis.post_filter_message;
  return text;
}

}  // namespace kubeloop::scheduler
