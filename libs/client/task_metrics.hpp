// The metric that tells of tasks which ended with an exception: one text for all components.
#pragma once
#include <fmt/core.h>

#include <string>

#include "libs/base/task_group.hpp"

namespace kubeloop::client {

// kubeloop_task_failures_total, as Prometheus text.
inline std::string task_failures_text(const TaskGroup& tasks) {
  return fmt::format(
      "# HELP kubeloop_task_failures_total Tasks of this process that ended with an exception.\n"
      "# TYPE kubeloop_task_failures_total counter\n"
      "kubeloop_task_failures_total {}\n",
      tasks.failures());
}

}  // namespace kubeloop::client
