// What a component program answers about itself: health, metrics, and the arming of faults. Synchronous; the program
// serves it.
#pragma once
#include <functional>
#include <string>

#include "libs/client/process_faults.hpp"
#include "libs/http/message.hpp"

namespace kubeloop::client {

struct HealthFacts {
  std::function<bool()> is_ready;
  std::function<std::string()> metrics;  // Prometheus text
  ProcessFaults* faults = nullptr;
};

// GET /livez, /healthz (200 as long as the process answers), /readyz (500 until ready), /metrics; PUT
// /kubeloop/v1/faults/PLACE with the body `kill` or `throw`, DELETE to disarm. Anything else is 404 or 405.
http::Response answer_health(const http::Request& request, const HealthFacts& facts);

}  // namespace kubeloop::client
