// Runs one scenario against real daemons: on a private cluster that is made for it and removed afterwards, or on one
// that is running.
#pragma once
#include <boost/asio/io_context.hpp>

#include <string>

#include "simulator/launcher/cluster_up.hpp"
#include "simulator/run/run_scenario.hpp"

namespace kubeloop::simulator {

struct RealRunOptions {
  std::uint64_t seed = 1;
  std::string on;  // name of a running cluster; "" = a private one
  bool keeps_cluster = false;
  std::string bin_dir;
  Detail detail = Detail::kStory;
  Progress progress;       // may be null
  Progress step_progress;  // within a long step; may be null
};

struct RealRunResult {
  RunReport report;
  std::string kept_cluster;  // its name, when it was kept
};

awaitable<RealRunResult> run_in_real_time(const Env& env, boost::asio::io_context& context, Scenario scenario,
                                          RealRunOptions options);

}  // namespace kubeloop::simulator
