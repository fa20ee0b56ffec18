#include "apiserver/flow_log.hpp"

#include <fmt/core.h>

#include <iterator>

#include "libs/api/time.hpp"

namespace kubeloop::apiserver {
namespace {

void append_text(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  fmt::format_to(std::back_inserter(out), R"(,"{}":")", name);
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += byte < 0x7f ? c : '?';  // all that we write is ASCII; what a stranger sends may not even be UTF-8
    }
  }
  out += '"';
}

void append_number(std::string& out, std::string_view name, std::int64_t value) {
  fmt::format_to(std::back_inserter(out), R"(,"{}":{})", name, value);
}

std::string encode(std::uint64_t number, WallTime now, const FlowEvent& event) {
  std::string out =
      fmt::format(R"({{"seq":{},"time":"{}","kind":"{}")", number, api::format_micro_time(now), event.kind);
  append_text(out, "id", event.id);
  append_text(out, "actor", event.actor);
  append_text(out, "verb", event.verb);
  append_text(out, "object", event.object);
  append_text(out, "stage", event.stage);
  if (event.revision != 0) append_number(out, "revision", static_cast<std::int64_t>(event.revision));
  if (event.previous != 0) append_number(out, "previous", static_cast<std::int64_t>(event.previous));
  if (event.cause == "timer") {
    out += R"(,"cause":"timer")";
  } else if (!event.cause.empty()) {
    out += R"(,"cause":)";
    out += event.cause;
  }
  if (event.duration_us) append_number(out, "duration_us", *event.duration_us);
  if (event.code != 0) append_number(out, "code", event.code);
  if (!event.data.empty()) {
    out += R"(,"data":)";
    out += event.data;
  }
  out += "}\n";
  return out;
}

}  // namespace

std::uint64_t FlowLog::add(WallTime now, const FlowEvent& event) {
  auto number = next_number();
  lines_.push_back(encode(number, now, event));
  bytes_ += lines_.back().size();
  while (bytes_ > max_bytes_ && lines_.size() > 1) {
    bytes_ -= lines_.front().size();
    lines_.pop_front();
    ++first_;
  }
  if (followers > 0) added_.notify();
  return number;
}

FlowLog::Batch FlowLog::read(std::uint64_t from, std::size_t max_bytes) const {
  Batch batch;
  if (from < 1) from = 1;
  if (from < first_) {
    batch.text = fmt::format(R"({{"seq":{0},"kind":"gap","data":{{"from":{1},"to":{0}}}}})"
                             "\n",
                             first_ - 1, from);
    from = first_;
  }
  while (from < next_number() && batch.text.size() < max_bytes) {
    batch.text += lines_[from - first_];
    ++from;
  }
  batch.next = from;
  return batch;
}

awaitable<void> FlowLog::wait(std::uint64_t from) {
  while (from >= next_number() && !is_closed_) co_await added_.wait();
}

void FlowLog::close() {
  is_closed_ = true;
  added_.notify();
}

}  // namespace kubeloop::apiserver
