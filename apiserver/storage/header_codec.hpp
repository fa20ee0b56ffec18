// A Header as a few bytes beside its row, so that a start parses no JSON: a version byte, then counts and lengths as
// base-128 numbers, low digits first, each string after its length.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "apiserver/storage/store.hpp"

namespace kubeloop::apiserver {

std::string encode_header(const Header& header);
// Nothing when the bytes are of another version, cut short, or longer than what they say.
std::optional<Header> decode_header(std::string_view bytes);

}  // namespace kubeloop::apiserver
