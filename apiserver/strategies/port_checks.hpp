// What the ports of services, endpoints and endpoint slices have in common. Pure: each adds errors for what is wrong.
#pragma once
#include <string>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

void check_port_number(const std::string& path, std::int64_t port, FieldErrors& errors);
// TCP, UDP or SCTP; "" is missing.
void check_protocol(const std::string& path, const std::string& protocol, FieldErrors& errors);
void check_app_protocol(const std::string& path, const Json& port, FieldErrors& errors);

}  // namespace kubeloop::apiserver
