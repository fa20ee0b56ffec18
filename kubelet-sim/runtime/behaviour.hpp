// How a container behaves, as data: what its image pull costs or fails with, how long it runs and with which code it
// ends, how it takes SIGTERM, what its probes answer. Found from, in rising order: the table of known images, the
// commands (of the container and of its exec probes), the rules for images, the pod's annotations. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kubelet-sim/runtime/image.hpp"
#include "kubelet-sim/runtime/image_rule.hpp"
#include "libs/api/views/pod.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::kubelet_sim {

struct PullBehaviour {
  Duration latency = 1500ms;
  std::int64_t size_bytes = 50'000'000;
  PullError error = PullError::kNone;
};

struct RunBehaviour {
  std::optional<Duration> exit_after;  // nothing: runs until it is stopped
  int exit_code = 0;
  bool is_oom = false;  // ends with 137 and the reason OOMKilled
};

struct StopBehaviour {
  bool ignores_sigterm = false;
  Duration exit_after = 100ms;
  int exit_code = 0;
};

enum class ProbeKind { kStartup, kLiveness, kReadiness };

// Spans of the container's life during which the probe fails; outside them it succeeds.
struct ProbeScript {
  std::vector<std::pair<Duration, Duration>> failing;  // [from, to)
  bool succeeds(Duration since_start) const;
};

struct Behaviour {
  PullBehaviour pull;
  std::vector<RunBehaviour> runs;  // by start, at least one; the last repeats
  StopBehaviour stop;
  std::string start_error;  // not empty: the process cannot be started
  ProbeScript startup, liveness, readiness;

  const RunBehaviour& run(int attempt) const;
  const ProbeScript& probe(ProbeKind kind) const;
};

// Annotations on the pod; append ".CONTAINER" to mean one container only:
//   kubeloop.dev/pull       "3s" | "not-found" | "denied" | "timeout"
//   kubeloop.dev/run        "forever" | "90s" (exit 0) | "5s exit 1" | "2m oom"; a list for one start after the other,
//                           of which the last repeats: "5s exit 1 x3, forever"
//   kubeloop.dev/stop       "ignore" (needs SIGKILL) | "2s" (exit 0 after it) | "2s exit 3"
//   kubeloop.dev/liveness, kubeloop.dev/readiness, kubeloop.dev/startup
//                           "ok" | "fail" | "fail 60s-90s" | "fail 0s-5s, 60s-": spans since the container started
// An annotation that cannot be read is ignored. Of several rules for an image the later one has the last word.
Behaviour behaviour_of(const api::Pod& pod, const api::Container& container, const ImageRules& rules = {});

// Takes over what the text says of `name` (one of behaviour_names()), in the notation above; false when it cannot be
// read.
bool apply_behaviour(Behaviour& behaviour, std::string_view name, std::string_view text);

}  // namespace kubeloop::kubelet_sim
