// Watching a run in virtual time as it goes: at a pace (`--speed 10x`), or step by step (`--pause`), with keys on a
// terminal. Virtual time stands still while somebody thinks. Owns the terminal's mode as long as it lives.
#pragma once
#include <termios.h>

#include <optional>
#include <string>

#include "simulator/run/run_scenario.hpp"

namespace kubeloop::cli {

// "10x" or "0.5x": how many virtual seconds in one; nothing when it is no such thing.
std::optional<double> parse_speed(const std::string& text);

class Player {
 public:
  // `speed` 0: as fast as it goes. `is_paused`: stops at the first event. `break_at`: stops at events whose line has
  // this text.
  Player(double speed, bool is_paused, std::string break_at);
  ~Player();
  Player(const Player&) = delete;

  // For the run's options; the player outlives the run.
  simulator::Spectator spectator();

 private:
  enum class Until { kEnd, kNextEvent, kNextWrite };

  void show(const simulator::FlowEvent& event);
  void wait(Duration virtual_time);
  // Asks what to do next, until a key says so.
  void ask();
  // Waits for a key so long at most (milliseconds; -1: as long as it takes); 0 when none came.
  char read_key(int timeout_ms);
  void take_key(char key);

  double speed_;
  Until until_;
  std::string break_at_;
  bool has_keys_ = false;  // stdin is a terminal
  bool has_color_ = false;
  bool has_left_ = false;
  WallTime began_{};
  std::optional<termios> saved_;
};

}  // namespace kubeloop::cli
