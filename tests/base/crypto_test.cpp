#include <doctest/doctest.h>

#include "libs/base/crypto/base64.hpp"
#include "libs/base/crypto/certificates.hpp"
#include "libs/base/crypto/random_seed.hpp"
#include "libs/base/crypto/sha256.hpp"

using namespace kubeloop;
using namespace kubeloop::crypto;

TEST_CASE("base64: the examples of RFC 4648, section 10") {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : examples) {
    CHECK(base64_encode(plain) == encoded);
    CHECK(base64_decode(encoded).value() == plain);
  }
  CHECK(base64_decode("Zm9v\nYmFy\r\n").value() == "foobar");
}

TEST_CASE("base64: every byte survives, and the URL form has no padding") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK(base64_decode(base64_encode(all)).value() == all);
  CHECK(base64url_decode(base64url_encode(all)).value() == all);
  CHECK(base64url_encode("\xfb\xff") == "-_8");
  CHECK(base64_encode("\xfb\xff") == "+/8=");
}

TEST_CASE("base64: what is not base64 is a Status") {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zm9v!mFy", "====", "Zg==Zg==", "Zm9v YmFy", "-_8="}) {
    auto decoded = base64_decode(text);
    CHECK_MESSAGE(!decoded.has_value(), text);
  }
  CHECK(!base64url_decode("+/8").has_value());
  CHECK(!base64url_decode("A").has_value());
}

TEST_CASE("sha256: the examples of FIPS 180-2") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abc").size() == 32);
}

TEST_CASE("random seed: two differ") {
  CHECK(random_seed() != random_seed());
}

// That they work, and that they do not work for others, is tested by handshakes in tests/http.
TEST_CASE("certificates: PEM comes out, bad input is a Status") {
  Validity validity(WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)));
  auto ca = make_ca("kubeloop-ca", validity);
  REQUIRE(ca.has_value());
  CHECK(ca->certificate_pem.starts_with("-----BEGIN CERTIFICATE-----\n"));
  CHECK(ca->key_pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
  auto client = make_client_certificate(*ca, "system:kube-scheduler", {"system:masters"}, validity);
  REQUIRE(client.has_value());
  CHECK(client->certificate_pem != ca->certificate_pem);
  auto bad_ip = make_server_certificate(*ca, "hub", {"localhost"}, {"127.0.0"}, validity);
  REQUIRE(!bad_ip.has_value());
  CHECK(bad_ip.error().message == "\"127.0.0\" is no IP address");
  Credential broken = *ca;
  broken.key_pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  CHECK(!make_client_certificate(broken, "x", {}, validity).has_value());
  CHECK(!make_server_certificate(Credential(), "x", {}, {}, validity).has_value());
  CHECK(!make_ca(std::string(100, 'x'), validity).has_value());  // X.509 allows 64 characters
}
