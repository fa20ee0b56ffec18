// What the page of a run is drawn from, as JSON: the story with its lanes, the pods' phases, the objects with their
// differences. Large runs are cut, and the cuts are counted. Same runs, same bytes. Pure.
#pragma once
#include <string>
#include <vector>

#include "simulator/report/run_report.hpp"

namespace kubeloop::simulator {

struct PageLimits {
  std::size_t lines = 20'000;         // of the story
  std::size_t line_bytes = 6u << 20;  // of all lines together, about
  std::size_t details = 12;           // of one line: the first ones and the last
  std::size_t pods = 2'000;
  std::size_t value = 1'000;            // bytes of one field's value
  std::size_t object_bytes = 3u << 20;  // of all differences together, about
};

// ASCII only, without '<', '>' and '&': it may stand in a script element as it is. Times are microseconds since the
// beginning of the run.
std::string page_data(const std::vector<RunReport>& reports, PageLimits limits = {});

}  // namespace kubeloop::simulator
