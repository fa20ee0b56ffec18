// The controller manager dies at one of its writes, before it is sent or before its answer arrives, and a new one takes
// over a while later. check_every_death runs a story once without a death, then once for each write and each way.
#pragma once
#include "tests/controller-manager/hub_world.hpp"
#include "tests/support/sanitized.hpp"

namespace kubeloop::controller_manager {

class DeathAtWrite {
 public:
  // Of the writes that the present life has still to make; `last_write` < 0: it does not die. Looked for every `poll`;
  // the new life begins `pause` later.
  DeathAtWrite(HubWorld& world, int last_write, bool dies_before, Duration poll, Duration pause = 1s)
      : world_(world), earlier_(world.life->transport.writes), poll_(poll), pause_(pause) {
    if (last_write > 0) world.life->transport.last_write = earlier_ + last_write;
    world.life->transport.dies_before = dies_before;
  }

  // Lets at least so much time pass.
  void step(Duration duration) {
    Instant end = world_.loop.now() + duration;
    while (world_.loop.now() < end) {
      world_.run_for(poll_);
      if (!world_.life->transport.is_dead) continue;
      writes_ = world_.life->transport.writes - earlier_;
      world_.stop_manager();
      world_.run_for(pause_);
      world_.start_manager();
    }
  }
  // How many writes the first life made.
  int writes() const { return writes_ ? *writes_ : world_.life->transport.writes - earlier_; }

 private:
  HubWorld& world_;
  int earlier_;
  Duration poll_, pause_;
  std::optional<int> writes_;
};

// `run_through(last_write, dies_before, &outcome)` tells the story and returns the writes of the first life, of which
// there must be at least `least`. The outcome must be `expected` every time.
template <class Run>
void check_every_death(const std::string& expected, int least, Run run_through) {
  std::string outcome;
  int writes = run_through(-1, true, &outcome);
  CHECK(outcome == expected);
  CHECK(writes >= least);
  for (int last = 1; last <= writes; last += kIsSanitized ? 9 : 1) {
    for (bool dies_before : {true, false}) {
      CAPTURE(last);
      CAPTURE(dies_before);
      run_through(last, dies_before, &outcome);
      CHECK(outcome == expected);
    }
  }
}

}  // namespace kubeloop::controller_manager
