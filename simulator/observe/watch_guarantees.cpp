#include "simulator/observe/watch_guarantees.hpp"

#include <fmt/core.h>

#include <charconv>

namespace kubeloop::simulator {
namespace {

// At rest a watch may still be behind by what is on its way.
constexpr Duration kOnItsWay = std::chrono::seconds(30);

std::string name_in(std::string_view object, std::string_view resource) {
  auto metadata = client::find_member(object, "metadata");
  apiserver::Header header;
  header.resource = resource;
  header.namespace_ = unquoted(client::find_member(metadata, "namespace"));
  header.name = unquoted(client::find_member(metadata, "name"));
  return object_name(header);
}

}  // namespace

void WatchGuarantees::check(const Commit& commit) {
  head_ = std::max(head_, commit.change.revision);
  logs_[commit.header().resource].add(commit);
}

void WatchGuarantees::fail(Stream& stream, std::string text, apiserver::Revision revision, Instant at) {
  stream.phase = Phase::kUnchecked;
  stream.initial.clear();
  violate(stream.title + " " + std::move(text), revision, at);
}

void WatchGuarantees::watch_opened(const WatchOpened& watch, Instant) {
  Stream& stream = streams_[watch.stream];
  std::string_view from = watch.resource_version.empty() ? "the beginning" : watch.resource_version;
  std::string_view actor = watch.actor.empty() ? "a stranger" : watch.actor;
  stream.title = fmt::format("the watch of {} by {} (from {})", watch.resource, actor, from);
  stream.resource = watch.resource;
  stream.selection.namespace_ = watch.namespace_;
  auto labels = api::parse_label_selector(watch.label_selector);
  auto fields = api::parse_field_selector(watch.field_selector);
  // Events of events.k8s.io are stored as the core group's and told in another form.
  if (!labels || !fields || watch.resource == "events.events.k8s.io") return;
  stream.selection.labels = std::move(*labels);
  stream.selection.fields = std::move(*fields);
  stream.log = &logs_[stream.resource];
  auto text = watch.resource_version;
  std::from_chars(text.data(), text.data() + text.size(), stream.start);
  if (stream.start == 0) {
    stream.phase = Phase::kInitial;
  } else {
    begin_following(stream, stream.start);
  }
}

void WatchGuarantees::begin_following(Stream& stream, apiserver::Revision revision) {
  stream.phase = Phase::kFollowing;
  stream.position = revision;
  stream.place = stream.log->place_after(revision);
}

void WatchGuarantees::watch_ended(std::uint64_t stream, Instant) {
  streams_.erase(stream);
}

void WatchGuarantees::watch_line(const WatchLine& line, Instant at) {
  auto it = streams_.find(line.stream);
  if (it == streams_.end()) return;
  Stream& stream = it->second;
  if (line.type == "ERROR") stream.phase = Phase::kUnchecked;
  if (stream.phase == Phase::kUnchecked) return;
  if (stream.phase == Phase::kInitial) {
    take_initial(stream, line, at);
  } else if (line.type == "BOOKMARK") {
    take_bookmark(stream, line, at);
  } else {
    take_change(stream, line, at);
  }
}

// The next commit that the stream must be told of; null when it has been told all.
const LoggedCommit* WatchGuarantees::find_next(Stream& stream) const {
  const WatchLog& log = *stream.log;
  stream.place = std::max(stream.place, log.first());
  for (; stream.place < log.end(); ++stream.place) {
    const auto& entry = log.at(stream.place);
    // A watch may begin at a revision that is still to come.
    if (entry.revision > stream.start && !stream.selection.type_of(entry).empty()) return &entry;
  }
  return nullptr;
}

void WatchGuarantees::take_bookmark(Stream& stream, const WatchLine& line, Instant at) {
  if (line.revision < stream.position) {
    fail(stream, fmt::format("got a bookmark of revision {} after {}", line.revision, stream.position), line.revision,
         at);
    return;
  }
  if (line.revision > std::max(head_, stream.start)) {
    fail(stream, fmt::format("got a bookmark of revision {}, but {} is the last that is durable", line.revision, head_),
         line.revision, at);
    return;
  }
  auto* next = find_next(stream);
  if (next && next->revision <= line.revision) {
    fail(stream,
         fmt::format("got a bookmark of revision {} in front of revision {} of {}", line.revision, next->revision,
                     next->name()),
         next->revision, at);
    return;
  }
  stream.position = line.revision;
}

void WatchGuarantees::take_change(Stream& stream, const WatchLine& line, Instant at) {
  auto revision = line.revision;
  if (revision <= stream.position) {
    const char* how = revision == stream.position ? "again, the last was" : "after revision";
    fail(stream, fmt::format("was told {} of revision {} {} {}", line.type, revision, how, stream.position), revision,
         at);
    return;
  }
  stream.position = revision;
  if (revision <= stream.log->forgotten()) return;
  auto* next = find_next(stream);
  if (!next || next->revision > revision) {
    fail(stream,
         fmt::format("was told {} of revision {}, {}of {}", line.type, revision,
                     revision > head_ ? "which is not durable: " : "which is not for it: a commit ",
                     name_in(line.object, stream.resource)),
         revision, at);
    return;
  }
  if (next->revision < revision) {
    fail(stream,
         fmt::format("was told of revision {} and not of revision {} of {}", revision, next->revision, next->name()),
         next->revision, at);
    return;
  }
  auto type = stream.selection.type_of(*next);
  if (type != line.type) {
    fail(stream,
         fmt::format("was told {} for revision {} of {}, to it that is {}", line.type, revision, next->name(), type),
         revision, at);
  } else if (!is_spliced(line.object, state_told(*next, type), revision)) {
    fail(stream,
         fmt::format("was told revision {} of {} with another content than was committed", revision, next->name()),
         revision, at);
  } else {
    ++stream.place;
  }
}

void WatchGuarantees::came_to_rest(const StoredObjects&, Instant at) {
  for (auto& [id, stream] : streams_) {
    if (stream.phase != Phase::kFollowing) continue;
    auto* next = find_next(stream);
    if (!next || next->revision <= stream.position || next->at + kOnItsWay > at) continue;
    fail(stream, fmt::format("was never told of revision {} of {}", next->revision, next->name()), next->revision, at);
  }
}

}  // namespace kubeloop::simulator
