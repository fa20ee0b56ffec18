// The token that a page of a list ends with: where to go on and at which revision. The form is Kubernetes'
// (storage/continue.go): base64url without padding of {"v":"meta.k8s.io/v1","rv":N,"start":"<key after the
// prefix>\u0000"}; rv -1 = at the latest. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace kubeloop::apiserver {

struct ContinueToken {
  std::string start;          // the first key to return is >= prefix + start
  std::int64_t revision = 0;  // -1: the latest
};

// `last_key`: the part behind the prefix of the last key returned.
std::string encode_continue(std::string_view last_key, std::int64_t revision);
// 400 for everything that encode_continue did not make.
Result<ContinueToken> decode_continue(std::string_view token);
// The same place at the latest revision: for the metadata.continue of a 410.
std::string continue_at_latest(const ContinueToken& token);

}  // namespace kubeloop::apiserver
