// Endpoint slices: one type of address for ever, limits, and a generation that counts every change but of annotations.
// Source: ValidateEndpointSlice and the slice's strategy of Kubernetes.
#include <algorithm>
#include <set>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/ip_address.hpp"
#include "apiserver/strategies/kinds.hpp"
#include "apiserver/strategies/port_checks.hpp"

namespace kubeloop::apiserver {
namespace {

namespace field = api::field;

constexpr std::size_t kMaxEndpoints = 1000, kMaxAddresses = 100, kMaxPorts = 20000, kMaxTopologyLabels = 16,
                      kMaxHints = 8;

// Kubernetes' encoder writes the structs without pointers and the lists without omitempty: {} and null.
void set_defaults(Json& object) {
  for (const char* list : {"endpoints", "ports"}) {
    if (member(object, list).empty()) object[list] = nullptr;
  }
  for (auto& endpoint : object["endpoints"]) {
    if (endpoint.is_object() && !endpoint.contains("conditions")) endpoint["conditions"] = Json::object();
  }
}

// Whether anything but metadata, or the labels, differ.
bool is_counted_change(const Json& object, const Json& old) {
  Json now = object, before = old;
  for (Json* side : {&now, &before}) {
    Json labels = member(member(*side, "metadata"), "labels");
    (*side)["metadata"] = std::move(labels);
  }
  return now != before;
}

void prepare_for_update(Json& object, const Json& old) {
  if (!is_counted_change(object, old)) return;
  object["metadata"]["generation"] = number_at(member(old, "metadata"), "generation") + 1;
}

bool is_too_many(const Json& list, const std::string& path, std::size_t limit, FieldErrors& errors) {
  if (list.size() <= limit) return false;
  errors.push_back(field::too_many(path, static_cast<std::int64_t>(list.size()), static_cast<std::int64_t>(limit)));
  return true;
}

void validate_address(const std::string& type, const std::string& text, const std::string& path, FieldErrors& errors) {
  if (type == "IPv4" || type == "IPv6") {
    auto ip = parse_ip(text);
    if (!ip || ip->family() != type)
      errors.push_back(field::invalid(path, text, "must be a valid " + type + " address"));
    check_endpoint_ip(path, text, errors);
  } else if (type == "FQDN") {
    add_errors(errors, path, text, api::check_dns1123_subdomain(text));
    if (text.find('.') == std::string::npos) {
      errors.push_back(field::invalid(path, text, "should be a domain with at least two segments separated by dots"));
    }
  }
}

void validate_hints(const Json& hints, const std::string& path, FieldErrors& errors) {
  for (const char* list : {"forZones", "forNodes"}) {
    const auto& all = member(hints, list);
    auto list_path = path + "." + list;
    if (is_too_many(all, list_path, kMaxHints, errors)) continue;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto name = text_at(all[i], "name");
      auto name_path = indexed(list_path, i) + ".name";
      if (!seen.insert(name).second) errors.push_back(field::duplicate(name_path, name));
      bool is_zone = std::string_view(list) == "forZones";
      add_errors(errors, name_path, name, is_zone ? api::check_label_value(name) : api::check_dns1123_subdomain(name));
    }
  }
}

void validate_endpoint(const Json& endpoint, const std::string& type, const std::string& path, FieldErrors& errors) {
  const auto& addresses = member(endpoint, "addresses");
  if (addresses.empty()) {
    errors.push_back(field::required(path + ".addresses", "must contain at least 1 address"));
  } else {
    is_too_many(addresses, path + ".addresses", kMaxAddresses, errors);
  }
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (addresses[i].is_string()) {
      validate_address(type, addresses[i].get<std::string>(), indexed(path + ".addresses", i), errors);
    }
  }
  if (endpoint.contains("nodeName")) {
    auto node = text_at(endpoint, "nodeName");
    add_errors(errors, path + ".nodeName", node, api::check_dns1123_subdomain(node));
  }
  is_too_many(member(endpoint, "deprecatedTopology"), path + ".deprecatedTopology", kMaxTopologyLabels, errors);
  if (endpoint.contains("hostname")) {
    auto hostname = text_at(endpoint, "hostname");
    add_errors(errors, path + ".hostname", hostname, api::check_dns1123_label(hostname));
  }
  validate_hints(member(endpoint, "hints"), path + ".hints", errors);
}

void validate_ports(const Json& ports, FieldErrors& errors) {
  if (is_too_many(ports, "ports", kMaxPorts, errors)) return;
  std::set<std::string> names;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    auto path = indexed("ports", i);
    auto name = text_at(ports[i], "name");
    if (!name.empty()) add_errors(errors, path + ".name", name, api::check_dns1123_label(name));
    if (!names.insert(name).second) errors.push_back(field::duplicate(path + ".name", name));
    check_protocol(path + ".protocol", text_at(ports[i], "protocol"), errors);
    check_app_protocol(path, ports[i], errors);
  }
}

void validate(const Json& object, FieldErrors& errors) {
  static const std::vector<std::string> kTypes{"FQDN", "IPv4", "IPv6"};
  auto type = text_at(object, "addressType");
  if (type.empty()) {
    errors.push_back(field::required("addressType"));
  } else if (std::ranges::find(kTypes, type) == kTypes.end()) {
    errors.push_back(field::not_supported("addressType", type, kTypes));
  }
  const auto& endpoints = member(object, "endpoints");
  if (!is_too_many(endpoints, "endpoints", kMaxEndpoints, errors)) {
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
      validate_endpoint(endpoints[i], type, indexed("endpoints", i), errors);
    }
  }
  validate_ports(member(object, "ports"), errors);
}

void validate_update(const Json& object, const Json& old, FieldErrors& errors) {
  validate(object, errors);
  if (member(object, "addressType") == member(old, "addressType")) return;
  errors.push_back(field::invalid("addressType", member(object, "addressType"), "field is immutable"));
}

}  // namespace

const Strategy& endpoint_slice_strategy() {
  static const Strategy kStrategy{
      .resource = "endpointslices.discovery.k8s.io",
      .set_defaults = set_defaults,
      .prepare_for_update = prepare_for_update,
      .validate = validate,
      .validate_update = validate_update,
      .has_generation = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
