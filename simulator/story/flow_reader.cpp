#include "simulator/story/flow_reader.hpp"

#include <charconv>

#include "libs/base/crypto/sha256.hpp"

namespace kubeloop::simulator {
namespace {

constexpr std::size_t kHashedAtOnce = 1u << 20;
constexpr const char* kShortForm = "&kinds=commit&digest=true";

// The number behind `name` ("next":); 0 when there is none.
std::uint64_t number_after(std::string_view line, std::string_view name) {
  auto at = line.find(name);
  std::uint64_t value = 0;
  if (at != std::string_view::npos) std::from_chars(line.data() + at + name.size(), line.data() + line.size(), value);
  return value;
}

std::string_view text_after(std::string_view line, std::string_view name) {
  auto at = line.find(name);
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + name.size());
  return line.substr(0, line.find('"'));
}

}  // namespace

FlowReader::FlowReader(const Env& env, http::Transport& transport, FlowInterest interest, std::size_t limit)
    : env_(env), transport_(transport), interest_(interest), limit_(limit), last_activity_(env.clock.now()) {}

// The header: a log that ends before our place is that of a hub that was started anew.
void FlowReader::begin(std::uint64_t next) {
  if (next != 0 && next < next_) is_log_new_ = true;
}

void FlowReader::take_line(std::string_view line) {
  if (line.empty()) return;
  if (interest_ == FlowInterest::kCommits) return take_short_line(line);
  auto event = parse_flow_event(line);
  if (!event) {
    env_.log.warning("flow log: {}", event.error().message);
    return;
  }
  if (event->kind.empty()) return begin(event->next);
  next_ = event->seq + 1;
  hash_line(line);
  bool is_commit = event->kind == "commit";
  if (is_commit && !is_background(*event)) last_activity_ = env_.clock.now();
  events_.push_back(std::move(*event));
  if (listener_) listener_(events_.back());
  if (spectator_) spectator_(events_.back());
  if (is_commit) changed_.notify();
}

// Commits, gaps, digests: what is wanted of them at once stands in a form that only the hub writes.
void FlowReader::take_short_line(std::string_view line) {
  if (line.starts_with(R"({"format":)")) return begin(number_after(line, R"("next":)"));
  if (line.starts_with(R"({"digest":)")) {
    auto next = number_after(line, R"("next":)");
    if (next < next_) return;  // of a stream that is late
    next_ = next;
    return hash_line(line);
  }
  auto number = number_after(line, R"({"seq":)");
  if (number < next_) return;
  next_ = number + 1;
  bool is_commit = line.find(R"("kind":"commit")") != std::string_view::npos;
  if (!is_commit) hash_line(line);  // a digest follows, which covers the commit
  auto object = text_after(line, R"(,"object":")");
  if (is_commit && !is_background(object)) last_activity_ = env_.clock.now();
  // Renewals of leases are most of what a long run commits, and nothing comes of them.
  if (listener_ || !object.starts_with("leases/")) {
    if (auto event = parse_flow_event(line)) {
      events_.push_back(std::move(*event));
      if (listener_) listener_(events_.back());
    }
  }
  if (is_commit) changed_.notify();
}

void FlowReader::hash_line(std::string_view line) {
  unhashed_.append(line).push_back('\n');
  if (unhashed_.size() >= kHashedAtOnce) hash_lines();
}

void FlowReader::hash_lines() {
  hash_ = crypto::sha256_hex(hash_ + unhashed_);
  unhashed_.clear();
}

std::string FlowReader::history_hash() {
  if (!unhashed_.empty()) hash_lines();
  return hash_;
}

awaitable<void> FlowReader::read(std::string query) {
  http::Request request("GET", "/kubeloop/v1/flow?from=" + std::to_string(next_) + query);
  request.headers.add("Accept", "application/x-ndjson");
  auto response = co_await transport_.send(std::move(request));
  if (!response) co_return;
  if (!response->is_stream()) {
    env_.log.warning("flow log: code {}: {}", response->code, response->text());
    co_return;
  }
  auto body = std::move(std::get<std::unique_ptr<http::BodyReader>>(response->body));
  co_await read_body(std::move(body));
}

awaitable<void> FlowReader::catch_up() {
  if (interest_ == FlowInterest::kCommits) co_await read(kShortForm);
}

awaitable<void> FlowReader::read_body(std::unique_ptr<http::BodyReader> body) {
  std::string buffer;
  while (events_.size() < limit_) {
    auto chunk = co_await body->next();
    if (!chunk || chunk->empty()) co_return;
    buffer += *chunk;
    std::size_t start = 0;
    for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n', start)) {
      take_line(std::string_view(buffer).substr(start, end - start));
      start = end + 1;
    }
    buffer.erase(0, start);
    if (is_log_new_) {
      is_log_new_ = false;
      next_ = 1;
      co_return;
    }
  }
  is_full_ = true;
}

awaitable<void> FlowReader::run() {
  while (!is_full_) {
    std::string query = "&follow=true";
    if (interest_ == FlowInterest::kCommits) query += kShortForm;
    co_await read(std::move(query));
    co_await sleep_for(env_, std::chrono::milliseconds(50));
  }
}

}  // namespace kubeloop::simulator
