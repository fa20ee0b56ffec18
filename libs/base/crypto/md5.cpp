#include "libs/base/crypto/md5.hpp"

#include <openssl/evp.h>

namespace kubeloop::crypto {

std::string md5_hex(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  unsigned char digest[EVP_MAX_MD_SIZE];
  std::size_t size = 0;
  EVP_Q_digest(nullptr, "MD5", nullptr, bytes.data(), bytes.size(), digest, &size);
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 15];
  }
  return out;
}

}  // namespace kubeloop::crypto
