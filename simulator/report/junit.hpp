// What came of the steps, as JUnit XML for build servers: a test suite a run, a test case a step. Same runs, same
// bytes. Pure.
#pragma once
#include <string>
#include <vector>

#include "simulator/report/run_report.hpp"

namespace kubeloop::simulator {

// A step that failed an assertion or timed out is a failure, any other trouble an error; a step that the run did not
// come to is skipped. A run that went wrong without a failed step has a test case of its own for that. Each failure
// says the command that runs it again.
std::string to_junit(const std::vector<RunReport>& reports);

}  // namespace kubeloop::simulator
