// Names of container images: how containerd writes them in full, which short name the behaviour table knows them by,
// and the errors of a pull that fails. Pure functions; source of the forms: containerd's reference normalisation and
// error texts.
#pragma once
#include <string>
#include <string_view>

namespace kubeloop::kubelet_sim {

// "nginx" -> "docker.io/library/nginx:latest", "quay.io/a/b@sha256:..." -> itself.
std::string normalized_image(std::string_view image);
// The last part of the repository: "docker.io/library/nginx:1.27" -> "nginx".
std::string short_image_name(std::string_view image);
// The tag, "latest" when there is none, "" for a digest.
std::string image_tag(std::string_view image);
// "docker.io/library/nginx@sha256:<64 hex>": made from the full name, the same in every run.
std::string image_digest(std::string_view image);
// Empty when the name can be a reference; otherwise what the parser says of it ("repository name (library/NGINX) must
// be lowercase").
std::string image_name_error(std::string_view image);

enum class PullError { kNone, kNotFound, kDenied, kTimeout };
// The text a pull fails with, as the kubelet reports it.
std::string pull_error_text(PullError error, std::string_view image);

}  // namespace kubeloop::kubelet_sim
