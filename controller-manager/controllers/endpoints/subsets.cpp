#include "controller-manager/controllers/endpoints/subsets.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "libs/base/crypto/md5.hpp"

namespace kubeloop::controller_manager {
namespace {

// Go's spew prints structs like this under %#v. Kubernetes sorts by a hash of it: arbitrary, but it shows.
std::string fields(const SubsetPort& port) {
  return fmt::format("{{Name:(string){} Port:(int32){} Protocol:(v1.Protocol){} AppProtocol:(*string){}}}", port.name,
                     port.port, port.protocol, port.app_protocol.empty() ? "<nil>" : port.app_protocol);
}

std::string fields(const SubsetAddress& address) {
  return fmt::format(
      "{{IP:(string){} Hostname:(string){} NodeName:(*string){} TargetRef:(*v1.ObjectReference){{Kind:(string)Pod "
      "Namespace:(string){} Name:(string){} UID:(types.UID){} APIVersion:(string) ResourceVersion:(string) "
      "FieldPath:(string)}}}}",
      address.ip, address.hostname, address.node, address.namespace_, address.name, address.uid);
}

template <class T>
std::string printed_list(const char* type, const std::vector<T>& list) {
  if (list.empty()) return fmt::format("([]v1.{})<nil>", type);
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : " ") + fields(item);
  return fmt::format("([]v1.{})[{}]", type, text);
}

std::string printed(const Subset& subset) {
  return fmt::format("(v1.EndpointSubset){{Addresses:{} NotReadyAddresses:{} Ports:{}}}",
                     printed_list("EndpointAddress", subset.ready), printed_list("EndpointAddress", subset.not_ready),
                     printed_list("EndpointPort", subset.ports));
}

std::size_t share(std::size_t part, std::size_t total, std::size_t room) {
  return (part * room + total - 1) / total;  // rounded up
}

}  // namespace

std::vector<Subset> pack(std::vector<Offer> offers) {
  // Addresses in order, once each; from here on they are numbers.
  auto by_address = [](const Offer& a, const Offer& b) { return a.address < b.address; };
  std::ranges::sort(offers, by_address);
  std::vector<const SubsetAddress*> addresses;
  using Members = std::vector<std::pair<std::size_t, bool>>;  // address, whether it is ready
  std::map<std::optional<SubsetPort>, Members> by_port;
  Members* last = nullptr;
  std::optional<SubsetPort> last_port;
  for (const auto& offer : offers) {
    if (addresses.empty() || *addresses.back() != offer.address) addresses.push_back(&offer.address);
    if (!last || last_port != offer.port) last = &by_port[offer.port];
    last_port = offer.port;
    std::size_t number = addresses.size() - 1;
    if (last->empty() || last->back().first != number) last->emplace_back(number, true);
    // Told twice, not ready wins.
    if (!offer.is_ready) last->back().second = false;
  }
  std::map<Members, std::vector<SubsetPort>> by_members;
  for (auto& [port, members] : by_port) {
    auto& ports = by_members[std::move(members)];
    if (port) ports.push_back(*port);
  }
  std::vector<Subset> subsets;
  for (auto& [members, ports] : by_members) {
    auto& subset = subsets.emplace_back();
    for (const auto& [number, is_ready] : members)
      (is_ready ? subset.ready : subset.not_ready).push_back(*addresses[number]);
    subset.ports = std::move(ports);
    auto order = [](const SubsetPort& port) { return crypto::md5_hex("(v1.EndpointPort)" + fields(port)); };
    if (subset.ports.size() > 1) std::ranges::sort(subset.ports, {}, order);
  }
  auto order = [](const Subset& subset) { return crypto::md5_hex(printed(subset)); };
  if (subsets.size() > 1) std::ranges::sort(subsets, {}, order);
  return subsets;
}

bool truncate(std::vector<Subset>& subsets, std::size_t limit) {
  std::size_t ready = 0, not_ready = 0;
  for (const auto& subset : subsets) {
    ready += subset.ready.size();
    not_ready += subset.not_ready.size();
  }
  if (ready + not_ready <= limit) return false;
  bool cuts_ready = ready > limit;
  std::size_t total = cuts_ready ? ready : not_ready;
  std::size_t room = cuts_ready ? limit : limit - ready;
  std::size_t left = room;
  for (auto& subset : subsets) {
    auto& addresses = cuts_ready ? subset.ready : subset.not_ready;
    std::size_t kept = std::min({share(addresses.size(), total, room), left, addresses.size()});
    addresses.resize(kept);
    if (cuts_ready) subset.not_ready.clear();
    left -= kept;
  }
  return true;
}

}  // namespace kubeloop::controller_manager
