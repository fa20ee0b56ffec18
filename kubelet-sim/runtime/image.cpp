#include "kubelet-sim/runtime/image.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libs/base/rng.hpp"

namespace kubeloop::kubelet_sim {
namespace {

struct Parts {
  std::string repository;  // "docker.io/library/nginx"
  std::string tag;         // "" when there is a digest
  std::string digest;      // "sha256:..." or ""
};

bool is_registry_host(std::string_view part) {
  return part == "localhost" || part.find('.') != std::string_view::npos || part.find(':') != std::string_view::npos;
}

Parts parse(std::string_view image) {
  Parts parts;
  if (auto at = image.find('@'); at != std::string_view::npos) {
    parts.digest = image.substr(at + 1);
    image = image.substr(0, at);
  }
  auto slash = image.rfind('/');
  auto colon = image.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    parts.tag = image.substr(colon + 1);
    image = image.substr(0, colon);
  } else if (parts.digest.empty()) {
    parts.tag = "latest";
  }
  auto first = image.find('/');
  if (first == std::string_view::npos) {
    parts.repository = "docker.io/library/" + std::string(image);
  } else if (is_registry_host(image.substr(0, first))) {
    parts.repository = image;
  } else {
    parts.repository = "docker.io/" + std::string(image);
  }
  return parts;
}

}  // namespace

std::string normalized_image(std::string_view image) {
  Parts parts = parse(image);
  if (!parts.digest.empty()) return parts.repository + "@" + parts.digest;
  return parts.repository + ":" + parts.tag;
}

std::string short_image_name(std::string_view image) {
  std::string repository = parse(image).repository;
  return repository.substr(repository.rfind('/') + 1);
}

std::string image_tag(std::string_view image) {
  return parse(image).tag;
}

std::string image_digest(std::string_view image) {
  Parts parts = parse(image);
  if (!parts.digest.empty()) return parts.repository + "@" + parts.digest;
  // Seeded by the name alone: one image has one digest everywhere.
  std::string hex = Rng(1).fork(parts.repository + ":" + parts.tag).word(64, "0123456789abcdef");
  return parts.repository + "@sha256:" + hex;
}

std::string image_name_error(std::string_view image) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789._-/:";
  std::string repository = parse(image).repository;
  if (image.empty()) return "invalid reference format";
  if (std::ranges::any_of(repository, [](char c) { return c >= 'A' && c <= 'Z'; })) {
    auto path = repository.substr(repository.find('/') + 1);
    return fmt::format("invalid reference format: repository name ({}) must be lowercase", path);
  }
  if (repository.find_first_not_of(kAllowed) != std::string::npos) return "invalid reference format";
  return "";
}

std::string pull_error_text(PullError error, std::string_view image) {
  std::string full = normalized_image(image);
  switch (error) {
    case PullError::kNone:
      return "";
    case PullError::kNotFound:
      return fmt::format(
          "rpc error: code = NotFound desc = failed to pull and unpack image \"{0}\": failed to resolve reference "
          "\"{0}\": {0}: not found",
          full);
    case PullError::kDenied:
      return fmt::format(
          "rpc error: code = Unknown desc = failed to pull and unpack image \"{0}\": failed to resolve reference "
          "\"{0}\": pull access denied, repository does not exist or may require authorization: server message: "
          "insufficient_scope: authorization failed",
          full);
    case PullError::kTimeout:
      return fmt::format(
          "rpc error: code = DeadlineExceeded desc = failed to pull and unpack image \"{0}\": failed to resolve "
          "reference \"{0}\": failed to do request: Head \"https://registry-1.docker.io/v2/\": dial tcp: i/o timeout",
          full);
  }
  return "";
}

}  // namespace kubeloop::kubelet_sim
