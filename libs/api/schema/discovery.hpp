// Discovery documents made from the schema table: what `kubectl api-resources` and every client's REST mapping read.
// Pure functions from the table to JSON text (ending in a newline); the hub chooses by path and Accept header.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::api {

// The Content-Type that an aggregated answer must carry: clients decide by it, not by the body.
inline constexpr std::string_view kAggregatedDiscoveryV2 =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
inline constexpr std::string_view kAggregatedDiscoveryV2Beta1 =
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

// GET /api: APIVersions. `server_address` is "host:port" of the hub.
std::string discovery_api_versions(const Schema& schema, std::string_view server_address);
// GET /apis: APIGroupList, the named groups that serve something.
std::string discovery_group_list(const Schema& schema);
// GET /apis/GROUP: APIGroup; nothing for a group that serves nothing.
std::optional<std::string> discovery_group(const Schema& schema, std::string_view group);
// GET /api/v1 and /apis/GROUP/VERSION: APIResourceList with the subresources; nothing when nothing is served there.
std::optional<std::string> discovery_resource_list(const Schema& schema, std::string_view group,
                                                   std::string_view version);
// GET /api (core) and /apis, aggregated: APIGroupDiscoveryList of apidiscovery.k8s.io `version` ("v2" or "v2beta1").
std::string discovery_aggregated(const Schema& schema, bool is_core, std::string_view version);

}  // namespace kubeloop::api
