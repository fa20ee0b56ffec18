// The load step while it runs: objects arrive, and go when their lifetime is over. What the hub cannot do at the moment
// (it is down, too busy, an answer was lost) is counted and gone over; what it refuses ends the load.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "libs/base/env.hpp"
#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

inline constexpr std::size_t kMostLoadWrites = 64;  // side by side; what arrives beyond it waits

class Load {
 public:
  // `env`, `tasks` and `client` outlive the tasks; `random` is the load's own.
  Load(const Env& env, TaskGroup& tasks, client::ApiClient& client, LoadStep step, Rng random);

  // Begins now; goes on until its time is over and the last object is gone, or until `tasks` is stopped.
  void start();
  // Waits until nothing arrives any more and every arrival is answered.
  awaitable<Result<void>> wait_for_end();
  // Why it ended before its time; nothing while all is well.
  std::optional<Status> error() const;
  // "120 created, 3 not"
  std::string counts() const;

 private:
  struct State;
  static awaitable<void> arrive(std::shared_ptr<State> state);
  static awaitable<void> create(std::shared_ptr<State> state, std::int64_t number, Duration lifetime);
  static awaitable<void> leave(std::shared_ptr<State> state);
  static awaitable<void> remove(std::shared_ptr<State> state, std::string namespace_, std::string name);

  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::simulator
