#include "kubeloop/flow_line.hpp"

#include <fmt/format.h>

namespace kubeloop::cli {

using namespace simulator;

namespace {

std::string cause_text(const FlowEvent& event) {
  if (event.cause.empty()) return "";
  return event.cause == "timer" ? "  (timer)" : "  (because of rev " + event.cause + ")";
}

}  // namespace

std::string flow_line(const FlowEvent& event) {
  std::string what = event.kind;
  if (event.kind == "request") what = fmt::format("{} {}", event.verb, event.object);
  if (event.kind == "stage")
    what =
        fmt::format("  {} {} us{}", event.stage, event.duration_us, event.code ? fmt::format(" ({})", event.code) : "");
  if (event.kind == "commit") what = fmt::format("wrote {} -> rev {}", event.object, event.revision);
  if (event.kind == "delivery") what = fmt::format("sees {} rev {}", event.object, event.revision);
  if (event.kind == "note" || event.kind == "gap") what = fmt::format("{} {}", event.kind, event.data.dump());
  return fmt::format("{:<34} {}{}", event.actor, what, cause_text(event));
}

}  // namespace kubeloop::cli
