// What the simulated container runtime knows of one pod: its sandbox, its containers' lives, the last image pull.
// Plain data; a thing that takes time carries the instant at which it is done, so whoever reads compares with now.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "libs/base/time.hpp"

namespace kubeloop::kubelet_sim {

struct ContainerRecord {
  std::string id;          // "containerd://<64 hex>"
  std::string image;       // in full: "docker.io/library/nginx:latest"
  std::string spec_image;  // as the spec had it when the container was made
  std::string image_id;    // repository digest
  int attempt = 0;         // 0 for the first start; the container's restartCount
  Instant started_at{};
  WallTime started_wall{};
  Instant exits_at = Instant::max();  // known beforehand; max: runs until stopped
  int exit_code = 0;
  std::string reason;  // of the end: Completed, Error, OOMKilled, StartError
  std::string message;
  bool is_stopping = false;

  bool has_started(Instant now) const { return started_at <= now; }
  bool has_exited(Instant now) const { return exits_at <= now; }
  bool is_running(Instant now) const { return has_started(now) && !has_exited(now); }
  WallTime finished_wall() const { return started_wall + (exits_at - started_at); }
};

struct Sandbox {
  std::string id;
  std::string ip;
  Instant ready_at{};
  Instant gone_at = Instant::max();

  bool is_ready(Instant now) const { return ready_at <= now && now < gone_at; }
};

struct PullRecord {
  std::string image;  // as in the spec
  Instant done_at{};
  Duration took{};          // the pull alone
  Duration with_waiting{};  // with the wait for the pulls before it
  std::int64_t size_bytes = 0;
  std::string error;  // empty: it succeeded
};

struct PodRuntime {
  std::string node, namespace_, name, uid;
  std::optional<Sandbox> sandbox;
  std::optional<PullRecord> pull;
  std::map<std::string, std::vector<ContainerRecord>> containers;  // by name, at most two each, the latest last

  // The latest container of that name, or null.
  const ContainerRecord* latest(const std::string& container) const;
  // The one before it, or null.
  const ContainerRecord* previous(const std::string& container) const;
  bool has_running(Instant now) const;
};

// What a pod worker asks of the runtime.
struct CreateSandbox {
  bool is_host_network = false;
};
struct PullImage {
  std::string container;
};
struct StartContainer {
  std::string container;
  int attempt = 0;
};
struct StopContainer {
  std::string container;
  Duration grace{};
};
struct RemoveSandbox {};
using RuntimeOp = std::variant<CreateSandbox, PullImage, StartContainer, StopContainer, RemoveSandbox>;

}  // namespace kubeloop::kubelet_sim
