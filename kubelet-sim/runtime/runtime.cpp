#include "kubelet-sim/runtime/runtime.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kubelet-sim/runtime/behaviour.hpp"
#include "libs/api/time.hpp"

namespace kubeloop::kubelet_sim {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr int kLastHost = 254;
constexpr std::size_t kMostStarts = 100'000;

// What the container's end will be when nobody stops it.
void plan_end(ContainerRecord& record, const RunBehaviour& run) {
  if (!run.exit_after) return;
  record.exits_at = record.started_at + *run.exit_after;
  record.exit_code = run.exit_code;
  record.reason = run.is_oom ? "OOMKilled" : run.exit_code == 0 ? "Completed" : "Error";
}

}  // namespace

const ContainerRecord* PodRuntime::latest(const std::string& container) const {
  auto it = containers.find(container);
  return it == containers.end() || it->second.empty() ? nullptr : &it->second.back();
}

const ContainerRecord* PodRuntime::previous(const std::string& container) const {
  auto it = containers.find(container);
  return it == containers.end() || it->second.size() < 2 ? nullptr : &it->second[it->second.size() - 2];
}

bool PodRuntime::has_running(Instant now) const {
  return std::ranges::any_of(
      containers, [&](const auto& entry) { return !entry.second.empty() && !entry.second.back().has_exited(now); });
}

const api::Container* find_container(const api::Pod& pod, std::string_view name) {
  for (const auto* list : {&pod.spec.containers, &pod.spec.initContainers}) {
    auto it = std::ranges::find(*list, name, &api::Container::name);
    if (it != list->end()) return &*it;
  }
  return nullptr;
}

Runtime::Runtime(Rng rng, Timings timings, ImageRules rules) : rng_(rng), timings_(timings), rules_(std::move(rules)) {}

Behaviour Runtime::behaviour(const api::Pod& pod, const api::Container& container) const {
  return behaviour_of(pod, container, rules_);
}

Runtime::Node& Runtime::node(const std::string& name) {
  return nodes_[name];
}

