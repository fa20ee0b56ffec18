// How a watch without a revision begins: with the objects that are there, ended by a bookmark that says as of when.
#include <fmt/core.h>

#include "simulator/observe/watch_guarantees.hpp"

namespace kubeloop::simulator {
namespace {

constexpr std::string_view kEnd = R"("k8s.io/initial-events-end":"true")";

}  // namespace

void WatchGuarantees::take_initial(Stream& stream, const WatchLine& line, Instant at) {
  bool is_end = line.type == "BOOKMARK" && line.object.find(kEnd) != std::string_view::npos;
  if (is_end) {
    check_initial(stream, line.revision, at);
    return;
  }
  if (line.type != "ADDED") {  // begun without a bookmark at its end: as of when is not known
    stream.phase = Phase::kUnchecked;
    stream.initial.clear();
    return;
  }
  auto metadata = client::find_member(line.object, "metadata");
  auto namespace_ = unquoted(client::find_member(metadata, "namespace"));
  auto name = unquoted(client::find_member(metadata, "name"));
  apiserver::Header header;
  header.resource = stream.resource;
  header.namespace_ = namespace_;
  header.name = name;
  auto title = object_name(header);
  if (!stream.initial.emplace(title, line.revision).second) {
    fail(stream, fmt::format("begins with {} twice", title), line.revision, at);
    return;
  }
  auto* stored = ledger().find(stream.resource, namespace_, name);
  if (!stored || stored->revision != line.revision) return;
  if (is_spliced(line.object, LoggedState{stored->header, stored->value}, line.revision)) return;
  fail(stream, fmt::format("begins with {} of another content than was committed at revision {}", title, line.revision),
       line.revision, at);
}

// What the stream's resource and selection were at that revision: as they are now, taken back step by step.
std::map<std::string, apiserver::Revision> WatchGuarantees::state_at(const Stream& stream,
                                                                     apiserver::Revision revision) const {
  std::map<std::string, apiserver::Revision> out;
  for (const auto* change : ledger().list(stream.resource, stream.selection.namespace_)) {
    if (stream.selection.matches(*change->header)) out[object_name(*change->header)] = change->revision;
  }
  const WatchLog& log = *stream.log;
  auto begin = std::max(log.place_after(revision), log.first());
  for (auto place = log.end(); place > begin; --place) {
    const auto& entry = log.at(place - 1);
    if (entry.before.header && stream.selection.matches(*entry.before.header)) {
      out[entry.name()] = entry.previous;
    } else {
      out.erase(entry.name());
    }
  }
  return out;
}

void WatchGuarantees::check_initial(Stream& stream, apiserver::Revision revision, Instant at) {
  if (revision > head_) {
    fail(stream, fmt::format("begins as of revision {}, but {} is the last that is durable", revision, head_), revision,
         at);
    return;
  }
  auto told = std::move(stream.initial);
  stream.initial.clear();
  begin_following(stream, revision);
  if (revision < stream.log->forgotten()) return;
  auto expected = state_at(stream, revision);
  if (told == expected) return;
  for (const auto& [object, at_revision] : expected) {
    auto it = told.find(object);
    if (it == told.end()) {
      fail(stream, fmt::format("begins as of revision {} without {}, which stood at {}", revision, object, at_revision),
           at_revision, at);
      return;
    }
    if (it->second != at_revision) {
      fail(stream,
           fmt::format("begins as of revision {} with {} at {}, it stood at {}", revision, object, it->second,
                       at_revision),
           at_revision, at);
      return;
    }
  }
  for (const auto& [object, at_revision] : told) {
    if (expected.contains(object)) continue;
    fail(stream,
         fmt::format("begins as of revision {} with {} at {}, which is not there or not for it", revision, object,
                     at_revision),
         at_revision, at);
    return;
  }
}

}  // namespace kubeloop::simulator
