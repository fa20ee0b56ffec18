#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/ip_address.hpp"
#include "apiserver/strategies/service_allocation.hpp"
#include "apiserver/strategies/service_form.hpp"
#include "apiserver/strategies/service_validation.hpp"

namespace kubeloop::apiserver {
namespace {

namespace form = service_form;

// The one family that cluster IPs are given out of.
constexpr const char* kFamily = "IPv4";

bool has_selector(const Json& spec) {
  return !member(spec, "selector").empty();
}

void fill_policy(Json& spec, const Json* old) {
  if (spec.contains("ipFamilyPolicy")) return;
  if (old && old->contains("ipFamilyPolicy")) {
    spec["ipFamilyPolicy"] = (*old)["ipFamilyPolicy"];
  } else if (text_at(spec, "clusterIP") == "None" && !has_selector(spec)) {
    spec["ipFamilyPolicy"] = "RequireDualStack";
  } else {
    spec["ipFamilyPolicy"] = "SingleStack";
  }
}

// The families of the addresses that were asked for, where ipFamilies does not tell.
void infer_families(Json& spec, FieldErrors& errors) {
  auto ips = form::texts(member(spec, "clusterIPs"));
  for (std::size_t i = member(spec, "ipFamilies").size(); i < ips.size() && ips[i] != "None"; ++i) {
    auto ip = parse_ip(ips[i]);
    if (!ip) continue;
    if (ip->family() == kFamily) {
      spec["ipFamilies"].push_back(kFamily);
    } else {
      errors.push_back(api::field::invalid(indexed("spec.clusterIPs", i), spec["clusterIPs"],
                                           std::string(ip->family()) + " is not configured on this cluster"));
    }
  }
}

// Without addresses and pods the families are the user's word alone: both, unless told otherwise.
void fill_families_of_selectorless_headless(Json& spec) {
  if (member(spec, "ipFamilies").empty()) spec["ipFamilies"] = Json::array({kFamily});
  if (spec["ipFamilies"].size() >= 2 || text_at(spec, "ipFamilyPolicy") == "SingleStack") return;
  spec["ipFamilies"].push_back(spec["ipFamilies"][0] == "IPv4" ? "IPv6" : "IPv4");
}

}  // namespace

// Source: initIPFamilyFields.
FieldErrors fill_ip_families(Json& spec, const Json* old) {
  FieldErrors errors;
  if (form::type(spec) == "ExternalName") return errors;
  fill_policy(spec, old);
  validate_service_cluster_ips(spec, errors);
  if (errors.empty()) infer_families(spec, errors);
  if (!errors.empty()) return errors;
  auto ips = form::texts(member(spec, "clusterIPs"));
  if (!ips.empty() && ips[0] == "None" && !has_selector(spec)) {
    fill_families_of_selectorless_headless(spec);
    return errors;
  }
  if (text_at(spec, "ipFamilyPolicy") == "RequireDualStack") {
    errors.push_back(api::field::invalid("spec.ipFamilyPolicy", "RequireDualStack",
                                         "this cluster is not configured for dual-stack services"));
  }
  auto families = form::texts(member(spec, "ipFamilies"));
  for (std::size_t i = 0; i < families.size(); ++i) {
    if (families[i] == kFamily) continue;
    errors.push_back(api::field::invalid(indexed("spec.ipFamilies", i), families[i], "not configured on this cluster"));
  }
  if (errors.empty() && families.empty()) spec["ipFamilies"] = Json::array({kFamily});
  return errors;
}

}  // namespace kubeloop::apiserver
