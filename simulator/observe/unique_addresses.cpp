#include "simulator/observe/unique_addresses.hpp"

#include <fmt/core.h>

#include "libs/api/codec/view.hpp"
#include "libs/api/views/service.hpp"

namespace kubeloop::simulator {
namespace {

// One port number may serve several protocols of a service.
std::set<std::string> addresses_of(std::string_view spec) {
  std::set<std::string> out;
  auto service = api::decode_view<api::ServiceSpec>(spec.empty() ? "{}" : spec);
  if (!service) return out;
  auto ips = service->clusterIPs;
  ips.push_back(service->clusterIP);
  for (const auto& ip : ips) {
    if (!ip.empty() && ip != "None") out.insert(ip);
  }
  for (const auto& port : service->ports) {
    if (port.nodePort > 0) out.insert(fmt::format("port {}", port.nodePort));
  }
  if (service->healthCheckNodePort > 0) out.insert(fmt::format("port {}", service->healthCheckNodePort));
  return out;
}

}  // namespace

void UniqueAddresses::check(const Commit& commit) {
  if (!commit.is_of("services")) return;
  const auto& key = commit.change.key;
  for (const auto& address : addresses_[key]) owners_.erase(address);
  addresses_.erase(key);
  if (commit.is_delete()) return;
  for (const auto& address : addresses_of(commit.part("spec"))) {
    auto [owner, is_free] = owners_.emplace(address, key);
    if (is_free) {
      addresses_[key].insert(address);
      continue;
    }
    violate(fmt::format("{} was given {} at revision {}, which {} has", commit.name(), address, commit.change.revision,
                        owner->second),
            commit.change.revision, commit.at);
  }
}

}  // namespace kubeloop::simulator
