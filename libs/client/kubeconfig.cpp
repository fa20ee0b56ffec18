#include "libs/client/kubeconfig.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "libs/api/codec/yaml.hpp"
#include "libs/base/crypto/base64.hpp"
#include "libs/base/text_file.hpp"

namespace kubeloop::client {
namespace {

using nlohmann::json;

std::string folder_of(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// Reads one document, keeping the first thing that is wrong.
class Reader {
 public:
  Reader(const api::YamlDocument& document, const std::string& name, const std::string& folder)
      : document_(document), name_(name), folder_(folder) {}

  Result<KubeConfig> read() {
    KubeConfig config;
    config.context_name = text("", document_.value, "current-context");
    if (config.context_name.empty()) fail("", "current-context is not set");
    auto [context_at, context] = entry("contexts", "context", config.context_name);
    config.cluster_name = text(context_at, context, "cluster");
    config.user_name = text(context_at, context, "user");
    config.namespace_ = text(context_at, context, "namespace");
    auto [cluster_at, cluster] = entry("clusters", "cluster", config.cluster_name);
    config.server = text(cluster_at, cluster, "server");
    if (config.server.empty()) fail(cluster_at, "the cluster has no server");
    config.ca_pem = data(cluster_at, cluster, "certificate-authority");
    if (!config.user_name.empty()) {
      auto [user_at, user] = entry("users", "user", config.user_name);
      config.client_certificate_pem = data(user_at, user, "client-certificate");
      config.client_key_pem = data(user_at, user, "client-key");
    }
    if (error_) return failure(400, "BadRequest", *error_);
    return config;
  }

 private:
  void fail(const std::string& pointer, const std::string& message) {
    if (error_) return;
    auto it = document_.positions.find(pointer);
    std::string place =
        it == document_.positions.end() ? "" : fmt::format(":{}:{}", it->second.line, it->second.column);
    error_ = fmt::format("{}{}: {}", name_, place, message);
  }

  std::string text(const std::string& pointer, const json& object, const char* key) {
    auto it = object.find(key);
    if (it == object.end() || it->is_null()) return "";
    if (!it->is_string()) {
      fail(pointer + "/" + key, fmt::format("{} must be a string", key));
      return "";
    }
    return it->get<std::string>();
  }

  // The member `inner` of the entry called `wanted` of the list `list`, and where it stands.
  std::pair<std::string, json> entry(const char* list, const char* inner, const std::string& wanted) {
    auto it = document_.value.find(list);
    if (it != document_.value.end() && it->is_array()) {
      for (std::size_t i = 0; i < it->size(); ++i) {
        const json& item = (*it)[i];
        std::string pointer = fmt::format("/{}/{}", list, i);
        if (!item.is_object() || text(pointer, item, "name") != wanted) continue;
        auto found = item.find(inner);
        if (found != item.end() && found->is_object()) return std::pair(pointer + "/" + inner, *found);
      }
    }
    fail("", fmt::format("\"{}\" is not among the {}", wanted, list));
    return std::pair(std::string(), json(json::value_t::object));
  }

  // NAME-data holds base64, NAME a path; the data counts when both are there.
  std::string data(const std::string& pointer, const json& object, const std::string& key) {
    std::string encoded = text(pointer, object, (key + "-data").c_str());
    if (!encoded.empty()) {
      auto decoded = crypto::base64_decode(encoded);
      if (decoded) return *decoded;
      fail(pointer + "/" + key + "-data", key + "-data is not base64");
      return "";
    }
    std::string path = text(pointer, object, key.c_str());
    if (path.empty()) return "";
    if (!path.starts_with('/')) path = folder_ + "/" + path;
    auto content = read_text_file(path);
    if (!content) fail(pointer + "/" + key, fmt::format("cannot read {}", path));
    return content.value_or("");
  }

  const api::YamlDocument& document_;
  const std::string& name_;
  const std::string& folder_;
  std::optional<std::string> error_;
};

json named(const std::string& name, const char* key, json value) {
  json entry = json::object();
  entry["name"] = name;
  entry[key] = std::move(value);
  json list = json::array();
  list.push_back(std::move(entry));
  return list;
}

void set_data(json& object, const char* key, const std::string& pem) {
  if (!pem.empty()) object[key] = crypto::base64_encode(pem);
}

}  // namespace

Result<KubeConfig> load_kubeconfig(const std::string& path) {
  auto text = read_text_file(path);
  if (!text) return failure(std::move(text.error()));
  return parse_kubeconfig(*text, path, folder_of(path));
}

Result<KubeConfig> parse_kubeconfig(std::string_view text, const std::string& name, const std::string& folder) {
  auto documents = api::parse_yaml(text, name);
  if (!documents) return failure(std::move(documents.error()));
  if (documents->size() != 1 || !documents->front().value.is_object()) {
    return failure(400, "BadRequest", fmt::format("{}: is no kubeconfig", name));
  }
  return Reader(documents->front(), name, folder).read();
}

std::string write_kubeconfig(const KubeConfig& config) {
  auto or_default = [](const std::string& name) { return name.empty() ? std::string("kubeloop") : name; };
  json cluster = json::object();
  cluster["server"] = config.server;
  set_data(cluster, "certificate-authority-data", config.ca_pem);
  json user = json::object();
  set_data(user, "client-certificate-data", config.client_certificate_pem);
  set_data(user, "client-key-data", config.client_key_pem);
  json context = json::object();
  context["cluster"] = or_default(config.cluster_name);
  context["user"] = or_default(config.user_name);
  if (!config.namespace_.empty()) context["namespace"] = config.namespace_;
  json document = json::object();
  document["apiVersion"] = "v1";
  document["kind"] = "Config";
  document["clusters"] = named(or_default(config.cluster_name), "cluster", std::move(cluster));
  document["users"] = named(or_default(config.user_name), "user", std::move(user));
  document["contexts"] = named(or_default(config.context_name), "context", std::move(context));
  document["current-context"] = or_default(config.context_name);
  return api::to_yaml(document);
}

}  // namespace kubeloop::client
