#include "kubeloop/play.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "kubeloop/flow_line.hpp"

namespace kubeloop::cli {
namespace {

using simulator::FlowEvent;

constexpr double kSlowest = 0.01, kFastest = 1'000'000;
const char* const kKeys = "n next event, w next write, c continue, q quit";

// Stages and deliveries of leases and heartbeats would drown everything else.
bool is_worth_showing(const FlowEvent& event) {
  if (event.kind == "stage" || event.kind == "request") return false;
  if (event.actor == "kubeloop-recorder") return false;  // our own eyes
  bool is_lease = event.object.starts_with("leases/");
  return !is_lease && !(event.kind == "commit" && is_background(event));
}

}  // namespace

std::optional<double> parse_speed(const std::string& text) {
  std::string number = text.ends_with('x') ? text.substr(0, text.size() - 1) : text;
  double speed = 0;
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), speed);
  bool is_number = error == std::errc() && end == number.data() + number.size();
  bool is_possible = is_number && speed >= kSlowest && speed <= kFastest;  // "nan" is a number, and none of these
  if (!is_possible) return std::nullopt;
  return speed;
}

Player::Player(double speed, bool is_paused, std::string break_at)
    : speed_(speed), until_(is_paused ? Until::kNextEvent : Until::kEnd), break_at_(std::move(break_at)) {
  has_keys_ = isatty(STDIN_FILENO) == 1;
  const char* no_color = std::getenv("NO_COLOR");
  has_color_ = isatty(STDOUT_FILENO) == 1 && !(no_color && *no_color);
  if (!has_keys_) {
    until_ = Until::kEnd;
    return;
  }
  termios mode{};
  if (tcgetattr(STDIN_FILENO, &mode) != 0) return;
  saved_ = mode;
  mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  tcsetattr(STDIN_FILENO, TCSANOW, &mode);
  fmt::print("keys: {}; any key stops a run that goes on\n", kKeys);
}

Player::~Player() {
  if (saved_) tcsetattr(STDIN_FILENO, TCSANOW, &*saved_);
}

simulator::Spectator Player::spectator() {
  simulator::Spectator spectator;
  spectator.on_event = [this](const FlowEvent& event) { show(event); };
  spectator.on_step = [this](const std::string& text) {
    fmt::print("{}== {}{}\n", has_color_ ? "\033[1m" : "", text, has_color_ ? "\033[0m" : "");
    std::fflush(stdout);
  };
  spectator.on_jump = [this](Duration virtual_time) { wait(virtual_time); };
  spectator.has_left = [this] { return has_left_; };
  return spectator;
}

void Player::show(const FlowEvent& event) {
  if (began_ == WallTime{}) began_ = event.time;
  if (has_left_ || !is_worth_showing(event)) return;
  double at = static_cast<double>((event.time - began_).count()) / 1e9;
  std::string line = flow_line(event);
  bool is_write = event.kind == "commit";
  const char* color = !has_color_ ? "" : is_write ? "\033[33m" : "\033[2m";
  fmt::print("{}{:>9.3f}s  {}{}\n", color, at, line, has_color_ ? "\033[0m" : "");
  std::fflush(stdout);
  bool is_reached = until_ == Until::kNextEvent || (until_ == Until::kNextWrite && is_write);
  bool is_break = !break_at_.empty() && line.find(break_at_) != std::string::npos;
  if (has_keys_ && (is_reached || is_break)) ask();
}

void Player::wait(Duration virtual_time) {
  if (has_left_) return;
  double ms = speed_ > 0 ? static_cast<double>(virtual_time.count()) / 1e6 / speed_ : 0;
  constexpr double kLongest = 24 * 3600 * 1000.0;
  int timeout_ms = static_cast<int>(std::min(ms, kLongest));
  if (!has_keys_) {
    if (timeout_ms > 0) ::poll(nullptr, 0, timeout_ms);
    return;
  }
  if (char key = read_key(timeout_ms); key != 0) {
    if (key == 'q') {
      take_key(key);
    } else {
      ask();
    }
  }
}

void Player::ask() {
  std::fprintf(stderr, "-- %s: ", kKeys);
  std::fflush(stderr);
  char key = 0;
  while (key != 'n' && key != 'w' && key != 'c' && key != 'q') {
    key = read_key(-1);
    if (key == 0) key = 'q';  // nobody is there any more
  }
  std::fprintf(stderr, "\r\033[K");
  take_key(key);
}

char Player::read_key(int timeout_ms) {
  pollfd polled{STDIN_FILENO, POLLIN, 0};
  if (::poll(&polled, 1, timeout_ms) <= 0) return 0;
  char key = 0;
  return ::read(STDIN_FILENO, &key, 1) == 1 ? key : 0;
}

void Player::take_key(char key) {
  until_ = key == 'n' ? Until::kNextEvent : key == 'w' ? Until::kNextWrite : Until::kEnd;
  has_left_ = has_left_ || key == 'q';
}

}  // namespace kubeloop::cli
