// What kinds the hub serves, read from its aggregated discovery documents: for controllers that act on every kind, also
// on those that come later. Plain data; whoever asked owns the answer.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libs/api/resource.hpp"
#include "libs/base/env.hpp"
#include "libs/base/result.hpp"
#include "libs/client/api_client.hpp"

namespace kubeloop::controller_manager {

struct ServedKind {
  std::string group, version, plural, kind;
  bool is_namespaced = false;
  bool is_preferred = false;  // the version of its group in which clients should read it
  std::vector<std::string> verbs, subresources;

  bool can(std::string_view verb) const;
  bool has_subresource(std::string_view name) const;
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  // "pods" or "deployments.apps"
  std::string group_resource() const { return group.empty() ? plural : plural + "." + group; }
  // Points into this object.
  api::Resource resource() const;
};

struct ServedKinds {
  std::vector<ServedKind> all;      // ordered by group, plural; of one plural the preferred version first
  std::vector<std::string> failed;  // group versions that exist but cannot be listed now, ordered

  // The kind that an owner reference names, or null.
  const ServedKind* find(std::string_view api_version, std::string_view kind) const;
};

// Adds what an APIGroupDiscoveryList (apidiscovery.k8s.io/v2) says. A Status when it cannot be read.
Result<void> read_discovery(std::string_view text, ServedKinds& kinds);

// Asks the hub: two requests. A Status when either fails; kinds that only some of which could not be listed are no
// failure but named in `failed`.
awaitable<Result<ServedKinds>> discover(client::ApiClient client, client::Cause cause);

}  // namespace kubeloop::controller_manager
