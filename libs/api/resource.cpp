#include "libs/api/resource.hpp"

#include "libs/http/url.hpp"

namespace kubeloop::api {

std::string Resource::root() const {
  if (group.empty()) return "/api/" + std::string(version);
  return "/apis/" + std::string(group) + "/" + std::string(version);
}

std::string Resource::api_version() const {
  if (group.empty()) return std::string(version);
  return std::string(group) + "/" + std::string(version);
}

std::string Resource::path(std::string_view namespace_, std::string_view name, std::string_view subresource) const {
  std::string path = root();
  if (is_namespaced && !namespace_.empty()) path += "/namespaces/" + http::url_encode(namespace_);
  path += "/" + std::string(plural);
  if (!name.empty()) path += "/" + http::url_encode(name);
  if (!subresource.empty()) path += "/" + std::string(subresource);
  return path;
}

std::string_view group_of(std::string_view api_version) {
  auto slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
}

}  // namespace kubeloop::api
