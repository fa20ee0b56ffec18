// The containers of a pod: names, images, and what only some kinds of containers may have.
#include <map>

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/pod_validation.hpp"

namespace kubeloop::apiserver {
namespace {

void validate_image(const Json& container, const std::string& path, FieldErrors& errors) {
  auto image = text_at(container, "image");
  if (image.empty()) errors.push_back(api::field::required(path + ".image"));
  auto pull = text_at(container, "imagePullPolicy");
  if (!pull.empty()) check_one_of(pull, {"Always", "IfNotPresent", "Never"}, path + ".imagePullPolicy", errors);
  auto message = text_at(container, "terminationMessagePolicy");
  if (message.empty()) {
    errors.push_back(api::field::required(path + ".terminationMessagePolicy"));
  } else {
    check_one_of(message, {"File", "FallbackToLogsOnError"}, path + ".terminationMessagePolicy", errors);
  }
}

struct PodWide {
  bool is_host_network = false;
  std::set<std::string> volumes;
  std::set<std::string> names;  // of all containers seen so far
};

void validate_one(const Json& container, const std::string& path, PodWide& pod, FieldErrors& errors) {
  auto name = text_at(container, "name");
  if (name.empty()) {
    errors.push_back(api::field::required(path + ".name"));
  } else {
    add_errors(errors, path + ".name", name, api::check_dns1123_label(name));
    if (!pod.names.insert(name).second) errors.push_back(api::field::duplicate(path + ".name", name));
  }
  validate_image(container, path, errors);
  validate_container_ports(container, path, pod.is_host_network, errors);
  validate_environment(container, path, errors);
  validate_volume_mounts(container, pod.volumes, path, errors);
  validate_container_resources(container, path, errors);
}

// An init container has probes and a lifecycle only when it is a sidecar.
void validate_init_container(const Json& container, const std::string& path, FieldErrors& errors) {
  const auto& policy = member(container, "restartPolicy");
  if (policy.is_string()) {
    if (check_one_of(policy.get<std::string>(), {"Always"}, path + ".restartPolicy", errors)) {
      validate_probes(container, path, errors);
      return;
    }
  }
  for (const char* name : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
    if (!member(container, name).is_null()) {
      errors.push_back(
          api::field::forbidden(path + "." + name, "may not be set for init containers without restartPolicy=Always"));
    }
  }
}

// A port of the host can be taken once in a pod.
void validate_host_ports(const Json& containers, const std::string& path, std::set<std::string>& taken,
                         FieldErrors& errors) {
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const auto& ports = member(containers[i], "ports");
    for (std::size_t j = 0; j < ports.size(); ++j) {
      const auto& number = member(ports[j], "hostPort");
      if (!number.is_number_integer() || number == 0) continue;
      auto id = text_at(ports[j], "protocol") + "/" + text_at(ports[j], "hostIP") + "/" + number.dump();
      if (!taken.insert(id).second) {
        errors.push_back(api::field::duplicate(indexed(indexed(path, i) + ".ports", j) + ".hostPort", id));
      }
    }
  }
}

}  // namespace

void validate_containers(const Json& spec, const std::string& spec_path, FieldErrors& errors) {
  PodWide pod;
  pod.is_host_network = member(spec, "hostNetwork") == true;
  pod.volumes = validate_volumes(spec, spec_path, errors);
  const auto& containers = member(spec, "containers");
  const auto containers_path = spec_path + ".containers";
  if (containers.empty()) errors.push_back(api::field::required(containers_path));
  for (std::size_t i = 0; i < containers.size(); ++i) {
    auto path = indexed(containers_path, i);
    validate_one(containers[i], path, pod, errors);
    validate_probes(containers[i], path, errors);
  }
  std::set<std::string> taken;
  validate_host_ports(containers, containers_path, taken, errors);
  const auto& init = member(spec, "initContainers");
  for (std::size_t i = 0; i < init.size(); ++i) {
    auto path = indexed(spec_path + ".initContainers", i);
    validate_one(init[i], path, pod, errors);
    validate_init_container(init[i], path, errors);
  }
}

}  // namespace kubeloop::apiserver
