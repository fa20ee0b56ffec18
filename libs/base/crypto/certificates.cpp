#include "libs/base/crypto/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace kubeloop::crypto {
namespace {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;

std::unexpected<Status> openssl_failure(const char* what) {
  char text[256] = "unknown error";
  if (auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return failure(500, "InternalError", std::string(what) + ": " + text);
}

std::string drain(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

struct Authority {
  Certificate certificate;
  Key key;
};

Result<Authority> read_authority(const Credential& ca) {
  Bio certificate(BIO_new_mem_buf(ca.certificate_pem.data(), static_cast<int>(ca.certificate_pem.size())));
  Bio key(BIO_new_mem_buf(ca.key_pem.data(), static_cast<int>(ca.key_pem.size())));
  Authority authority;
  authority.certificate.reset(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
  authority.key.reset(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
  if (authority.certificate && authority.key) return authority;
  ERR_clear_error();
  return failure(400, "BadRequest", "the certificate authority's certificate or key is no readable PEM");
}

// A certificate under construction: subject, validity, a key and a serial number of its own.
struct Draft {
  Certificate certificate;
  Key key;

  bool add_name(const char* field, const std::string& value) {
    auto* name = X509_get_subject_name(certificate.get());
    auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, static_cast<int>(value.size()), -1, 0) == 1;
  }

  bool add_extension(int nid, const char* value, X509* issuer) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate.get(), nullptr, nullptr, 0);
    Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    return extension && X509_add_ext(certificate.get(), extension.get(), -1) == 1;
  }
};

bool set_random_serial(X509* certificate) {
  Number serial(BN_new());
  // 126 bits: positive, and well within the 20 bytes that a serial number may have.
  return serial && BN_rand(serial.get(), 126, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_validity(X509* certificate, const Validity& validity) {
  auto seconds = [](WallTime t) {
    return static_cast<time_t>(std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count());
  };
  return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(validity.not_before)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(validity.not_before + validity.lifetime)) != nullptr;
}

Result<Draft> start_draft(const std::string& common_name, const std::vector<std::string>& organizations,
                          const Validity& validity) {
  Draft draft;
  draft.key.reset(EVP_EC_gen("P-256"));
  draft.certificate.reset(X509_new());
  auto* certificate = draft.certificate.get();
  if (!draft.key || !certificate) return openssl_failure("make a key");
  bool is_ok = X509_set_version(certificate, X509_VERSION_3) == 1 && set_random_serial(certificate) &&
               set_validity(certificate, validity) && X509_set_pubkey(certificate, draft.key.get()) == 1;
  for (const auto& organization : organizations) is_ok = is_ok && draft.add_name("O", organization);
  is_ok = is_ok && draft.add_name("CN", common_name);
  if (!is_ok) return openssl_failure("make a certificate");
  return draft;
}

// Names the issuer, signs, and writes both out.
Result<Credential> finish(Draft draft, X509* issuer, EVP_PKEY* issuer_key) {
  auto* certificate = draft.certificate.get();
  bool is_ok = X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
               draft.add_extension(NID_subject_key_identifier, "hash", issuer) &&
               draft.add_extension(NID_authority_key_identifier, "keyid:always", issuer) &&
               X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
  Bio certificate_out(BIO_new(BIO_s_mem()));
  Bio key_out(BIO_new(BIO_s_mem()));
  is_ok = is_ok && certificate_out && key_out && PEM_write_bio_X509(certificate_out.get(), certificate) == 1 &&
          PEM_write_bio_PKCS8PrivateKey(key_out.get(), draft.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (!is_ok) return openssl_failure("sign a certificate");
  Credential credential;
  credential.certificate_pem = drain(certificate_out.get());
  credential.key_pem = drain(key_out.get());
  return credential;
}

bool add_dns(GENERAL_NAMES* names, const std::string& dns_name) {
  auto* name = GENERAL_NAME_new();
  auto* text = ASN1_IA5STRING_new();
  if (name == nullptr || text == nullptr) return false;
  ASN1_STRING_set(text, dns_name.data(), static_cast<int>(dns_name.size()));
  GENERAL_NAME_set0_value(name, GEN_DNS, text);
  return sk_GENERAL_NAME_push(names, name) > 0;
}

bool add_ip(GENERAL_NAMES* names, const std::string& address) {
  auto* bytes = a2i_IPADDRESS(address.c_str());
  if (bytes == nullptr) return false;
  auto* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, GEN_IPADD, bytes);
  return sk_GENERAL_NAME_push(names, name) > 0;
}

}  // namespace

Result<Credential> make_ca(const std::string& common_name, Validity validity) {
  auto draft = start_draft(common_name, {}, validity);
  if (!draft) return failure(draft.error());
  auto* certificate = draft->certificate.get();
  bool is_ok = draft->add_extension(NID_basic_constraints, "critical,CA:TRUE", certificate) &&
               draft->add_extension(NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign", certificate);
  if (!is_ok) return openssl_failure("make a certificate authority");
  auto* key = draft->key.get();
  return finish(std::move(*draft), certificate, key);
}

Result<Credential> make_server_certificate(const Credential& ca, const std::string& common_name,
                                           const std::vector<std::string>& dns_names,
                                           const std::vector<std::string>& ip_addresses, Validity validity) {
  auto authority = read_authority(ca);
  if (!authority) return failure(authority.error());
  auto draft = start_draft(common_name, {}, validity);
  if (!draft) return failure(draft.error());
  Names names(GENERAL_NAMES_new());
  for (const auto& dns_name : dns_names) {
    if (!add_dns(names.get(), dns_name)) return openssl_failure("add a DNS name");
  }
  for (const auto& address : ip_addresses) {
    if (add_ip(names.get(), address)) continue;
    ERR_clear_error();
    return failure(400, "BadRequest", "\"" + address + "\" is no IP address");
  }
  auto* issuer = authority->certificate.get();
  bool is_ok = draft->add_extension(NID_basic_constraints, "critical,CA:FALSE", issuer) &&
               draft->add_extension(NID_key_usage, "critical,digitalSignature", issuer) &&
               draft->add_extension(NID_ext_key_usage, "serverAuth", issuer);
  if (sk_GENERAL_NAME_num(names.get()) > 0) {
    is_ok = is_ok && X509_add1_ext_i2d(draft->certificate.get(), NID_subject_alt_name, names.get(), 0, 0) == 1;
  }
  if (!is_ok) return openssl_failure("make a server certificate");
  return finish(std::move(*draft), issuer, authority->key.get());
}

Result<Credential> make_client_certificate(const Credential& ca, const std::string& common_name,
                                           const std::vector<std::string>& organizations, Validity validity) {
  auto authority = read_authority(ca);
  if (!authority) return failure(authority.error());
  auto draft = start_draft(common_name, organizations, validity);
  if (!draft) return failure(draft.error());
  auto* issuer = authority->certificate.get();
  bool is_ok = draft->add_extension(NID_basic_constraints, "critical,CA:FALSE", issuer) &&
               draft->add_extension(NID_key_usage, "critical,digitalSignature", issuer) &&
               draft->add_extension(NID_ext_key_usage, "clientAuth", issuer);
  if (!is_ok) return openssl_failure("make a client certificate");
  return finish(std::move(*draft), issuer, authority->key.get());
}

}  // namespace kubeloop::crypto
