#include "simulator/cluster/component_flags.hpp"

#include <charconv>
#include <functional>
#include <map>

#include "controller-manager/registrations.hpp"
#include "libs/base/go_duration.hpp"
#include "libs/client/leader_election_plan.hpp"

namespace kubeloop::simulator {
namespace {

// Puts a text in place; what is wrong with it otherwise.
template <class Options>
using Setter = std::function<std::string(Options&, const std::string&)>;
template <class Options>
using Setters = std::map<std::string, Setter<Options>>;

using Election = std::optional<client::LeaderElectionOptions>;

std::string set_duration(Duration& target, const std::string& text) {
  auto duration = parse_go_duration(text);
  if (!duration || *duration <= Duration::zero()) return "\"" + text + "\" is no duration like 50s";
  target = *duration;
  return "";
}

template <class Number>
std::string set_number(Number& target, const std::string& text, Number min, Number max) {
  Number value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || !(value >= min) || !(value <= max)) return "\"" + text + "\" is no number that fits here";
  target = value;
  return "";
}

template <class Options>
Setter<Options> duration(Duration Options::* member) {
  return [member](Options& options, const std::string& text) { return set_duration(options.*member, text); };
}

template <class Options, class Number>
Setter<Options> number(Number Options::* member, Number min, Number max) {
  return [member, min, max](Options& options, const std::string& text) {
    return set_number(options.*member, text, min, max);
  };
}

std::string set_elected(Election& election, const std::string& text) {
  if (text != "true" && text != "false") return "\"" + text + "\" is neither true nor false";
  if (text == "false") election.reset();
  return "";
}

Setter<Election> election_time(Duration client::LeaderElectionTiming::* member) {
  return [member](Election& election, const std::string& text) {
    Duration ignored{};
    return set_duration(election ? election->timing.*member : ignored, text);
  };
}

const Setters<Election>& election_setters() {
  using Timing = client::LeaderElectionTiming;
  static const Setters<Election> kSetters = {{"leader-elect", set_elected},
                                             {"leader-elect-lease-duration", election_time(&Timing::lease_duration)},
                                             {"leader-elect-renew-deadline", election_time(&Timing::renew_deadline)},
                                             {"leader-elect-retry-period", election_time(&Timing::retry_period)}};
  return kSetters;
}

const Setters<apiserver::HubOptions>& hub_setters() {
  using Options = apiserver::HubOptions;
  static const Setters<Options> kSetters = {
      {"default-not-ready-toleration-seconds", number(&Options::not_ready_toleration_seconds, 0, INT32_MAX)},
      {"default-unreachable-toleration-seconds", number(&Options::unreachable_toleration_seconds, 0, INT32_MAX)},
      {"etcd-compaction-interval", duration(&Options::compaction_interval)},
      {"event-ttl", duration(&Options::event_ttl)},
      {"request-timeout", duration(&Options::request_timeout)}};
  return kSetters;
}

// "*,-garbage-collector"
std::string set_controllers(controller_manager::Options& options, const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    auto end = std::min(text.find(',', at), text.size());
    std::string word = text.substr(at, end - at);
    std::string name = word.starts_with('-') ? word.substr(1) : word;
    bool is_known = name == "*";
    for (const auto& one : controller_manager::registrations()) is_known = is_known || one.name == name;
    if (!is_known) return "\"" + name + "\" is no controller";
    words.push_back(std::move(word));
    at = end + 1;
  }
  options.controllers = std::move(words);
  return "";
}

