#include "apiserver/registry/continue_token.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"
#include "libs/base/crypto/base64.hpp"

namespace kubeloop::apiserver {
namespace {

std::string encode(const std::string& start, std::int64_t revision) {
  nlohmann::json token;
  token["v"] = "meta.k8s.io/v1";
  token["rv"] = revision;
  token["start"] = start;
  return crypto::base64url_encode(api::json_text(token));
}

std::unexpected<Status> bad_token(std::string_view why) {
  return failure(400, "BadRequest", "invalid continue token: " + std::string(why));
}

}  // namespace

std::string encode_continue(std::string_view last_key, std::int64_t revision) {
  return encode(std::string(last_key) + '\0', revision);
}

Result<ContinueToken> decode_continue(std::string_view text) {
  constexpr std::size_t kMaxLength = 4096;
  auto decoded = crypto::base64url_decode(text.substr(0, kMaxLength));
  if (!decoded) return bad_token("continue key is not valid: illegal base64 data");
  auto token = nlohmann::json::parse(*decoded, nullptr, false);
  if (!token.is_object()) return bad_token("continue key is not valid: invalid character");
  auto version = token.find("v");
  if (version == token.end() || *version != "meta.k8s.io/v1") {
    std::string shown = version != token.end() && version->is_string() ? version->get<std::string>() : "";
    return bad_token("continue key is not valid: server does not recognize this encoded version " + shown);
  }
  auto revision = token.find("rv");
  if (revision == token.end() || !revision->is_number_integer() || *revision == 0) {
    return bad_token("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  }
  auto start = token.find("start");
  if (start == token.end() || !start->is_string() || start->get_ref<const std::string&>().empty()) {
    return bad_token("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)");
  }
  ContinueToken out;
  out.start = start->get<std::string>();
  out.revision = revision->get<std::int64_t>();
  bool escapes = out.start.starts_with('/') || out.start.find("..") != std::string::npos ||
                 out.start.find("//") != std::string::npos;
  if (escapes) return bad_token("continue key is not valid: " + out.start.substr(0, out.start.find('\0')));
  return out;
}

std::string continue_at_latest(const ContinueToken& token) {
  return encode(token.start, -1);
}

}  // namespace kubeloop::apiserver
