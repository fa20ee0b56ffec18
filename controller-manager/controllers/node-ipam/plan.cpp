#include "controller-manager/controllers/node-ipam/plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace kubeloop::controller_manager {
namespace {

constexpr int kMostBits = 16;  // 65,536 ranges

std::uint64_t size_of(int bits) {
  return std::uint64_t{1} << (32 - bits);
}

// A decimal number of at most `limit` at the front of `text`, taken off it.
std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t limit) {
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > limit) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

std::optional<Network> parse_network(std::string_view text) {
  Network network;
  for (int i = 0; i < 4; ++i) {
    auto part = take_number(text, 255);
    if (!part || text.empty() || text.front() != (i < 3 ? '.' : '/')) return std::nullopt;
    text.remove_prefix(1);
    network.address = network.address << 8 | *part;
  }
  auto bits = take_number(text, 32);
  if (!bits || !text.empty()) return std::nullopt;
  network.bits = static_cast<int>(*bits);
  network.address &= static_cast<std::uint32_t>(~(size_of(network.bits) - 1));
  return network;
}

std::string to_string(const Network& network) {
  auto a = network.address;
  return fmt::format("{}.{}.{}.{}/{}", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255, network.bits);
}

Result<CidrPool> CidrPool::make(std::string_view cluster, int mask_size) {
  auto network = parse_network(cluster);
  if (!network) return failure(400, "BadRequest", fmt::format("cluster CIDR {} is no IPv4 network", cluster));
  if (mask_size < network->bits || mask_size > 32 || mask_size - network->bits > kMostBits) {
    return failure(400, "BadRequest",
                   fmt::format("a node mask of {} bits does not go with the cluster CIDR {}", mask_size, cluster));
  }
  return CidrPool(*network, mask_size);
}

CidrPool::CidrPool(Network cluster, int mask_size)
    : cluster_(cluster), mask_size_(mask_size), taken_(std::size_t{1} << (mask_size - cluster.bits)) {}

std::pair<std::size_t, std::size_t> CidrPool::span(const Network& network) const {
  std::uint64_t begin = std::max<std::uint64_t>(network.address, cluster_.address);
  std::uint64_t end = std::min(network.address + size_of(network.bits), cluster_.address + size_of(cluster_.bits));
  if (begin >= end) return {0, 0};
  std::uint64_t one = size_of(mask_size_);
  return {(begin - cluster_.address) / one, (end - cluster_.address + one - 1) / one};
}

bool CidrPool::occupy(const Network& network) {
  auto [first, last] = span(network);
  for (std::size_t i = first; i < last; ++i) {
    if (!taken_[i]) ++used_;
    taken_[i] = true;
  }
  return first < last;
}

void CidrPool::release(const Network& network) {
  auto [first, last] = span(network);
  for (std::size_t i = first; i < last; ++i) {
    if (taken_[i]) --used_;
    taken_[i] = false;
  }
}

std::optional<Network> CidrPool::allocate() {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    std::size_t index = (next_ + i) % taken_.size();
    if (taken_[index]) continue;
    taken_[index] = true;
    ++used_;
    next_ = (index + 1) % taken_.size();
    Network network;
    network.address = cluster_.address + static_cast<std::uint32_t>(index * size_of(mask_size_));
    network.bits = mask_size_;
    return network;
  }
  return std::nullopt;
}

}  // namespace kubeloop::controller_manager
