#include "libs/api/schema/discovery.hpp"

#include <nlohmann/json.hpp>

#include "libs/base/crypto/base64.hpp"
#include "libs/base/crypto/sha256.hpp"

namespace kubeloop::api {
namespace {

using Json = nlohmann::ordered_json;

// The kinds of one group-version that have a path, in the table's order.
struct GroupVersion {
  std::string group;
  std::string version;
  std::vector<const KindInfo*> kinds;

  std::string text() const { return group.empty() ? version : group + "/" + version; }
};

std::vector<GroupVersion> served(const Schema& schema) {
  std::vector<GroupVersion> all;
  for (const auto& kind : schema.kinds()) {
    if (!kind->is_served) continue;
    GroupVersion* at = nullptr;
    for (GroupVersion& known : all) {
      if (known.group == kind->group && known.version == kind->version) at = &known;
    }
    if (at == nullptr) at = &all.emplace_back(GroupVersion{kind->group, kind->version, {}});
    at->kinds.push_back(kind.get());
  }
  return all;
}

std::string finish(const Json& document) { return document.dump() + "\n"; }

// A fingerprint of the form in which objects are stored; clients compare it between servers.
std::string storage_version_hash(const KindInfo& kind) {
  const std::string digest = crypto::sha256(kind.group + "/" + kind.version + "/" + kind.kind);
  return crypto::base64_encode(std::string_view(digest).substr(0, 8));
}

Json version_entry(const GroupVersion& gv) { return Json({{"groupVersion", gv.text()}, {"version", gv.version}}); }

// The versions of one group; empty when it serves nothing. The first one is preferred.
Json group_entry(const std::vector<GroupVersion>& all, std::string_view group) {
  Json versions = Json::array();
  for (const GroupVersion& gv : all) {
    if (gv.group == group) versions.push_back(version_entry(gv));
  }
  Json entry = Json::object();
  if (versions.empty()) return entry;
  entry["name"] = group;
  entry["preferredVersion"] = versions[0];
  entry["versions"] = std::move(versions);
  return entry;
}

Json resource_entry(const KindInfo& kind) {
  Json entry;
  entry["name"] = kind.plural;
  entry["singularName"] = kind.singular;
  entry["namespaced"] = kind.is_namespaced;
  entry["kind"] = kind.kind;
  entry["verbs"] = kind.verbs;
  if (!kind.short_names.empty()) entry["shortNames"] = kind.short_names;
  if (!kind.categories.empty()) entry["categories"] = kind.categories;
  entry["storageVersionHash"] = storage_version_hash(kind);
  return entry;
}

Json subresource_entry(const KindInfo& kind, const SubresourceInfo& subresource) {
  Json entry;
  entry["name"] = kind.plural + "/" + subresource.name;
  entry["singularName"] = "";
  entry["namespaced"] = kind.is_namespaced;
  if (subresource.group != kind.group || subresource.version != kind.version) {
    entry["group"] = subresource.group;
    entry["version"] = subresource.version;
  }
  entry["kind"] = subresource.kind;
  entry["verbs"] = subresource.verbs;
  return entry;
}

Json kind_reference(const std::string& group, const std::string& version, const std::string& kind) {
  return Json({{"group", group}, {"version", version}, {"kind", kind}});
}

Json aggregated_resource(const KindInfo& kind) {
  Json entry;
  entry["resource"] = kind.plural;
  entry["responseKind"] = kind_reference(kind.group, kind.version, kind.kind);
  entry["scope"] = kind.is_namespaced ? "Namespaced" : "Cluster";
  entry["singularResource"] = kind.singular;
  entry["verbs"] = kind.verbs;
  if (!kind.short_names.empty()) entry["shortNames"] = kind.short_names;
  if (!kind.categories.empty()) entry["categories"] = kind.categories;
  for (const SubresourceInfo& subresource : kind.subresources) {
    Json part;
    part["subresource"] = subresource.name;
    part["responseKind"] = kind_reference(subresource.group, subresource.version, subresource.kind);
    part["verbs"] = subresource.verbs;
    entry["subresources"].push_back(std::move(part));
  }
  return entry;
}

Json aggregated_version(const GroupVersion& gv) {
  Json entry;
  entry["version"] = gv.version;
  entry["resources"] = Json::array();
  for (const KindInfo* kind : gv.kinds) entry["resources"].push_back(aggregated_resource(*kind));
  entry["freshness"] = "Current";
  return entry;
}

}  // namespace

std::string discovery_api_versions(const Schema& schema, std::string_view server_address) {
  Json document;
  document["kind"] = "APIVersions";
  document["versions"] = Json::array();
  for (const GroupVersion& gv : served(schema)) {
    if (gv.group.empty()) document["versions"].push_back(gv.version);
  }
  Json address;
  address["clientCIDR"] = "0.0.0.0/0";
  address["serverAddress"] = server_address;
  document["serverAddressByClientCIDRs"].push_back(std::move(address));
  return finish(document);
}

std::string discovery_group_list(const Schema& schema) {
  const auto all = served(schema);
  Json document;
  document["kind"] = "APIGroupList";
  document["apiVersion"] = "v1";
  document["groups"] = Json::array();
  std::string last;
  for (const GroupVersion& gv : all) {
    if (gv.group == last) continue;  // core too: it is not a named group
    last = gv.group;
    document["groups"].push_back(group_entry(all, gv.group));
  }
  return finish(document);
}

std::optional<std::string> discovery_group(const Schema& schema, std::string_view group) {
  Json entry = group_entry(served(schema), group);
  if (entry.empty() || group.empty()) return std::nullopt;
  Json document;
  document["kind"] = "APIGroup";
  document["apiVersion"] = "v1";
  document.update(entry);
  return finish(document);
}

std::optional<std::string> discovery_resource_list(const Schema& schema, std::string_view group,
                                                   std::string_view version) {
  for (const GroupVersion& gv : served(schema)) {
    if (gv.group != group || gv.version != version) continue;
    Json document;
    document["kind"] = "APIResourceList";
    if (!group.empty()) document["apiVersion"] = "v1";
    document["groupVersion"] = gv.text();
    document["resources"] = Json::array();
    for (const KindInfo* kind : gv.kinds) {
      document["resources"].push_back(resource_entry(*kind));
      for (const SubresourceInfo& subresource : kind->subresources) {
        document["resources"].push_back(subresource_entry(*kind, subresource));
      }
    }
    return finish(document);
  }
  return std::nullopt;
}

std::string discovery_aggregated(const Schema& schema, bool is_core, std::string_view version) {
  Json document;
  document["kind"] = "APIGroupDiscoveryList";
  document["apiVersion"] = "apidiscovery.k8s.io/" + std::string(version);
  document["metadata"] = Json::object();
  document["items"] = Json::array();
  std::optional<std::string> last;
  for (const GroupVersion& gv : served(schema)) {
    if (gv.group.empty() != is_core) continue;
    if (last != gv.group) {
      Json item;
      item["metadata"] = Json::object();
      if (!is_core) item["metadata"]["name"] = gv.group;
      item["versions"] = Json::array();
      document["items"].push_back(std::move(item));
      last = gv.group;
    }
    document["items"].back()["versions"].push_back(aggregated_version(gv));
  }
  return finish(document);
}

}  // namespace kubeloop::api
