// Self-made certificates: a cluster's own authority, and the server and client certificates it signs. ECDSA P-256 keys,
// everything as PEM text. Keys and serial numbers come from the operating system's randomness: programs only.
#pragma once
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::crypto {

// A certificate and its private key (PKCS#8), as PEM.
struct Credential {
  std::string certificate_pem;
  std::string key_pem;
};

// When a certificate is valid. To the second; give a `not_before` a little in the past if clocks may differ.
struct Validity {
  WallTime not_before;
  Duration lifetime = std::chrono::hours(24 * 365);

  explicit Validity(WallTime from, Duration l = std::chrono::hours(24 * 365)) : not_before(from), lifetime(l) {}
};

// A certificate authority that signs itself.
Result<Credential> make_ca(const std::string& common_name, Validity validity);

// For a server: it is valid for these DNS names and IP addresses (subject alternative names). A name that is no
// address, or an authority that cannot be read, is a Status (400 BadRequest).
Result<Credential> make_server_certificate(const Credential& ca, const std::string& common_name,
                                           const std::vector<std::string>& dns_names,
                                           const std::vector<std::string>& ip_addresses, Validity validity);

// For a client: Kubernetes takes the user from the common name and the groups from the organizations.
Result<Credential> make_client_certificate(const Credential& ca, const std::string& common_name,
                                           const std::vector<std::string>& organizations, Validity validity);

}  // namespace kubeloop::crypto