const Setters<controller_manager::Options>& manager_setters() {
  using Options = controller_manager::Options;
  static const Setters<Options> kSetters = {
      {"concurrent-deployment-syncs", number(&Options::concurrent_deployment_syncs, 1, 1000)},
      {"concurrent-gc-syncs", number(&Options::concurrent_gc_syncs, 1, 1000)},
      {"concurrent-namespace-syncs", number(&Options::concurrent_namespace_syncs, 1, 1000)},
      {"concurrent-replicaset-syncs", number(&Options::concurrent_replicaset_syncs, 1, 1000)},
      {"controllers", set_controllers},
      {"endpoint-updates-batch-period", duration(&Options::endpoint_updates_batch_period)},
      {"endpointslice-updates-batch-period", duration(&Options::endpointslice_updates_batch_period)},
      {"large-cluster-size-threshold", number(&Options::large_cluster_size_threshold, 0, INT32_MAX)},
      {"max-endpoints-per-slice", number(&Options::max_endpoints_per_slice, 1, 1000)},
      {"node-eviction-rate", number(&Options::node_eviction_rate, 0.0, 1e6)},
      {"node-monitor-grace-period", duration(&Options::node_monitor_grace_period)},
      {"node-monitor-period", duration(&Options::node_monitor_period)},
      {"node-startup-grace-period", duration(&Options::node_startup_grace_period)},
      {"secondary-node-eviction-rate", number(&Options::secondary_node_eviction_rate, 0.0, 1e6)},
      {"terminated-pod-gc-threshold", number(&Options::terminated_pod_gc_threshold, 0, INT32_MAX)},
      {"unhealthy-zone-threshold", number(&Options::unhealthy_zone_threshold, 0.0, 1.0)}};
  return kSetters;
}

const Setters<kubelet_sim::Timings>& kubelet_setters() {
  using Options = kubelet_sim::Timings;
  static const Setters<Options> kSetters = {{"node-lease-renew-interval", duration(&Options::lease_renew)},
                                            {"node-status-update-frequency", duration(&Options::node_status_update)}};
  return kSetters;
}

template <class Options>
std::string set_all(const Setters<Options>& setters, const std::vector<Flag>& flags, Options& options) {
  std::string problem;
  for (const auto& [name, value] : flags) {
    auto setter = setters.find(name);
    std::string wrong = setter == setters.end() ? "" : setter->second(options, value);
    if (problem.empty() && !wrong.empty()) problem = "--" + name + ": " + wrong;
  }
  return problem;
}

template <class Options>
void add_names(const Setters<Options>& setters, std::set<std::string>& names) {
  for (const auto& [name, setter] : setters) names.insert(name);
}

}  // namespace

std::set<std::string> known_flags(const std::string& component) {
  std::set<std::string> names;
  if (component == "apiserver") add_names(hub_setters(), names);
  if (component == "controller-manager") add_names(manager_setters(), names);
  if (component == "kubelet-sim") add_names(kubelet_setters(), names);
  if (component == "scheduler" || component == "controller-manager") add_names(election_setters(), names);
  return names;
}

std::string flag_problem(const std::string& component, const Flag& flag) {
  std::vector<Flag> flags = {flag};
  apiserver::HubOptions hub;
  controller_manager::Options manager;
  kubelet_sim::Timings timings;
  if (component == "apiserver") return set_all(hub_setters(), flags, hub);
  if (component == "kubelet-sim") return set_all(kubelet_setters(), flags, timings);
  std::string problem = component == "controller-manager" ? set_all(manager_setters(), flags, manager) : "";
  Election election = client::LeaderElectionOptions();
  return problem.empty() ? set_all(election_setters(), flags, election) : problem;
}

std::string flags_problem(const std::string& component, const std::vector<Flag>& flags) {
  Election election = client::LeaderElectionOptions();
  bool is_elected = component == "scheduler" || component == "controller-manager";
  if (!is_elected) return "";
  set_all(election_setters(), flags, election);
  return election ? client::timing_error(election->timing) : "";
}

void apply_flags(const std::vector<Flag>& flags, apiserver::HubOptions& options) {
  set_all(hub_setters(), flags, options);
}

void apply_flags(const std::vector<Flag>& flags, controller_manager::Options& options) {
  set_all(manager_setters(), flags, options);
  set_all(election_setters(), flags, options.election);
}

void apply_scheduler_flags(const std::vector<Flag>& flags, std::optional<client::LeaderElectionOptions>& election) {
  set_all(election_setters(), flags, election);
}

void apply_flags(const std::vector<Flag>& flags, kubelet_sim::Timings& timings) {
  set_all(kubelet_setters(), flags, timings);
}

}  // namespace kubeloop::simulator
