#include "libs/http/tls_context.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace kubeloop::http {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

std::unexpected<Status> unreadable(const char* what, const error_code& error) {
  return failure(400, "BadRequest", std::string("TLS: ") + what + " is not usable: " + error.message());
}

boost::asio::const_buffer bytes_of(const std::string& pem) {
  return boost::asio::const_buffer(pem.data(), pem.size());
}

Result<TlsContext> make_context() {
  auto context = std::make_shared<ssl::context>(ssl::context::tls);
  auto* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(native, 0);
  return context;
}

Result<void> use_credential(ssl::context& context, const std::string& certificate_pem, const std::string& key_pem) {
  error_code error;
  context.use_certificate_chain(bytes_of(certificate_pem), error);
  if (error) return unreadable("the certificate", error);
  context.use_private_key(bytes_of(key_pem), ssl::context::pem, error);
  if (error) return unreadable("the key", error);
  return Result<void>();
}

// Tells clients whose certificates are welcome.
void announce_authorities(SSL_CTX* context, const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  while (X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)) {
    SSL_CTX_add_client_CA(context, certificate);
    X509_free(certificate);
  }
  ERR_clear_error();
  BIO_free_all(bio);
}

int select_http_1_1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  int result = SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs - 1, offered, offered_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// One entry of a subject as UTF-8; empty when it holds a NUL, which some readers would take for its end.
std::string entry_text(const X509_NAME_ENTRY* entry) {
  unsigned char* text = nullptr;
  int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
  if (size < 0) return {};
  std::string out(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  if (out.find('\0') != std::string::npos) return {};
  return out;
}

}  // namespace

Result<TlsContext> make_server_context(const ServerTls& tls) {
  auto context = make_context();
  if (auto used = use_credential(**context, tls.certificate_pem, tls.key_pem); !used) return failure(used.error());
  SSL_CTX_set_alpn_select_cb((*context)->native_handle(), select_http_1_1, nullptr);
  if (tls.client_ca_pem.empty()) return context;
  error_code error;
  (*context)->add_certificate_authority(bytes_of(tls.client_ca_pem), error);
  if (error) return unreadable("the client authority", error);
  announce_authorities((*context)->native_handle(), tls.client_ca_pem);
  (*context)->set_verify_mode(ssl::verify_peer, error);
  return context;
}

Result<TlsContext> make_client_context(const ClientTls& tls) {
  auto context = make_context();
  error_code error;
  (*context)->add_certificate_authority(bytes_of(tls.ca_pem), error);
  if (error) return unreadable("the server authority", error);
  (*context)->set_verify_mode(ssl::verify_peer, error);
  if (!tls.certificate_pem.empty()) {
    auto used = use_credential(**context, tls.certificate_pem, tls.key_pem);
    if (!used) return failure(used.error());
  }
  return context;
}

void expect_server_name(SSL* ssl, const std::string& name) {
  auto* parameters = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1) return;
  ERR_clear_error();
  X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  SSL_set_tlsext_host_name(ssl, name.c_str());
}

void read_peer(SSL* ssl, Peer& peer) {
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return;
  X509_NAME* subject = X509_get_subject_name(certificate);
  for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, i);
    int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    if (nid == NID_commonName) peer.common_name = entry_text(entry);
    if (nid == NID_organizationName) peer.organizations.push_back(entry_text(entry));
  }
}

}  // namespace kubeloop::http
