// The lines of one watch between the hub and a component, under the watch faults that are on: they may be late, left
// out, or change places, but never so that the last state of an object is lost or two states of one object are told in
// the wrong order. Pure: time and randomness are parameters.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/faults/request_fate.hpp"

namespace kubeloop::simulator {

class LineQueue {
 public:
  // Takes a line in, without its newline.
  void push(std::string_view line, Instant now, const ActiveFaults& faults, std::string_view resource, Rng& rng);
  // What may be told now, with newlines; "" = nothing yet.
  std::string take(Instant now, const ActiveFaults& faults, std::string_view resource);
  // Everything that is left, in its order: before the stream ends.
  std::string take_all();
  // When take() has something, if nothing else comes in.
  std::optional<Instant> next_due() const;
  bool is_empty() const { return lines_.empty(); }
  std::size_t size() const { return lines_.size(); }

 private:
  struct Line {
    std::string text;
    std::string object;  // "namespace/name"; "" for a bookmark or an error: nothing passes it
    bool is_modification = false;
    Instant due{};
  };
  void leave_out(const Line& line);
  void change_places(Rng& rng);

  std::deque<Line> lines_;
};

// True when the fault is one of the watch faults that change how lines are told, and concerns this resource.
bool concerns_lines(const Fault& fault, std::string_view resource);

}  // namespace kubeloop::simulator
