// Named places in the code where a test or a scenario may break the component: `co_await
// env.faults.reach("before-bind")`. In normal running every place is passed at once.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string_view>

namespace kubeloop {

class Faults {
 public:
  virtual ~Faults() = default;
  // Returns when the component may go on. An armed place never returns: the component is killed there.
  virtual boost::asio::awaitable<void> reach(std::string_view place) = 0;
};

class NoFaults final : public Faults {
 public:
  boost::asio::awaitable<void> reach(std::string_view) override { co_return; }
};

}  // namespace kubeloop
