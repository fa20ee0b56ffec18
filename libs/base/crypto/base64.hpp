// Base64 (RFC 4648, the standard alphabet with padding) and its URL form without padding. Pure functions.
#pragma once
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace kubeloop::crypto {

std::string base64_encode(std::string_view bytes);
// Line breaks are skipped, as in a PEM file or a kubeconfig. Anything else that is not base64, or padding that is
// missing or misplaced, is a Status (400 BadRequest).
Result<std::string> base64_decode(std::string_view text);

// The alphabet with '-' and '_', no padding (JSON web tokens, continue tokens).
std::string base64url_encode(std::string_view bytes);
Result<std::string> base64url_decode(std::string_view text);

}  // namespace kubeloop::crypto
