#include "simulator/story/flow_reader.hpp"

#include "libs/base/crypto/sha256.hpp"

namespace kubeloop::simulator {
namespace {

constexpr std::size_t kHashedAtOnce = 1u << 20;

}  // namespace

FlowReader::FlowReader(const Env& env, http::Transport& transport, std::size_t limit)
    : env_(env), transport_(transport), limit_(limit), last_activity_(env.clock.now()) {}

void FlowReader::take_line(std::string_view line) {
  if (line.empty()) return;
  auto event = parse_flow_event(line);
  if (!event) {
    env_.log.warning("flow log: {}", event.error().message);
    return;
  }
  if (event->kind.empty()) {  // the header: a log that ends before our place is that of a hub that was started anew
    if (event->next != 0 && event->next < next_) is_log_new_ = true;
    return;
  }
  next_ = event->seq + 1;
  unhashed_.append(line).push_back('\n');
  if (unhashed_.size() >= kHashedAtOnce) hash_lines();
  bool is_commit = event->kind == "commit";
  if (is_commit && !is_background(*event)) last_activity_ = env_.clock.now();
  events_.push_back(std::move(*event));
  if (listener_) listener_(events_.back());
  if (is_commit) changed_.notify();
}

void FlowReader::hash_lines() {
  hash_ = crypto::sha256_hex(hash_ + unhashed_);
  unhashed_.clear();
}

std::string FlowReader::history_hash() {
  if (!unhashed_.empty()) hash_lines();
  return hash_;
}

awaitable<void> FlowReader::read_once() {
  http::Request request("GET", "/kubeloop/v1/flow?follow=true&from=" + std::to_string(next_));
  request.headers.add("Accept", "application/x-ndjson");
  auto response = co_await transport_.send(std::move(request));
  if (!response) co_return;
  if (!response->is_stream()) {
    env_.log.warning("flow log: code {}: {}", response->code, response->text());
    co_return;
  }
  auto body = std::move(std::get<std::unique_ptr<http::BodyReader>>(response->body));
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
    co_await read_once();
    co_await sleep_for(env_, std::chrono::milliseconds(50));
  }
}

}  // namespace kubeloop::simulator
