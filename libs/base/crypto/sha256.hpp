// SHA-256 of a byte string. A pure function.
#pragma once
#include <string>
#include <string_view>

namespace kubeloop::crypto {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);
// The 32 bytes themselves.
std::string sha256(std::string_view bytes);

}  // namespace kubeloop::crypto
