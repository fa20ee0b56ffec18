#include "simulator/observe/finalizers_honoured.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "libs/api/codec/view.hpp"
#include "libs/api/views/meta.hpp"

namespace kubeloop::simulator {
namespace {

constexpr std::size_t kRecent = 1000;

std::vector<std::string> finalizers_in(std::string_view holder) {
  auto text = client::find_member(holder, "finalizers");
  if (text.empty()) return {};
  return api::decode_view<std::vector<std::string>>(text).value_or(std::vector<std::string>());
}

// A namespace has some of its own in its spec.
std::vector<std::string> finalizers_of(std::string_view metadata, std::string_view spec, bool is_namespace) {
  auto out = finalizers_in(metadata);
  if (is_namespace) std::ranges::copy(finalizers_in(spec), std::back_inserter(out));
  return out;
}

bool has_ended(const std::string& phase) {
  return phase == "Succeeded" || phase == "Failed";
}

}  // namespace

void FinalizersHonoured::check(const Commit& commit) {
  if (!commit.is_delete() || commit.is_of("leases.coordination.k8s.io") || commit.is_of("events")) return;
  auto metadata = api::decode_view<api::ObjectMeta>(commit.part("metadata"));
  if (!metadata) return;
  auto revision = commit.change.revision;
  bool is_marked = !metadata->deletionTimestamp.empty();
  auto grace = metadata->deletionGracePeriodSeconds.value_or(0);
  auto finalizers = finalizers_of(commit.part("metadata"), commit.part("spec"), commit.is_of("namespaces"));
  auto list = fmt::format("{}", fmt::join(finalizers, ", "));
  if (!finalizers.empty() && !is_marked) {
    violate(fmt::format("{} was removed at revision {} with finalizers ({}) and without having been marked as deleted",
                        commit.name(), revision, list),
            revision, commit.at);
  } else if (grace > 0) {
    violate(fmt::format("{} was removed at revision {} while its grace of {} s was running", commit.name(), revision,
                        grace),
            revision, commit.at);
  } else if (commit.is_of("pods") && !is_marked) {
    bool is_bound = !commit.field("spec.nodeName").empty() && !has_ended(commit.field("status.phase"));
    bool has_grace = client::find_member(commit.part("spec"), "terminationGracePeriodSeconds") != "0";
    if (is_bound && has_grace) {
      violate(fmt::format("{} was removed at revision {} without having been marked as deleted, while it was on {}",
                          commit.name(), revision, commit.field("spec.nodeName")),
              revision, commit.at);
    }
  }
  if (finalizers.empty()) return;
  removals_.push_back(Removal{revision, commit.header().uid, commit.name(), std::move(list)});
  if (removals_.size() > kRecent) removals_.pop_front();
}

void FinalizersHonoured::answered(const Answered& answer, Instant at) {
  if (removals_.empty() || answer.method == "GET" || answer.code < 200 || answer.code >= 300) return;
  auto metadata = client::find_member(answer.body, "metadata");
  auto text = unquoted(client::find_member(metadata, "resourceVersion"));
  auto gone_uid = unquoted(client::find_member(client::find_member(answer.body, "details"), "uid"));
  auto it = std::ranges::find_if(removals_, [&](const Removal& removal) {
    return text.empty() ? removal.uid == gone_uid : fmt::to_string(removal.revision) == text;
  });
  if (it == removals_.end()) return;
  bool is_namespace = it->object.starts_with("namespaces/");
  auto left = finalizers_of(metadata, client::find_member(answer.body, "spec"), is_namespace);
  if (answer.method == "DELETE") {
    violate(fmt::format("DELETE {} removed {} at revision {}, which had finalizers ({})", answer.target, it->object,
                        it->revision, it->finalizers),
            it->revision, at);
  } else if (!left.empty()) {
    violate(fmt::format("{} {} removed {} at revision {}, and leaves finalizers ({})", answer.method, answer.target,
                        it->object, it->revision, fmt::join(left, ", ")),
            it->revision, at);
  }
  removals_.erase(it);
}

}  // namespace kubeloop::simulator
