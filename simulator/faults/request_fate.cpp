#include "simulator/faults/request_fate.hpp"

#include <algorithm>
#include <vector>

namespace kubeloop::simulator {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  path = path.substr(0, path.find('?'));
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    auto slash = path.find('/');
    auto part = path.substr(0, slash);
    if (!part.empty()) parts.push_back(part);
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

bool concerns(const Fault& fault, const RequestFacts& facts) {
  if (facts.resource.empty()) return false;
  auto area = info_of(fault.kind).area;
  if (area == FaultArea::kNode) return facts.node == fault.target;
  if (!fault.resource.empty() && fault.resource != facts.resource) return false;
  if (area == FaultArea::kWatch) return facts.is_watch && fault.kind == FaultKind::kWatchExpire;
  return area == FaultArea::kApi;
}

Duration up_to(Duration most, Rng& rng) {
  return most <= Duration::zero() ? most : Duration(1 + static_cast<Duration::rep>(rng.below(most.count())));
}

void apply(const Fault& fault, const RequestFacts& facts, Rng& rng, RequestFate& fate) {
  using End = RequestFate::End;
  auto answer = [&fate](int code) {
    fate.end = End::kAnswer;
    fate.code = code;
  };
  switch (fault.kind) {
    case FaultKind::kDelay:
      fate.delay += up_to(fault.amount, rng);
      break;
    case FaultKind::kSlowHeartbeats:
      if (facts.is_heartbeat) fate.delay += up_to(fault.amount, rng);
      break;
    case FaultKind::kConflict:
      if (facts.method == "PUT" || facts.method == "PATCH") answer(409);
      break;
    case FaultKind::kTooManyRequests:
      answer(429);
      break;
    case FaultKind::kServerError:
      answer(500);
      break;
    case FaultKind::kWatchExpire:
      answer(410);
      break;
    case FaultKind::kLostRequest:
    case FaultKind::kNodePartition:
      fate.end = End::kLost;
      break;
    case FaultKind::kLostReply:
      fate.end = End::kReplyLost;
      break;
    default:
      break;
  }
}

}  // namespace

RequestFacts facts_of(std::string_view method, std::string_view target, std::string_view impersonated_user) {
  RequestFacts facts;
  facts.method = method;
  constexpr std::string_view kNodeUser = "system:node:";
  if (impersonated_user.starts_with(kNodeUser)) facts.node = impersonated_user.substr(kNodeUser.size());
  auto parts = segments_of(target);
  std::size_t at = parts.empty() ? 0 : parts[0] == "api" ? 2 : parts[0] == "apis" ? 3 : parts.size();
  bool is_inside =
      at + 2 < parts.size() && parts[at] == "namespaces" && parts[at + 2] != "status" && parts[at + 2] != "finalize";
  if (is_inside) at += 2;
  if (at < parts.size()) facts.resource = parts[at];
  facts.is_watch = target.find("watch=true") != std::string_view::npos;
  facts.is_heartbeat = facts.resource == "leases" || (facts.resource == "nodes" && parts.back() == "status");
  return facts;
}

RequestFate decide_fate(const ActiveFaults& faults, const RequestFacts& facts, Rng& rng) {
  RequestFate fate;
  for (const auto& [id, fault] : faults) {
    if (!concerns(fault, facts)) continue;
    if (fault.permille < 1000 && rng.below(1000) >= fault.permille) continue;
    apply(fault, facts, rng, fate);
    if (fate.end != RequestFate::End::kPass) break;
  }
  return fate;
}

}  // namespace kubeloop::simulator
