// The pool of pod address ranges: fixed-size subnets of one IPv4 network, handed out round robin. Pure. Source: the
// cidr set of Kubernetes' node IPAM controller.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"

namespace kubeloop::controller_manager {

struct Network {
  std::uint32_t address = 0;  // host order, host bits zero
  int bits = 0;
};

// "10.128.0.0/9"; nothing when malformed. Host bits are cut off.
std::optional<Network> parse_network(std::string_view text);
std::string to_string(const Network& network);

class CidrPool {
 public:
  // `mask_size`: bits of each range; at most 16 more than the network's, as in Kubernetes.
  static Result<CidrPool> make(std::string_view cluster, int mask_size);

  // Every range that overlaps `network` is taken. False when none does.
  bool occupy(const Network& network);
  void release(const Network& network);
  // The next free one after the one given last; nothing when all are taken.
  std::optional<Network> allocate();
  std::size_t used() const { return used_; }

 private:
  CidrPool(Network cluster, int mask_size);
  // First and one behind the last index that `network` overlaps.
  std::pair<std::size_t, std::size_t> span(const Network& network) const;

  Network cluster_;
  int mask_size_;
  std::vector<bool> taken_;
  std::size_t next_ = 0;
  std::size_t used_ = 0;
};

}  // namespace kubeloop::controller_manager
