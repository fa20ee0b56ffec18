#include <algorithm>
#include <set>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/ip_address.hpp"
#include "apiserver/strategies/service_form.hpp"
#include "apiserver/strategies/service_validation.hpp"

namespace kubeloop::apiserver {
namespace {

namespace form = service_form;
namespace field = api::field;

using Texts = std::vector<std::string>;

void validate_alignment(const Json& spec, const Texts& ips, FieldErrors& errors) {
  auto single = text_at(spec, "clusterIP");
  if (single.empty() && !ips.empty()) {
    errors.push_back(field::invalid("spec.clusterIPs", ips, "must be empty when `clusterIP` is not specified"));
  } else if (!single.empty() && ips.empty()) {
    errors.push_back(field::required("spec.clusterIPs"));
  } else if (!single.empty() && ips[0] != single) {
    errors.push_back(field::invalid("spec.clusterIPs", ips, "first value must match `clusterIP`"));
  }
}

void validate_families(const Json& spec, const Texts& families, FieldErrors& errors) {
  static const Texts kFamilies{"IPv4", "IPv6"};
  static const Texts kPolicies{"PreferDualStack", "RequireDualStack", "SingleStack"};
  std::set<std::string> seen;
  for (std::size_t i = 0; i < families.size(); ++i) {
    auto path = indexed("spec.ipFamilies", i);
    if (std::ranges::find(kFamilies, families[i]) == kFamilies.end()) {
      errors.push_back(field::not_supported(path, families[i], kFamilies));
    }
    if (!seen.insert(families[i]).second) errors.push_back(field::duplicate(path, families[i]));
  }
  auto policy = text_at(spec, "ipFamilyPolicy");
  if (spec.contains("ipFamilyPolicy") && std::ranges::find(kPolicies, policy) == kPolicies.end()) {
    errors.push_back(field::not_supported("spec.ipFamilyPolicy", policy, kPolicies));
  }
}

// False when they are no addresses at all: then nothing more can be said of them.
bool validate_each(const Texts& ips, FieldErrors& errors) {
  auto before = errors.size();
  for (std::size_t i = 0; i < ips.size(); ++i) {
    if (i == 0 && ips[i] == "None") {
      if (ips.size() > 1) {
        errors.push_back(field::invalid("spec.clusterIPs", ips, "'None' must be the first and only value"));
      }
      continue;
    }
    check_ip(indexed("spec.clusterIPs", i), ips[i], errors);
  }
  return errors.size() == before;
}

void validate_pairs(const Json& spec, const Texts& ips, const Texts& families, FieldErrors& errors) {
  for (std::size_t i = 0; i < std::min(ips.size(), families.size()); ++i) {
    auto ip = parse_ip(ips[i]);
    if (form::is_headless(spec) || !ip || ip->family() == families[i]) continue;
    errors.push_back(field::invalid(
        indexed("spec.clusterIPs", i), ips[i],
        "expected an " + families[i] + " value as indicated by `ipFamilies[" + std::to_string(i) + "]`"));
  }
}

}  // namespace

// Source: ValidateServiceClusterIPsRelatedFields.
void validate_service_cluster_ips(const Json& spec, FieldErrors& errors) {
  if (form::type(spec) == "ExternalName") return;
  auto ips = form::texts(member(spec, "clusterIPs"));
  auto families = form::texts(member(spec, "ipFamilies"));
  auto before = errors.size();
  validate_alignment(spec, ips, errors);
  validate_families(spec, families, errors);
  bool are_ips = validate_each(ips, errors);
  if (ips.size() > 2) errors.push_back(field::invalid("spec.clusterIPs", ips, "may only hold up to 2 values"));
  if (!are_ips) return;
  if (ips.size() > 1) {
    std::set<std::string_view> kinds;
    for (const auto& text : ips) {
      if (auto ip = parse_ip(text)) kinds.insert(ip->family());
    }
    if (kinds.size() != 2 || ips.size() > 2) {
      errors.push_back(field::invalid("spec.clusterIPs", ips, "may specify no more than one IP for each IP family"));
    }
  }
  if (errors.size() == before) validate_pairs(spec, ips, families, errors);
}

}  // namespace kubeloop::apiserver
