// MD5 of a byte string: for orders that Kubernetes defines by it, never for security. A pure function.
#pragma once
#include <string>
#include <string_view>

namespace kubeloop::crypto {

// 32 lower-case hexadecimal digits: they compare as the bytes do.
std::string md5_hex(std::string_view bytes);

}  // namespace kubeloop::crypto
