#include "simulator/launcher/credentials.hpp"

#include <filesystem>
#include <vector>

#include "libs/base/crypto/certificates.hpp"
#include "libs/client/kubeconfig.hpp"

namespace kubeloop::simulator {
namespace {

struct Identity {
  const char* file;
  const char* common_name;
  std::vector<std::string> organizations;
};

const std::vector<Identity>& identities() {
  static const std::vector<Identity> kIdentities = {
      {"admin", "kubernetes-admin", {"system:masters"}},
      {"scheduler", "system:kube-scheduler", {}},
      {"controller-manager", "system:kube-controller-manager", {}},
      {"kubelet-sim", "system:kubeloop:kubelet-sim", {}},
  };
  return kIdentities;
}

constexpr Duration kLifetime = std::chrono::hours(24 * 365 * 10);

Result<void> save(const ClusterDirectory& directory, const std::string& name, const crypto::Credential& credential) {
  auto key = write_file(directory.file("pki/" + name + ".key"), credential.key_pem);
  if (!key) return key;
  return write_file(directory.file("pki/" + name + ".crt"), credential.certificate_pem);
}

Result<crypto::Credential> load(const ClusterDirectory& directory, const std::string& name) {
  auto certificate = read_file(directory.file("pki/" + name + ".crt"));
  if (!certificate) return std::unexpected(certificate.error());
  auto key = read_file(directory.file("pki/" + name + ".key"));
  if (!key) return std::unexpected(key.error());
  crypto::Credential credential;
  credential.certificate_pem = std::move(*certificate);
  credential.key_pem = std::move(*key);
  return credential;
}

Result<client::KubeConfig> config_for(const ClusterDirectory& directory, const std::string& identity,
                                      const std::string& server, bool is_insecure) {
  client::KubeConfig config;
  config.server = server;
  config.cluster_name = config.user_name = config.context_name = "kubeloop-" + directory.name();
  if (is_insecure) return config;
  auto ca = read_file(directory.file("pki/ca.crt"));
  if (!ca) return std::unexpected(ca.error());
  auto credential = load(directory, identity);
  if (!credential) return std::unexpected(credential.error());
  config.ca_pem = std::move(*ca);
  config.client_certificate_pem = std::move(credential->certificate_pem);
  config.client_key_pem = std::move(credential->key_pem);
  return config;
}

}  // namespace

Result<void> make_credentials(const ClusterDirectory& directory, WallTime now) {
  if (std::filesystem::exists(directory.file("pki/complete"))) return {};
  crypto::Validity validity(now - std::chrono::hours(1), kLifetime);
  auto ca = crypto::make_ca("kubeloop-" + directory.name(), validity);
  if (!ca) return std::unexpected(ca.error());
  if (auto saved = save(directory, "ca", *ca); !saved) return saved;
  const std::vector<std::string> names = {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                                          "kubernetes.default.svc.cluster.local"};
  auto server = crypto::make_server_certificate(*ca, "kube-apiserver", names, {"127.0.0.1", "10.96.0.1"}, validity);
  if (!server) return std::unexpected(server.error());
  if (auto saved = save(directory, "apiserver", *server); !saved) return saved;
  for (const auto& identity : identities()) {
    auto client = crypto::make_client_certificate(*ca, identity.common_name, identity.organizations, validity);
    if (!client) return std::unexpected(client.error());
    if (auto saved = save(directory, identity.file, *client); !saved) return saved;
  }
  return write_file(directory.file("pki/complete"), "");
}

Result<void> write_component_configs(const ClusterDirectory& directory, const std::string& server, bool is_insecure) {
  for (const auto& identity : identities()) {
    auto config = config_for(directory, identity.file, server, is_insecure);
    if (!config) return std::unexpected(config.error());
    auto written = write_file(directory.file(std::string("credentials/") + identity.file + ".conf"),
                              client::write_kubeconfig(*config));
    if (!written) return written;
  }
  return {};
}

Result<std::string> admin_kubeconfig(const ClusterDirectory& directory, const std::string& server, bool is_insecure) {
  auto config = config_for(directory, "admin", server, is_insecure);
  if (!config) return std::unexpected(config.error());
  return client::write_kubeconfig(*config);
}

}  // namespace kubeloop::simulator
