// What is known of one request while it runs: its address, who sent it, why, and what the answer has to carry. Made by
// the handler chain, filled by the filters in order, then given to the registry. Owned by the request's coroutine.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/flow_log.hpp"
#include "apiserver/request_info.hpp"
#include "libs/base/time.hpp"
#include "libs/http/message.hpp"
#include "libs/http/url.hpp"

namespace kubeloop::apiserver {

struct User {
  std::string name;
  std::vector<std::string> groups;

  bool is_in(std::string_view group) const;
};

struct RequestContext {
  http::Request request;
  http::Url url;
  RequestInfo info;
  User user;  // after impersonation
  User authenticated_user;
  std::string id;  // the number of the request in the flow log
  std::string audit_id;
  std::string actor;            // "scheduler", "kubelet-sim/node-1", "kubectl"
  bool is_actor_named = false;  // by a Kubeloop-Actor header: one of our own components
  std::string cause;            // as its client says in Kubeloop-Cause: a revision, "timer", or nothing
  Instant started{};
  Duration named_costs{};  // the stages so far, by the cost table of the options
  Duration timeout{};      // of a request that is not long-running
  std::vector<std::string> warnings;
  int* in_flight = nullptr;  // the flow control counter that holds this request

  explicit RequestContext(http::Request r);
  // "pods/default/web" with "/status" and the like behind it: how the flow log names what is asked for.
  std::string object_path() const;
  bool is_dry_run() const;
  // What the flow log says of this request in all its events; made at the first call, when the fields above are known.
  const FlowRequestPtr& flow_request() const;

 private:
  // A copy of the request (request_part.hpp) becomes another one and says other things of itself.
  struct NotCopied {
    NotCopied() = default;
    NotCopied(const NotCopied&) {}
    NotCopied& operator=(const NotCopied&) = delete;
    FlowRequestPtr value;
  };
  mutable NotCopied flow_request_;
};

}  // namespace kubeloop::apiserver
