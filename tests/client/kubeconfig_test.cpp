// Credential files: what is written is read back, files and data alike, and what is wrong is named with its place.
#include "libs/client/kubeconfig.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "libs/base/crypto/base64.hpp"

using namespace kubeloop;
using namespace kubeloop::client;

namespace {

std::string error_of(std::string_view text) {
  auto config = parse_kubeconfig(text, "a.conf", "/nowhere");
  return config ? "" : config.error().message;
}

}  // namespace

TEST_CASE("what is written is read back") {
  KubeConfig config;
  config.server = "https://127.0.0.1:6443";
  config.ca_pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  config.client_certificate_pem = "cert\n";
  config.client_key_pem = "key\n";
  config.cluster_name = "kubeloop-yes";
  config.user_name = "true";  // would be no string if it were not quoted
  config.context_name = "kubeloop-yes";
  config.namespace_ = "lab";
  std::string text = write_kubeconfig(config);
  auto again = parse_kubeconfig(text, "a.conf", ".");
  REQUIRE(again.has_value());
  CHECK(again->server == config.server);
  CHECK(again->ca_pem == config.ca_pem);
  CHECK(again->client_certificate_pem == config.client_certificate_pem);
  CHECK(again->client_key_pem == config.client_key_pem);
  CHECK(again->cluster_name == config.cluster_name);
  CHECK(again->user_name == "true");
  CHECK(again->context_name == config.context_name);
  CHECK(again->namespace_ == "lab");
}

TEST_CASE("the current context decides, and file paths are relative to the file's folder") {
  auto folder = std::filesystem::temp_directory_path() / ("kubeconfig_test." + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "pki");
  std::ofstream(folder / "pki" / "ca.crt") << "the ca";
  std::ofstream(folder / "pki" / "me.crt") << "the cert";
  std::ofstream(folder / "a.conf") << R"(apiVersion: v1
kind: Config
current-context: two
contexts:
- name: one
  context: {cluster: c1, user: u1}
- name: two
  context: {cluster: c2, user: u2}
clusters:
- name: c1
  cluster: {server: "http://one"}
- name: c2
  cluster:
    server: https://localhost:1234
    certificate-authority: pki/ca.crt
users:
- name: u2
  user:
    client-certificate: pki/me.crt
    client-key-data: )" << crypto::base64_encode("the key")
                                   << "\n";
  auto config = load_kubeconfig((folder / "a.conf").string());
  std::filesystem::remove_all(folder);
  REQUIRE(config.has_value());
  CHECK(config->server == "https://localhost:1234");
  CHECK(config->ca_pem == "the ca");
  CHECK(config->client_certificate_pem == "the cert");
  CHECK(config->client_key_pem == "the key");
  CHECK(config->user_name == "u2");
}

TEST_CASE("what is wrong is named") {
  CHECK(load_kubeconfig("/nowhere/a.conf").error().message == "/nowhere/a.conf: cannot be read");
  CHECK(error_of("") == "a.conf: is no kubeconfig");
  CHECK(error_of("[1]") == "a.conf: is no kubeconfig");
  CHECK(error_of("kind: Config").ends_with("current-context is not set"));
  CHECK(error_of("current-context: x\ncontexts: []").ends_with("\"x\" is not among the contexts"));
  CHECK(error_of("current-context: x\ncontexts:\n- name: x\n  context: {cluster: c}\nclusters: 7")
            .ends_with("\"c\" is not among the clusters"));
  std::string good = "current-context: x\ncontexts:\n- name: x\n  context: {cluster: c}\nclusters:\n- name: c\n";
  CHECK(error_of(good + "  cluster: {server: ''}").ends_with("the cluster has no server"));
  CHECK(error_of(good + "  cluster:\n    server: [1]") == "a.conf:8:13: server must be a string");
  CHECK(error_of(good + "  cluster:\n    server: s\n    certificate-authority-data: '***'") ==
        "a.conf:9:33: certificate-authority-data is not base64");
  CHECK(error_of(good + "  cluster:\n    server: s\n    certificate-authority: ca.crt")
            .ends_with("cannot read /nowhere/ca.crt"));
  CHECK(error_of("current-context: {").starts_with("a.conf:"));
  CHECK(error_of(good + "  cluster: {server: s}") == "");
}
