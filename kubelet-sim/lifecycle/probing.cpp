#include <fmt/format.h>

#include <algorithm>

#include "kubelet-sim/lifecycle/phase.hpp"
#include "kubelet-sim/lifecycle/pod_status.hpp"
#include "kubelet-sim/lifecycle/stepper.hpp"

namespace kubeloop::kubelet_sim {
namespace {

std::string_view word_of(ProbeKind kind) {
  if (kind == ProbeKind::kStartup) return "Startup";
  return kind == ProbeKind::kLiveness ? "Liveness" : "Readiness";
}

std::int64_t port_of(std::int64_t port, const api::Container& container) {
  if (port != 0) return port;
  return container.ports.empty() ? 80 : container.ports.front().containerPort;  // a named one
}

// What the prober says of an attempt that failed; source: the kubelet's probe packages.
std::string failure_text(const api::Probe& probe, const api::Container& container, const std::string& ip) {
  if (probe.httpGet) return "HTTP probe failed with statuscode: 500";
  if (probe.tcpSocket) {
    return fmt::format("dial tcp {}:{}: connect: connection refused", ip, port_of(probe.tcpSocket->port, container));
  }
  if (probe.exec && probe.exec->command.size() == 2 && probe.exec->command[0] == "cat") {
    return fmt::format("cat: can't open '{}': No such file or directory\n", probe.exec->command[1]);
  }
  return "";
}

}  // namespace

// Runs every probe that is due and says when the next one is.
void Stepper::probe_all() {
  auto look = [&](const api::Container& container) {
    const auto* record = seen_.runtime->latest(container.name);
    if (!record || !record->is_running(seen_.now) || record->is_stopping) return;
    auto noticed = state_.noticed.find(container.name);
    // Probing begins when the kubelet has seen the container run.
    if (noticed == state_.noticed.end() || noticed->second.first != record->id) return;
    if (container.startupProbe) probe(container, ProbeKind::kStartup, *container.startupProbe, *record);
    if (!is_started(state_, seen_, container)) return;
    if (container.livenessProbe) probe(container, ProbeKind::kLiveness, *container.livenessProbe, *record);
    if (container.readinessProbe) probe(container, ProbeKind::kReadiness, *container.readinessProbe, *record);
  };
  for (const auto& container : pod_.spec.initContainers) {
    if (is_sidecar(container)) look(container);
  }
  for (const auto& container : pod_.spec.containers) look(container);
}

void Stepper::probe(const api::Container& container, ProbeKind kind, const api::Probe& probe,
                    const ContainerRecord& record) {
  ProbeResult known = probe_result(state_, record, container.name, kind);
  auto& memory = state_.probes[{container.name, kind}];
  if (memory.container_id != record.id) {
    memory = ProbeState();
    memory.container_id = record.id;
    memory.result = known;
    memory.next_at = std::max(seen_.now, record.started_at + std::chrono::seconds(probe.initialDelaySeconds));
  }
  if (memory.is_on_hold || (kind == ProbeKind::kStartup && memory.result == ProbeResult::kSuccess)) return;
  while (!memory.is_on_hold && memory.next_at <= seen_.now) {
    attempt(container, kind, probe, record, memory);
    memory.next_at += std::chrono::seconds(std::max<std::int64_t>(probe.periodSeconds, 1));
    if (memory.next_at <= seen_.now) memory.next_at = seen_.now + std::chrono::seconds(probe.periodSeconds);
    if (kind == ProbeKind::kStartup && memory.result == ProbeResult::kSuccess) return;
  }
  // A probe that can only go on succeeding changes nothing and writes nothing: it need not be run.
  bool is_settled = memory.result == ProbeResult::kSuccess && memory.was_success &&
                    seen_.machine->behaviour(pod_, container).probe(kind).failing.empty();
  if (!is_settled && !memory.is_on_hold) wake_at(memory.next_at);
}

void Stepper::attempt(const api::Container& container, ProbeKind kind, const api::Probe& probe,
                      const ContainerRecord& record, ProbeState& memory) {
  bool is_success = seen_.machine->behaviour(pod_, container).probe(kind).succeeds(seen_.now - record.started_at);
  memory.in_row = memory.was_success == is_success ? memory.in_row + 1 : 1;
  memory.was_success = is_success;
  if (!is_success) {
    std::string ip = seen_.runtime->sandbox ? seen_.runtime->sandbox->ip : "";
    event("Warning", "Unhealthy", fmt::format("{} probe failed: {}", word_of(kind), failure_text(probe, container, ip)),
          container.name);
  }
  auto threshold = is_success ? probe.successThreshold : probe.failureThreshold;
  if (memory.in_row < std::max<std::int64_t>(threshold, 1)) return;
  ProbeResult before = memory.result;
  memory.result = is_success ? ProbeResult::kSuccess : ProbeResult::kFailure;
  if (!is_success && kind != ProbeKind::kReadiness) memory.is_on_hold = true;
  if (memory.result != before || memory.is_on_hold) state_.is_sync_asked = true;
}

}  // namespace kubeloop::kubelet_sim
