// Secrets: stringData goes into data, some types demand certain keys, at most 1 MiB together, frozen when immutable.
// Source: ValidateSecret and ValidateSecretUpdate of Kubernetes.
#include <array>

#include "apiserver/strategies/data_keys.hpp"
#include "apiserver/strategies/kinds.hpp"
#include "libs/api/codec/json.hpp"
#include "libs/base/crypto/base64.hpp"

namespace kubeloop::apiserver {
namespace {

namespace field = api::field;

constexpr std::size_t kMaxBytes = 1024 * 1024;
constexpr const char* kServiceAccountName = "kubernetes.io/service-account.name";

void set_defaults(Json& object) {
  auto given = object.find("stringData");
  if (given != object.end()) {
    for (const auto& [key, value] : given->items()) {
      if (value.is_string()) object["data"][key] = crypto::base64_encode(value.get_ref<const std::string&>());
    }
    object.erase("stringData");
  }
  if (text_at(object, "type").empty()) object["type"] = "Opaque";
}

std::string path_of(std::string_view key) {
  return "data[" + std::string(key) + "]";
}

std::string content(const Json& encoded) {
  auto decoded = encoded.is_string() ? crypto::base64_decode(encoded.get_ref<const std::string&>()) : std::string();
  return decoded ? *decoded : std::string();
}

void require(const Json& data, std::string_view key, FieldErrors& errors) {
  if (!data.contains(key)) errors.push_back(field::required(path_of(key)));
}

// Registry credentials are a JSON object; what they hold is not shown.
void validate_docker_config(const Json& data, std::string_view key, FieldErrors& errors) {
  if (!data.contains(key)) return errors.push_back(field::required(path_of(key)));
  auto text = content(data.at(std::string(key)));
  auto parsed = api::parse_json(text);
  std::string problem;
  if (text.empty()) {
    problem = "unexpected end of JSON input";
  } else if (!parsed) {
    problem = parsed.error().message;
  } else if (!parsed->is_object() && !parsed->is_null()) {
    std::string name = parsed->is_boolean() ? "bool" : parsed->type_name();
    problem = "json: cannot unmarshal " + name + " into Go value of type map[string]interface {}";
  }
  if (!problem.empty()) errors.push_back(field::invalid(path_of(key), "<secret contents redacted>", problem));
}

void validate_by_type(const Json& object, const Json& data, FieldErrors& errors) {
  auto type = text_at(object, "type");
  if (type == "kubernetes.io/service-account-token") {
    const auto& annotations = member(member(object, "metadata"), "annotations");
    if (text_at(annotations, kServiceAccountName).empty()) {
      errors.push_back(field::required(std::string("metadata.annotations[") + kServiceAccountName + "]"));
    }
  } else if (type == "kubernetes.io/dockercfg") {
    validate_docker_config(data, ".dockercfg", errors);
  } else if (type == "kubernetes.io/dockerconfigjson") {
    validate_docker_config(data, ".dockerconfigjson", errors);
  } else if (type == "kubernetes.io/basic-auth") {
    if (data.contains("username") || data.contains("password")) return;
    require(data, "username", errors);
    require(data, "password", errors);
  } else if (type == "kubernetes.io/ssh-auth") {
    if (text_at(data, "ssh-privatekey").empty()) errors.push_back(field::required(path_of("ssh-privatekey")));
  } else if (type == "kubernetes.io/tls") {
    require(data, "tls.crt", errors);
    require(data, "tls.key", errors);
  }
}

void validate(const Json& object, FieldErrors& errors) {
  static const Json kEmpty = Json::object();
  const auto& given = member(object, "data");
  const auto& data = given.is_object() ? given : kEmpty;
  std::size_t bytes = 0;
  for (const auto& [key, value] : data.items()) {
    for (auto& cause : field::invalid_each(path_of(key), key, check_data_key(key))) errors.push_back(cause);
    bytes += content(value).size();
  }
  if (bytes > kMaxBytes) errors.push_back(field::too_long("data", kMaxBytes));
  validate_by_type(object, data, errors);
}

void validate_update(const Json& object, const Json& old, FieldErrors& errors) {
  if (member(object, "type") != member(old, "type")) {
    errors.push_back(field::invalid("type", member(object, "type"), "field is immutable"));
  }
  if (member(old, "immutable") == true) {
    if (member(object, "immutable") != true) {
      errors.push_back(field::forbidden("immutable", "field is immutable when `immutable` is set"));
    }
    if (member(object, "data") != member(old, "data")) {
      errors.push_back(field::forbidden("data", "field is immutable when `immutable` is set"));
    }
  }
  validate(object, errors);
}

}  // namespace

const Strategy& secret_strategy() {
  static const Strategy kStrategy{
      .resource = "secrets",
      .set_defaults = set_defaults,
      .validate = validate,
      .validate_update = validate_update,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
