// Everything that a component knows of the outside, besides its Transport. Move-only; `child` gives a part of the
// component its own name in the log and its own random stream. Clock and Faults outlive every Env.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <string_view>
#include <utility>

#include "libs/base/clock.hpp"
#include "libs/base/faults.hpp"
#include "libs/base/log.hpp"
#include "libs/base/rng.hpp"

namespace kubeloop {

namespace asio = boost::asio;
template <class T>
using awaitable = boost::asio::awaitable<T>;

struct Env {
  asio::any_io_executor executor;
  Clock& clock;
  Rng rng;
  Log log;
  Faults& faults;

  Env(asio::any_io_executor e, Clock& c, Rng r, Log l, Faults& f)
      : executor(std::move(e)), clock(c), rng(r), log(std::move(l)), faults(f) {}
  Env(Env&&) = default;
  Env(const Env&) = delete;

  Env child(std::string_view name) const { return Env(executor, clock, rng.fork(name), log.child(name), faults); }
};

// Waiting. Both throw boost::system::system_error(operation_aborted) when the coroutine is cancelled.
awaitable<void> sleep_until(const Env& env, Instant at);
awaitable<void> sleep_for(const Env& env, Duration duration);
// Lets everything that is ready run first.
awaitable<void> yield(const Env& env);

}  // namespace kubeloop
