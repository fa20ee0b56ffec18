#include "apiserver/request_context.hpp"

#include <algorithm>

namespace kubeloop::apiserver {

bool User::is_in(std::string_view group) const {
  return std::ranges::find(groups, group) != groups.end();
}

RequestContext::RequestContext(http::Request r) : request(std::move(r)), url(http::parse_url(request.target)) {}

std::string RequestContext::object_path() const {
  if (!info.is_resource) return info.path;
  std::string out = info.resource;
  if (!info.namespace_.empty() && info.resource != "namespaces") out += "/" + info.namespace_;
  if (!info.name.empty()) out += "/" + info.name;
  if (!info.subresource.empty()) out += "/" + info.subresource;
  return out;
}

const FlowRequestPtr& RequestContext::flow_request() const {
  auto& known = flow_request_.value;
  if (!known) known = std::make_shared<const FlowRequest>(id, actor, info.verb, object_path(), cause);
  return known;
}

bool RequestContext::is_dry_run() const {
  return url.get("dryRun") == "All";
}

}  // namespace kubeloop::apiserver
