// Decides what becomes of one request under the faults that are on: whether it is late, lost, or answered by the fault
// itself. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "libs/base/rng.hpp"
#include "simulator/faults/fault.hpp"

namespace kubeloop::simulator {

// What a fault asks about a request.
struct RequestFacts {
  std::string_view method;
  std::string_view resource;  // "pods", also for their subresources; "" for paths that are no resource
  std::string_view node;      // whose kubelet sends it; "" = no kubelet
  bool is_watch = false;
  bool is_heartbeat = false;  // a lease, or the status of a node
};
RequestFacts facts_of(std::string_view method, std::string_view target, std::string_view impersonated_user);

struct RequestFate {
  enum class End { kPass, kAnswer, kLost, kReplyLost };
  End end = End::kPass;
  int code = 0;      // of the answer: 409, 429, 500, 410
  Duration delay{};  // before it goes out
};
// Faults by number: in their order each may draw from `rng`; the first that ends the request decides.
using ActiveFaults = std::map<std::uint64_t, Fault>;
RequestFate decide_fate(const ActiveFaults& faults, const RequestFacts& facts, Rng& rng);

}  // namespace kubeloop::simulator
