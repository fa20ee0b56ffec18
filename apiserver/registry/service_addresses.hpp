// Which cluster IPs and node ports are in use: by the stored services, fed from the store's changes, and by requests on
// their way to the store. There is no other record of it, so nothing can leak; releasing is storing a service without
// the address. Owned by the hub; single-threaded.
#pragma once
#include <deque>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "apiserver/registry/number_pool.hpp"
#include "apiserver/registry/service_ranges.hpp"
#include "apiserver/storage/store.hpp"
#include "libs/base/rng.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::apiserver {

// The numbers of one service, or of one request.
struct AddressSet {
  std::vector<std::uint32_t> ips;
  std::vector<std::uint32_t> ports;

  bool is_empty() const { return ips.empty() && ports.empty(); }
};

class ServiceAddresses {
 public:
  ServiceAddresses(ServiceRanges ranges, Rng ips, Rng ports);

  // Every change of the store, in order; only those of services count.
  void apply(const Change& change);
  // New random streams, for a new life of the hub.
  void reseed(Rng ips, Rng ports);
  const ServiceRanges& ranges() const { return ranges_; }
  std::size_t taken_ips() const { return ips_.taken(); }
  std::size_t taken_ports() const { return ports_.taken(); }

 private:
  friend class AddressReservation;

  void take(const AddressSet& set);
  void release(const AddressSet& set);
  void release_abandoned(Instant now);

  ServiceRanges ranges_;
  Rng ip_stream_, port_stream_;
  NumberPool ips_, ports_;
  std::map<std::string, AddressSet, std::less<>> stored_;  // by key
  // Of requests that were cut off while the store worked on their write: held until that write has surely come back.
  std::deque<std::pair<Instant, AddressSet>> abandoned_;
};

// What one request takes. Released when it goes, by when the stored service holds the same, or nothing was stored.
class AddressReservation {
 public:
  // A dry run takes nothing and draws nothing. `now` is only for what other requests left behind.
  AddressReservation(ServiceAddresses& addresses, bool is_dry_run, Instant now);
  ~AddressReservation();
  AddressReservation(const AddressReservation&) = delete;
  AddressReservation& operator=(const AddressReservation&) = delete;

  // Why the address or port cannot be had, in Kubernetes' words.
  using Refusal = std::string;
  std::expected<void, Refusal> take_ip(std::uint32_t ip);
  std::expected<std::uint32_t, Refusal> draw_ip();
  std::expected<void, Refusal> take_port(std::int64_t port);
  std::expected<std::uint32_t, Refusal> draw_port();

  // Around the write: between the two, the numbers stay taken for a while even when the request is cut off.
  void begin_write() { is_writing_ = true; }
  void end_write() { is_writing_ = false; }

 private:
  std::uint32_t next_dry_port();

  ServiceAddresses& addresses_;
  AddressSet taken_;
  bool is_dry_run_, is_writing_ = false;
  Instant now_;
};

}  // namespace kubeloop::apiserver
