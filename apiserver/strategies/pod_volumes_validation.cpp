// Volumes of a pod and where its containers mount them.
#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/pod_validation.hpp"

namespace kubeloop::apiserver {
namespace {

// A path that leads out of where it begins.
bool has_back_step(const std::string& path) {
  std::size_t at = 0;
  while (at <= path.size()) {
    auto end = path.find('/', at);
    if (end == std::string::npos) end = path.size();
    if (path.compare(at, end - at, "..") == 0) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

std::set<std::string> validate_volumes(const Json& spec, const std::string& spec_path, FieldErrors& errors) {
  std::set<std::string> names;
  const auto& volumes = member(spec, "volumes");
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    auto at = indexed(spec_path + ".volumes", i);
    auto name = text_at(volumes[i], "name");
    if (name.empty()) {
      errors.push_back(api::field::required(at + ".name"));
    } else {
      add_errors(errors, at + ".name", name, api::check_dns1123_label(name));
      if (!names.insert(name).second) errors.push_back(api::field::duplicate(at + ".name", name));
    }
    // The name and one source.
    int sources = 0;
    for (const auto& [key, value] : volumes[i].items()) {
      if (key == "name") continue;
      if (++sources > 1)
        errors.push_back(api::field::forbidden(at + "." + key, "may not specify more than 1 volume type"));
    }
    if (sources == 0) errors.push_back(api::field::required(at, "must specify a volume type"));
  }
  return names;
}

void validate_volume_mounts(const Json& container, const std::set<std::string>& volumes, const std::string& path,
                            FieldErrors& errors) {
  const auto& mounts = member(container, "volumeMounts");
  std::set<std::string> paths;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    auto at = indexed(path + ".volumeMounts", i);
    auto name = text_at(mounts[i], "name");
    if (name.empty()) {
      errors.push_back(api::field::required(at + ".name"));
    } else if (!volumes.contains(name)) {
      errors.push_back(api::field::not_found(at + ".name", name));
    }
    auto mount_path = text_at(mounts[i], "mountPath");
    if (mount_path.empty()) {
      errors.push_back(api::field::required(at + ".mountPath"));
    } else if (!paths.insert(mount_path).second) {
      errors.push_back(api::field::invalid(at + ".mountPath", mount_path, "must be unique"));
    }
    auto sub_path = text_at(mounts[i], "subPath");
    if (sub_path.starts_with('/')) {
      errors.push_back(api::field::invalid(at + ".subPath", sub_path, "must be a relative path"));
    } else if (has_back_step(sub_path)) {
      errors.push_back(api::field::invalid(at + ".subPath", sub_path, "must not contain '..'"));
    }
  }
}

}  // namespace kubeloop::apiserver
