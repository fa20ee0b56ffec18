// Credential files: kubeconfig YAML with one cluster, one user and one context that matter (the current one). Reading
// resolves base64 data and file paths alike; writing embeds everything. Client certificates only: no tokens, passwords
// or exec plugins.
#pragma once
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace kubeloop::client {

struct KubeConfig {
  std::string server;  // https://127.0.0.1:6443
  std::string ca_pem;
  std::string client_certificate_pem;
  std::string client_key_pem;
  std::string cluster_name, user_name, context_name;
  std::string namespace_;  // the context's
};

// Reads the file; relative paths in it are relative to its folder. Errors (400) name the file and what is wrong in it.
Result<KubeConfig> load_kubeconfig(const std::string& path);
// `name` says in errors whose text it is; `folder` is where relative paths start.
Result<KubeConfig> parse_kubeconfig(std::string_view text, const std::string& name, const std::string& folder);

// A file that kubectl and load_kubeconfig read. Names that are empty become "kubeloop".
std::string write_kubeconfig(const KubeConfig& config);

}  // namespace kubeloop::client
