#include "apiserver/registry/service_addresses.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libs/api/views/service.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::uint32_t kIpStep = 16, kMostReservedIps = 256;
constexpr std::uint32_t kPortStep = 32, kMostReservedPorts = 128;
// Longer than a store takes over a write.
constexpr Duration kAbandonedFor = std::chrono::seconds(60);
constexpr const char* kFull = "range is full";

NumberPool make_ip_pool(const ServiceRanges& ranges) {
  std::uint64_t size = std::uint64_t{ranges.last_ip()} - ranges.first_ip() + 1;
  return NumberPool(ranges.first_ip(), ranges.last_ip(), reserved_share(size, kIpStep, kMostReservedIps));
}

NumberPool make_port_pool(const ServiceRanges& ranges) {
  auto first = static_cast<std::uint32_t>(ranges.first_port), last = static_cast<std::uint32_t>(ranges.last_port);
  return NumberPool(first, last, reserved_share(last - first + 1, kPortStep, kMostReservedPorts));
}

template <class T>
void make_unique_list(std::vector<T>& list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// One port number may serve several protocols of a service: it is counted once.
AddressSet addresses_of(const std::string& value) {
  AddressSet out;
  auto service = api::decode_view<api::Service>(value);
  if (!service) return out;
  auto ips = service->spec.clusterIPs;
  ips.push_back(service->spec.clusterIP);
  for (const auto& text : ips) {
    if (auto ip = parse_ipv4(text)) out.ips.push_back(*ip);
  }
  for (const auto& port : service->spec.ports) {
    if (port.nodePort > 0) out.ports.push_back(static_cast<std::uint32_t>(port.nodePort));
  }
  if (auto port = service->spec.healthCheckNodePort; port > 0) out.ports.push_back(static_cast<std::uint32_t>(port));
  make_unique_list(out.ips);
  make_unique_list(out.ports);
  return out;
}

}  // namespace

ServiceAddresses::ServiceAddresses(ServiceRanges ranges, Rng ips, Rng ports)
    : ranges_(ranges),
      ip_stream_(ips),
      port_stream_(ports),
      ips_(make_ip_pool(ranges)),
      ports_(make_port_pool(ranges)) {}

void ServiceAddresses::reseed(Rng ips, Rng ports) {
  ip_stream_ = ips;
  port_stream_ = ports;
}

void ServiceAddresses::apply(const Change& change) {
  if (!change.header || change.header->resource != "services") return;
  AddressSet now;
  if (change.kind == Change::Kind::kPut && change.value) now = addresses_of(*change.value);
  auto before = stored_.extract(change.key);
  take(now);
  if (!before.empty()) release(before.mapped());
  if (!now.is_empty()) stored_.emplace(change.key, std::move(now));
}

void ServiceAddresses::take(const AddressSet& set) {
  for (auto ip : set.ips) ips_.take(ip);
  for (auto port : set.ports) ports_.take(port);
}

void ServiceAddresses::release(const AddressSet& set) {
  for (auto ip : set.ips) ips_.release(ip);
  for (auto port : set.ports) ports_.release(port);
}

void ServiceAddresses::release_abandoned(Instant now) {
  while (!abandoned_.empty() && abandoned_.front().first <= now) {
    release(abandoned_.front().second);
    abandoned_.pop_front();
  }
}

AddressReservation::AddressReservation(ServiceAddresses& addresses, bool is_dry_run, Instant now)
    : addresses_(addresses), is_dry_run_(is_dry_run), now_(now) {
  addresses_.release_abandoned(now);
}

AddressReservation::~AddressReservation() {
  if (is_dry_run_ || taken_.is_empty()) return;
  if (is_writing_) {
    addresses_.abandoned_.emplace_back(now_ + kAbandonedFor, std::move(taken_));
  } else {
    addresses_.release(taken_);
  }
}

std::expected<void, AddressReservation::Refusal> AddressReservation::take_ip(std::uint32_t ip) {
  auto& pool = addresses_.ips_;
  // No range of services has it; the ends of one are told apart below.
  if (!addresses_.ranges_.covers(ip)) return std::unexpected("the provided network does not match the current range");
  if (!pool.contains(ip)) {
    return std::unexpected(fmt::format("the provided IP ({}) is not in the valid range. The range of valid IPs is {}",
                                       format_ipv4(ip), addresses_.ranges_.network_text()));
  }
  if (pool.is_taken(ip)) return std::unexpected("provided IP is already allocated");
  if (is_dry_run_) return {};
  pool.take(ip);
  taken_.ips.push_back(ip);
  return {};
}

// A dry run answers the network's own address: no free one is looked for (source: the allocator's DryRun).
std::expected<std::uint32_t, AddressReservation::Refusal> AddressReservation::draw_ip() {
  if (is_dry_run_) return addresses_.ranges_.network;
  auto ip = addresses_.ips_.draw(addresses_.ip_stream_);
  if (!ip) return std::unexpected(kFull);
  addresses_.ips_.take(*ip);
  taken_.ips.push_back(*ip);
  return *ip;
}

std::expected<void, AddressReservation::Refusal> AddressReservation::take_port(std::int64_t port) {
  auto& pool = addresses_.ports_;
  bool is_number = port > 0 && port <= 65535;
  auto number = is_number ? static_cast<std::uint32_t>(port) : 0;
  if (!is_number || !pool.contains(number)) {
    return std::unexpected(fmt::format("provided port is not in the valid range. The range of valid ports is {}",
                                       addresses_.ranges_.ports_text()));
  }
  bool is_own = std::ranges::find(taken_.ports, number) != taken_.ports.end();
  if (is_own || pool.is_taken(number)) return std::unexpected("provided port is already allocated");
  taken_.ports.push_back(number);
  if (!is_dry_run_) pool.take(number);
  return {};
}

std::expected<std::uint32_t, AddressReservation::Refusal> AddressReservation::draw_port() {
  auto port = is_dry_run_ ? std::optional(next_dry_port()) : addresses_.ports_.draw(addresses_.port_stream_);
  if (!port) return std::unexpected(kFull);
  if (!is_dry_run_) addresses_.ports_.take(*port);
  taken_.ports.push_back(*port);
  return *port;
}

// One above what this request has, or above every node port there can be (source: PortAllocationOperation's dry run).
std::uint32_t AddressReservation::next_dry_port() {
  constexpr std::uint32_t kBeyondAll = 32768;
  if (taken_.ports.empty()) return kBeyondAll + 1;
  return *std::ranges::max_element(taken_.ports) + 1;
}

}  // namespace kubeloop::apiserver
