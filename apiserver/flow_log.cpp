#include "apiserver/flow_log.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "libs/api/time.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::array<std::string_view, kFlowKinds> kNames{"request", "stage", "commit", "delivery", "note"};

std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Eight bytes at a time, little end first on every machine that we build for.
std::uint64_t hash_text(std::uint64_t seed, std::string_view text) {
  std::uint64_t h = seed ^ (text.size() * 0x9e3779b97f4a7c15);
  constexpr std::uint64_t kFactor = 0xa0761d6478bd642f;
  for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof word);
    h = multiply(h ^ word, kFactor);
  }
  std::uint64_t rest = 0;
  for (std::size_t i = 0; i < text.size(); ++i) rest |= std::uint64_t(static_cast<unsigned char>(text[i])) << (8 * i);
  return text.empty() ? h : multiply(h ^ rest, kFactor);
}

void append_number(std::string& out, std::string_view name, std::int64_t value) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out += name;
  out.append(digits, end);
}

// `name` with what stands around it: `,"actor":`.
void append_text(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += name;
  out += '"';
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += byte < 0x7f ? c : '?';  // all that we write is ASCII; what a stranger sends may not even be UTF-8
    }
  }
  out += '"';
}

// Neighbours are of the same second, mostly.
class TimeText {
 public:
  void append(std::string& out, WallTime time) {
    auto second = std::chrono::floor<std::chrono::seconds>(time);
    if (second != second_ || text_.empty()) {
      second_ = second;
      text_ = api::format_time(second);
      text_.pop_back();
    }
    out += text_;
    auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time - second).count();
    char digits[9] = {'.', '0', '0', '0', '0', '0', '0', 'Z', 0};
    for (int i = 6; i > 0; --i, micros /= 10) digits[i] = static_cast<char>('0' + micros % 10);
    out.append(digits, 8);
  }

 private:
  std::chrono::sys_seconds second_{};
  std::string text_;
};

void append_cause(std::string& out, const std::string& cause) {
  if (cause.empty()) return;
  out += R"(,"cause":)";
  out += cause == "timer" ? std::string_view(R"("timer")") : std::string_view(cause);
}

void append_event(std::string& out, const FlowEvent& event) {
  bool names_verb = event.kind == FlowKind::kRequest || event.kind == FlowKind::kCommit;
  bool names_cause = names_verb || event.kind == FlowKind::kNote;
  if (const auto* request = event.request.get()) {
    if (event.kind != FlowKind::kNote) append_text(out, R"(,"id":)", request->id);
    append_text(out, R"(,"actor":)", request->actor);
    if (names_verb) append_text(out, R"(,"verb":)", request->verb);
  }
  if (event.object) {
    append_text(out, R"(,"object":)", *event.object);
  } else if (event.request && event.kind != FlowKind::kNote) {
    append_text(out, R"(,"object":)", event.request->object);
  }
  if (event.stage) append_text(out, R"(,"stage":)", event.stage);
  if (event.revision != 0) append_number(out, R"(,"revision":)", static_cast<std::int64_t>(event.revision));
  if (event.previous != 0) append_number(out, R"(,"previous":)", static_cast<std::int64_t>(event.previous));
  if (names_cause && event.request) append_cause(out, event.request->cause);
  if (event.duration_us) append_number(out, R"(,"duration_us":)", *event.duration_us);
  if (event.code != 0) append_number(out, R"(,"code":)", event.code);
  if (!event.data.empty()) {
    out += R"(,"data":)";
    out += event.data;
  }
}

}  // namespace

