#include "controller-manager/discovery.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "libs/api/codec/view.hpp"
#include "libs/api/views/meta.hpp"

namespace kubeloop::controller_manager {
namespace {

constexpr std::string_view kAggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

struct ResponseKind {
  std::string group, version, kind;
};
BOOST_DESCRIBE_STRUCT(ResponseKind, (), (group, version, kind))
struct SubresourceEntry {
  std::string subresource;
};
BOOST_DESCRIBE_STRUCT(SubresourceEntry, (), (subresource))
struct ResourceEntry {
  std::string resource, scope;
  ResponseKind responseKind;
  std::vector<std::string> verbs;
  std::vector<SubresourceEntry> subresources;
};
BOOST_DESCRIBE_STRUCT(ResourceEntry, (), (resource, scope, responseKind, verbs, subresources))
struct VersionEntry {
  std::string version, freshness;
  std::vector<ResourceEntry> resources;
};
BOOST_DESCRIBE_STRUCT(VersionEntry, (), (version, freshness, resources))
struct GroupEntry {
  api::ObjectMeta metadata;
  std::vector<VersionEntry> versions;
};
BOOST_DESCRIBE_STRUCT(GroupEntry, (), (metadata, versions))
struct GroupList {
  std::string kind;
  std::vector<GroupEntry> items;
};
BOOST_DESCRIBE_STRUCT(GroupList, (), (kind, items))

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

ServedKind make_kind(const std::string& group, const std::string& version, const ResourceEntry& entry) {
  ServedKind kind;
  kind.group = group;
  kind.version = version;
  kind.plural = entry.resource;
  kind.kind = entry.responseKind.kind;
  kind.is_namespaced = entry.scope == "Namespaced";
  kind.verbs = entry.verbs;
  for (const auto& subresource : entry.subresources) kind.subresources.push_back(subresource.subresource);
  return kind;
}

}  // namespace

bool ServedKind::can(std::string_view verb) const {
  return contains(verbs, verb);
}

bool ServedKind::has_subresource(std::string_view name) const {
  return contains(subresources, name);
}

api::Resource ServedKind::resource() const {
  return api::Resource{group, version, plural, kind, is_namespaced};
}

const ServedKind* ServedKinds::find(std::string_view api_version, std::string_view kind) const {
  auto it = std::ranges::find_if(
      all, [&](const ServedKind& one) { return one.kind == kind && one.api_version() == api_version; });
  return it == all.end() ? nullptr : &*it;
}

Result<void> read_discovery(std::string_view text, ServedKinds& kinds) {
  auto list = api::decode_view<GroupList>(text);
  if (!list) return failure(std::move(list.error()));
  if (list->kind != "APIGroupDiscoveryList") return failure(500, "InternalError", "the server has no such discovery");
  for (const auto& group : list->items) {
    std::set<std::string> seen;  // in a version that comes before: the group's order is that of preference
    for (const auto& version : group.versions) {
      if (version.freshness == "Stale") {
        kinds.failed.push_back(group.metadata.name.empty() ? version.version
                                                           : group.metadata.name + "/" + version.version);
        continue;
      }
      for (const auto& entry : version.resources) {
        auto kind = make_kind(group.metadata.name, version.version, entry);
        kind.is_preferred = seen.insert(kind.plural).second;
        kinds.all.push_back(std::move(kind));
      }
    }
  }
  auto rank = [](const ServedKind& kind) {
    return std::tuple(kind.group, kind.plural, !kind.is_preferred, kind.version);
  };
  std::ranges::sort(kinds.all, {}, rank);
  std::ranges::sort(kinds.failed);
  return {};
}

awaitable<Result<ServedKinds>> discover(client::ApiClient client, client::Cause cause) {
  ServedKinds kinds;
  std::string paths[] = {"/api", "/apis"};
  for (const auto& path : paths) {
    std::string accept(kAggregated);
    auto text = co_await client.raw("GET", path, "", "", cause, std::move(accept));
    if (!text) co_return failure(std::move(text.error()));
    if (auto read = read_discovery(*text, kinds); !read) co_return failure(std::move(read.error()));
  }
  co_return kinds;
}

}  // namespace kubeloop::controller_manager
