// Counters and gauges of the hub, written in the Prometheus text form. Owned by the hub, single-threaded.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace kubeloop::apiserver {

struct RequestInfo;

class Metrics {
 public:
  // One answered request. `component` and the label values are those of kube-apiserver.
  void count_request(const RequestInfo& info, bool is_dry_run, int code);
  void count_deliveries(std::string_view resource, std::uint64_t n) { deliveries_[std::string(resource)] += n; }

  struct Gauges {
    std::map<std::string, std::size_t> objects;  // by plural[.group]
    std::uint64_t revision = 0;
    std::uint64_t compacted = 0;
    std::size_t watchers = 0;
    std::size_t task_failures = 0;
    int reads_in_flight = 0, writes_in_flight = 0;
  };
  std::string text(const Gauges& gauges) const;

  double loop_lag_seconds = 0;
  std::uint64_t panics = 0;  // exceptions that escaped a handler

 private:
  std::map<std::string, std::uint64_t> requests_;    // by rendered labels
  std::map<std::string, std::uint64_t> deliveries_;  // watch events by resource
};

}  // namespace kubeloop::apiserver
