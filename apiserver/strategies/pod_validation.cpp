// The pod as a whole: policies, names, deadlines, scheduling gates.
#include "apiserver/strategies/pod_validation.hpp"

#include <limits>

#include "apiserver/strategies/field_checks.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::int64_t kMaxInt32 = std::numeric_limits<std::int32_t>::max();

void check_name_field(const Json& spec, const char* name, const std::string& path, FieldErrors& errors) {
  auto value = text_at(spec, name);
  if (!value.empty()) add_errors(errors, path + "." + name, value, api::check_dns1123_subdomain(value));
}

void validate_scheduling(const Json& spec, const std::string& path, FieldErrors& errors) {
  check_name_field(spec, "nodeName", path, errors);
  check_name_field(spec, "serviceAccountName", path, errors);
  check_name_field(spec, "priorityClassName", path, errors);
  for (const auto& [key, value] : member(spec, "nodeSelector").items()) {
    add_errors(errors, path + ".nodeSelector", key, api::check_qualified_name(key));
    if (value.is_string()) {
      add_errors(errors, path + ".nodeSelector", value, api::check_label_value(value.get<std::string>()));
    }
  }
  validate_affinity(member(spec, "affinity"), path + ".affinity", errors);
  validate_tolerations(member(spec, "tolerations"), path + ".tolerations", errors);
  const auto& gates = member(spec, "schedulingGates");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    auto name = text_at(gates[i], "name");
    add_errors(errors, indexed(path + ".schedulingGates", i), name, api::check_qualified_name(name));
    if (!seen.insert(name).second) errors.push_back(api::field::duplicate(indexed(path + ".schedulingGates", i), name));
  }
  if (!gates.empty() && !text_at(spec, "nodeName").empty()) {
    errors.push_back(
        api::field::forbidden(path + ".nodeName", "cannot be set until all schedulingGates have been cleared"));
  }
}

void validate_policies(const Json& spec, const std::string& path, FieldErrors& errors) {
  auto restart = text_at(spec, "restartPolicy");
  if (restart.empty()) {
    errors.push_back(api::field::required(path + ".restartPolicy"));
  } else {
    check_one_of(restart, {"Always", "OnFailure", "Never"}, path + ".restartPolicy", errors);
  }
  auto dns = text_at(spec, "dnsPolicy");
  if (dns.empty()) {
    errors.push_back(api::field::required(path + ".dnsPolicy"));
  } else {
    check_one_of(dns, {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"}, path + ".dnsPolicy", errors);
  }
  if (dns == "None" && member(member(spec, "dnsConfig"), "nameservers").empty()) {
    errors.push_back(api::field::required(path + ".dnsConfig.nameservers",
                                          "must provide at least one DNS nameserver when `dnsPolicy` is None"));
  }
  const auto& deadline = member(spec, "activeDeadlineSeconds");
  if (deadline.is_number_integer()) {
    auto seconds = deadline.get<std::int64_t>();
    if (seconds < 1 || seconds > kMaxInt32) {
      errors.push_back(api::field::invalid(path + ".activeDeadlineSeconds", deadline,
                                           "must be between 1 and 2147483647, inclusive"));
    }
  }
  const auto& grace = member(spec, "terminationGracePeriodSeconds");
  if (grace.is_null()) errors.push_back(api::field::required(path + ".terminationGracePeriodSeconds"));
  for (const char* name : {"hostname", "subdomain"}) {
    auto value = text_at(spec, name);
    if (!value.empty()) add_errors(errors, path + "." + name, value, api::check_dns1123_label(value));
  }
}

// Only of pods: a template's image may be a placeholder.
void validate_image_space(const Json& spec, const char* list, FieldErrors& errors) {
  constexpr std::string_view kSpace = " \t\n";
  const auto& containers = member(spec, list);
  for (std::size_t i = 0; i < containers.size(); ++i) {
    auto image = text_at(containers[i], "image");
    if (image.empty() || (!kSpace.contains(image.front()) && !kSpace.contains(image.back()))) continue;
    auto path = indexed(std::string("spec.") + list, i) + ".image";
    errors.push_back(api::field::invalid(path, image, "must not have leading or trailing whitespace"));
  }
}

}  // namespace

void validate_pod_spec(const Json& spec, const std::string& path, FieldErrors& errors) {
  validate_containers(spec, path, errors);
  validate_policies(spec, path, errors);
  validate_scheduling(spec, path, errors);
}

void validate_pod(const Json& pod, FieldErrors& errors) {
  const auto& spec = member(pod, "spec");
  validate_pod_spec(spec, "spec", errors);
  validate_image_space(spec, "initContainers", errors);
  validate_image_space(spec, "containers", errors);
  if (!member(spec, "ephemeralContainers").empty()) {
    errors.push_back(api::field::forbidden("spec.ephemeralContainers", "cannot be set on create"));
  }
}

}  // namespace kubeloop::apiserver