std::optional<FlowKinds> FlowKinds::parse(std::string_view names) {
  FlowKinds kinds = none();
  while (!names.empty()) {
    auto end = std::min(names.find(','), names.size());
    auto it = std::ranges::find(kNames, names.substr(0, end));
    if (it == kNames.end()) return std::nullopt;
    kinds.add(static_cast<FlowKind>(it - kNames.begin()));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return kinds;
}

FlowRequest::FlowRequest(std::string i, std::string a, std::string v, std::string o, std::string c)
    : id(std::move(i)), actor(std::move(a)), verb(std::move(v)), object(std::move(o)), cause(std::move(c)), digest(0) {
  for (const auto* text : {&id, &actor, &verb, &object, &cause}) digest = hash_text(digest, *text);
}

FlowLog::Entry::Entry(WallTime at, FlowEvent event)
    : time(at),
      request(std::move(event.request)),
      object(std::move(event.object)),
      stage(event.stage),
      number(event.duration_us ? static_cast<std::uint64_t>(*event.duration_us) : event.revision),
      previous(event.previous),
      code(event.code),
      kind(event.kind),
      has_duration(event.duration_us.has_value()) {
  if (!event.data.empty()) data = std::make_unique<const std::string>(std::move(event.data));
}

FlowEvent FlowLog::Entry::event() const {
  FlowEvent event;
  event.kind = kind;
  event.request = request;
  event.object = object;
  event.stage = stage;
  if (has_duration) {
    event.duration_us = static_cast<std::int64_t>(number);
  } else {
    event.revision = number;
  }
  event.previous = previous;
  event.code = code;
  if (data) event.data = *data;
  return event;
}

std::size_t FlowLog::weight(const Entry& entry) {
  std::size_t bytes = sizeof(Entry) + (entry.data ? sizeof(std::string) + entry.data->size() : 0);
  // Its texts are kept once, with its first event.
  if (entry.kind == FlowKind::kRequest && entry.request) bytes += sizeof(FlowRequest);
  return bytes;
}

void FlowLog::mix(const Entry& entry) {
  auto take = [this](std::uint64_t word) {
    low_ = multiply(low_ ^ word, 0xe7037ed1a0b428db);
    high_ = multiply(high_ + word, 0x8ebc6af09c88c6e3) + low_;
  };
  take(static_cast<std::uint64_t>(entry.time.time_since_epoch().count()));
  take(static_cast<std::uint64_t>(entry.kind) |
       static_cast<std::uint64_t>(static_cast<std::uint32_t>(entry.code)) << 8 |
       static_cast<std::uint64_t>(entry.has_duration) << 40);
  if (entry.request) take(entry.request->digest);
  if (entry.object) take(hash_text(1, *entry.object));
  if (entry.stage) take(hash_text(2, entry.stage));
  if (entry.number != 0 || entry.has_duration) take(entry.number);
  if (entry.previous != 0) take(entry.previous);
  if (entry.data) take(hash_text(3, *entry.data));
}

std::uint64_t FlowLog::add(WallTime now, FlowEvent event) {
  auto number = next_number();
  auto kind = static_cast<std::size_t>(event.kind);
  events_.emplace_back(now, std::move(event));
  mix(events_.back());
  bytes_ += weight(events_.back());
  while (bytes_ > max_bytes_ && events_.size() > 1) {
    bytes_ -= weight(events_.front());
    events_.pop_front();
    ++first_;
  }
  last_[kind] = number;
  if (followers_of_[kind] > 0) added_.notify();
  return number;
}

FlowLog::Batch FlowLog::read(std::uint64_t from, std::size_t max_bytes, FlowKinds kinds) const {
  Batch batch;
  if (from < 1) from = 1;
  if (from < first_) {
    batch.text = fmt::format(R"({{"seq":{0},"kind":"gap","data":{{"from":{1},"to":{0}}}}})"
                             "\n",
                             first_ - 1, from);
    from = first_;
  }
  TimeText time;
  for (; from < next_number() && batch.text.size() < max_bytes; ++from) {
    const auto& entry = events_[from - first_];
    if (!kinds.has(entry.kind)) continue;
    append_number(batch.text, R"({"seq":)", static_cast<std::int64_t>(from));
    batch.text += R"(,"time":")";
    time.append(batch.text, entry.time);
    batch.text += R"(","kind":")";
    batch.text += kNames[static_cast<std::size_t>(entry.kind)];
    batch.text += '"';
    append_event(batch.text, entry.event());
    batch.text += "}\n";
  }
  batch.next = from;
  return batch;
}

bool FlowLog::has_any(std::uint64_t from, FlowKinds kinds) const {
  for (std::size_t i = 0; i < kFlowKinds; ++i) {
    if (kinds.has(static_cast<FlowKind>(i)) && last_[i] >= from) return true;
  }
  return false;
}

awaitable<void> FlowLog::wait(std::uint64_t from, FlowKinds kinds) {
  while (!has_any(from, kinds) && !is_closed_) co_await added_.wait();
}

std::string FlowLog::digest() const {
  std::string out(32, '0');
  for (int i = 0; i < 16; ++i) {
    out[15 - i] = "0123456789abcdef"[high_ >> (4 * i) & 15];
    out[31 - i] = "0123456789abcdef"[low_ >> (4 * i) & 15];
  }
  return out;
}

void FlowLog::follow(FlowKinds kinds) {
  ++followers_;
  for (std::size_t i = 0; i < kFlowKinds; ++i) followers_of_[i] += kinds.has(static_cast<FlowKind>(i)) ? 1 : 0;
}

void FlowLog::unfollow(FlowKinds kinds) {
  --followers_;
  for (std::size_t i = 0; i < kFlowKinds; ++i) followers_of_[i] -= kinds.has(static_cast<FlowKind>(i)) ? 1 : 0;
}

void FlowLog::close() {
  is_closed_ = true;
  added_.notify();
}

}  // namespace kubeloop::apiserver