void Runtime::add_node(const std::string& name, const std::string& address) {
  auto& entry = node(name);
  entry.address = address;
  std::string pause = "registry.k8s.io/pause:3.10.1";
  entry.images[pause] = CachedImage{pause, image_digest(pause), 320'000, Instant{}};
}

void Runtime::set_pod_cidr(const std::string& name, const std::string& cidr) {
  auto dot = cidr.rfind('.');
  node(name).cidr_prefix = dot == std::string::npos ? "" : cidr.substr(0, dot + 1);
}

bool Runtime::is_network_ready(const std::string& name) const {
  auto it = nodes_.find(name);
  return it != nodes_.end() && !it->second.cidr_prefix.empty();
}

PodRuntime& Runtime::pod(const std::string& name, const api::Pod& pod) {
  auto& entry = node(name).pods[pod.metadata.uid];
  if (entry.uid.empty()) {
    entry.node = name;
    entry.namespace_ = pod.metadata.namespace_;
    entry.name = pod.metadata.name;
    entry.uid = pod.metadata.uid;
  }
  return entry;
}

const PodRuntime* Runtime::find(const std::string& name, const std::string& uid) const {
  auto it = nodes_.find(name);
  if (it == nodes_.end()) return nullptr;
  auto pod = it->second.pods.find(uid);
  return pod == it->second.pods.end() ? nullptr : &pod->second;
}

void Runtime::forget(const std::string& name, const std::string& uid) {
  node(name).pods.erase(uid);
}

Duration Runtime::jittered(Duration cost, const std::string& uid, std::string_view what) const {
  if (timings_.cost_jitter_percent == 0) return cost;
  auto percent = static_cast<std::uint64_t>(timings_.cost_jitter_percent);
  Rng rng = rng_.fork(uid).fork(what);
  // In thousandths, so that two pods seldom take the same time.
  auto factor = static_cast<std::int64_t>(1000 - percent * 10 + rng.below(percent * 20 + 1));
  return std::chrono::duration_cast<std::chrono::milliseconds>(cost * factor / 1000);
}

std::string Runtime::take_address(Node& entry) {
  std::set<std::string> used;
  for (const auto& [uid, pod] : entry.pods) {
    if (pod.sandbox) used.insert(pod.sandbox->ip);
  }
  // Round robin, so that an address is not given again right after its pod went.
  for (int tries = 0; tries < kLastHost; ++tries) {
    int host = entry.next_host;
    entry.next_host = host >= kLastHost ? 2 : host + 1;
    std::string ip = fmt::format("{}{}", entry.cidr_prefix, host);
    if (!used.contains(ip)) return ip;
  }
  return fmt::format("{}{}", entry.cidr_prefix, kLastHost);
}

void Runtime::create_sandbox(Node& entry, PodRuntime& pod, const CreateSandbox& op, Instant now) {
  Sandbox sandbox;
  sandbox.id = rng_.fork(pod.uid).fork("sandbox").word(64, kHex);
  sandbox.ip = op.is_host_network ? entry.address : take_address(entry);
  sandbox.ready_at = now + jittered(timings_.sandbox_create, pod.uid, "sandbox");
  pod.sandbox = std::move(sandbox);
}

void Runtime::pull_image(Node& entry, PodRuntime& pod, const api::Pod& spec, const PullImage& op, Instant now) {
  const api::Container* container = find_container(spec, op.container);
  if (!container) return;
  Behaviour does = behaviour(spec, *container);
  std::string full = normalized_image(container->image);
  PullRecord pull;
  pull.image = container->image;
  pull.size_bytes = does.pull.size_bytes;
  pull.error = pull_error_text(does.pull.error, container->image);
  // What is there already costs only a look at the registry.
  bool is_quick = entry.images.contains(full) || !pull.error.empty();
  Duration latency = is_quick ? std::min(does.pull.latency, Duration(400ms)) : does.pull.latency;
  pull.took = jittered(latency, pod.uid, "pull/" + full);
  Instant from = std::max(now, entry.puller_free_at);
  pull.done_at = from + pull.took;
  pull.with_waiting = pull.done_at - now;
  entry.puller_free_at = pull.done_at;
  if (pull.error.empty() && !entry.images.contains(full)) {
    entry.images[full] = CachedImage{full, image_digest(full), pull.size_bytes, pull.done_at};
  }
  pod.pull = std::move(pull);
}

void Runtime::start_container(PodRuntime& pod, const api::Pod& spec, const StartContainer& op, Instant now,
                              WallTime wall) {
  const api::Container* container = find_container(spec, op.container);
  if (!container) return;
  Behaviour does = behaviour(spec, *container);
  std::string what = fmt::format("{}/{}", op.container, op.attempt);
  ContainerRecord record;
  record.id = "containerd://" + rng_.fork(pod.uid).fork(what).word(64, kHex);
  record.image = normalized_image(container->image);
  record.spec_image = container->image;
  record.image_id = image_digest(container->image);
  record.attempt = op.attempt;
  Duration cost = jittered(timings_.container_start, pod.uid, what);
  record.started_at = now + cost;
  record.started_wall = wall + cost;
  if (does.start_error.empty()) {
    plan_end(record, does.run(op.attempt));
  } else {
    record.exits_at = record.started_at;
    record.exit_code = 128;
    record.reason = "StartError";
    record.message = does.start_error;
  }
  auto& records = pod.containers[op.container];
  records.push_back(std::move(record));
  if (records.size() > 2) records.erase(records.begin());
  StartEntry entry;
  entry.at = now + cost;
  entry.node = pod.node;
  entry.namespace_ = pod.namespace_;
  entry.pod = pod.name;
  entry.uid = pod.uid;
  entry.container = op.container;
  entry.attempt = op.attempt;
  starts_.push_back(std::move(entry));
  ++started_total_;
  if (starts_.size() > kMostStarts) starts_.pop_front();
}

void Runtime::stop_container(PodRuntime& pod, const api::Pod& spec, const StopContainer& op, Instant now) {
  auto it = pod.containers.find(op.container);
  const api::Container* container = find_container(spec, op.container);
  if (it == pod.containers.end() || it->second.empty() || !container) return;
  auto& record = it->second.back();
  if (record.has_exited(now)) return;
  if (!record.has_started(now)) {
    // Created but not running yet: it goes without a trace.
    std::erase_if(starts_, [&](const StartEntry& start) {
      return start.uid == pod.uid && start.node == pod.node && start.container == op.container && start.at > now;
    });
    it->second.pop_back();
    return;
  }
  StopBehaviour stop = behaviour(spec, *container).stop;
  Instant killed_at = now + op.grace;
  if (record.exits_at > killed_at) {
    record.exits_at = killed_at;
    record.exit_code = 137;
    record.reason = "Error";
  }
  Instant leaves_at = now + stop.exit_after;
  if (!stop.ignores_sigterm && !record.is_stopping && leaves_at < record.exits_at) {
    record.exits_at = leaves_at;
    record.exit_code = stop.exit_code;
    record.reason = stop.exit_code == 0 ? "Completed" : "Error";
  }
  record.is_stopping = true;
}

void Runtime::apply(const std::string& name, const api::Pod& spec, const RuntimeOp& op, Instant now, WallTime wall) {
  auto& entry = node(name);
  PodRuntime& place = pod(name, spec);
  if (auto* create = std::get_if<CreateSandbox>(&op)) create_sandbox(entry, place, *create, now);
  if (auto* pull = std::get_if<PullImage>(&op)) pull_image(entry, place, spec, *pull, now);
  if (auto* start = std::get_if<StartContainer>(&op)) start_container(place, spec, *start, now, wall);
  if (auto* stop = std::get_if<StopContainer>(&op)) stop_container(place, spec, *stop, now);
  if (std::holds_alternative<RemoveSandbox>(op) && place.sandbox) {
    place.sandbox->gone_at = now + jittered(timings_.sandbox_remove, place.uid, "remove");
  }
}

void Runtime::adopt_container(PodRuntime& place, const api::Pod& spec, const api::Container& container,
                              const api::ContainerStatus& status, Instant now, WallTime wall) {
  auto record_of = [&](const std::string& id, int attempt) {
    ContainerRecord record;
    record.id = id;
    record.image = normalized_image(container.image);
    record.spec_image = container.image;
    record.image_id = image_digest(container.image);
    record.attempt = attempt;
    return record;
  };
  auto set_start = [&](ContainerRecord& record, const std::string& text) {
    record.started_wall = api::parse_time(text).value_or(wall);
    record.started_at = now - (wall - record.started_wall);
  };
  auto& records = place.containers[container.name];
  int attempt = static_cast<int>(status.restartCount);
  auto add_ended = [&](const api::ContainerStateTerminated& ended, int of) {
    auto record = record_of(ended.containerID, of);
    set_start(record, ended.startedAt);
    auto finished = api::parse_time(ended.finishedAt).value_or(wall);
    record.exits_at = record.started_at + (finished - record.started_wall);
    record.exit_code = static_cast<int>(ended.exitCode);
    record.reason = ended.reason;
    record.message = ended.message;
    records.push_back(std::move(record));
  };
  bool is_waiting = !status.state.running && !status.state.terminated;
  if (status.lastState.terminated) add_ended(*status.lastState.terminated, is_waiting ? attempt : attempt - 1);
  if (status.state.terminated) add_ended(*status.state.terminated, attempt);
  if (status.state.running) {
    auto record = record_of(status.containerID, attempt);
    set_start(record, status.state.running->startedAt);
    plan_end(record, behaviour(spec, container).run(attempt));
    // It was alive when this process died; what its plan says of the time in between, it did just now.
    if (record.exits_at < now) record.exits_at = now;
    records.push_back(std::move(record));
  }
}

void Runtime::adopt(const std::string& name, const api::Pod& spec, Instant now, WallTime wall) {
  auto& place = pod(name, spec);
  auto& entry = node(name);
  for (const auto& status : spec.status.initContainerStatuses) {
    if (auto* container = find_container(spec, status.name))
      adopt_container(place, spec, *container, status, now, wall);
  }
  for (const auto& status : spec.status.containerStatuses) {
    if (auto* container = find_container(spec, status.name))
      adopt_container(place, spec, *container, status, now, wall);
  }
  for (const auto& [container, records] : place.containers) {
    if (records.empty()) continue;
    const auto& record = records.back();
    auto size = behaviour(spec, *find_container(spec, container)).pull.size_bytes;
    entry.images[record.image] = CachedImage{record.image, record.image_id, size, Instant{}};
  }
  auto* ready = api::find_condition(spec.status.conditions, "PodReadyToStartContainers");
  if (spec.status.podIP.empty() || !ready || ready->status != "True") return;
  Sandbox sandbox;
  sandbox.id = rng_.fork(place.uid).fork("sandbox").word(64, kHex);
  sandbox.ip = spec.status.podIP;
  sandbox.ready_at = now;
  place.sandbox = std::move(sandbox);
}

const std::map<std::string, CachedImage>& Runtime::images(const std::string& name) const {
  static const std::map<std::string, CachedImage> kNone;
  auto it = nodes_.find(name);
  return it == nodes_.end() ? kNone : it->second.images;
}

bool Runtime::has_image(const std::string& name, std::string_view image, Instant now) const {
  const auto& all = images(name);
  auto it = all.find(normalized_image(image));
  return it != all.end() && it->second.present_from <= now;
}

std::vector<std::string> Runtime::pods_on(const std::string& name) const {
  std::vector<std::string> uids;
  auto it = nodes_.find(name);
  if (it == nodes_.end()) return uids;
  for (const auto& [uid, pod] : it->second.pods) uids.push_back(uid);
  return uids;
}

std::vector<std::string> Runtime::nodes_running(std::string_view uid, Instant now) const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : nodes_) {
    auto it = entry.pods.find(std::string(uid));
    if (it == entry.pods.end()) continue;
    bool is_running = std::ranges::any_of(it->second.containers, [&](const auto& records) {
      return !records.second.empty() && records.second.back().is_running(now);
    });
    if (is_running) names.push_back(name);
  }
  return names;
}

std::set<std::string> Runtime::nodes_that_ran(std::string_view uid) const {
  std::set<std::string> names;
  for (const auto& start : starts_) {
    if (start.uid == uid) names.insert(start.node);
  }
  return names;
}

}  // namespace kubeloop::kubelet_sim
