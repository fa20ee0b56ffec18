// Reads a request's path and method into verb, group, version, resource, namespace, name and subresource. Pure. The
// rules are those of RequestInfo in Kubernetes' apiserver (endpoints/request).
#pragma once
#include <string>

#include "libs/http/message.hpp"
#include "libs/http/url.hpp"

namespace kubeloop::apiserver {

struct RequestInfo {
  bool is_resource = false;
  std::string path;
  std::string verb;  // get, list, watch, create, update, patch, delete, deletecollection; else the method in lower case
  std::string group, version;
  std::string namespace_;  // of namespaces/NAME itself too, as in Kubernetes
  std::string resource, subresource, name;

  // Watches and streams: without deadline, and not counted by flow control.
  bool is_long_running() const;
  bool is_write() const;
};

RequestInfo read_request_info(const http::Request& request, const http::Url& url);

}  // namespace kubeloop::apiserver
