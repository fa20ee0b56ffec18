// Faults of one component in virtual time: when the component reaches the armed place, `on_reach` is told (it kills the
// component) and the component stays there. A place can also be made to throw, as an error in our own code would.
#pragma once
#include <functional>
#include <stdexcept>
#include <string>

#include "libs/base/faults.hpp"
#include "libs/base/signal.hpp"

namespace kubeloop::simulator {

class SimFaults final : public Faults {
 public:
  explicit SimFaults(std::function<void()> on_reach) : on_reach_(std::move(on_reach)) {}

  void arm(std::string place) { armed_ = std::move(place); }
  void arm_exception(std::string place) { throwing_ = std::move(place); }
  bool is_armed() const { return !armed_.empty(); }

  boost::asio::awaitable<void> reach(std::string_view place) override {
    if (!throwing_.empty() && place == throwing_) throw std::runtime_error("told to fail at " + std::string(place));
    if (armed_.empty() || place != armed_) co_return;
    armed_.clear();
    on_reach_();
    co_await never_.wait();
  }

 private:
  std::function<void()> on_reach_;
  std::string armed_;
  std::string throwing_;
  Signal never_;
};

}  // namespace kubeloop::simulator
