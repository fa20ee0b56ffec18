// ServiceAccount: a pod runs as an account that exists, and gets that account's token as a projected volume.
#include "apiserver/admission/plugins.hpp"
#include "apiserver/strategies/strategy.hpp"
#include "libs/api/codec/plain_json.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr const char* kMountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr std::string_view kVolumePrefix = "kube-api-access-";
constexpr std::string_view kSuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

Json token_volume(const std::string& name) {
  auto volume = Json::parse(R"({"projected":{"defaultMode":420,"sources":[
    {"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},
    {"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},
    {"downwardAPI":{"items":[
      {"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}]}})");
  volume["name"] = name;
  return volume;
}

// False when every container has something of its own at the place of the token.
bool add_mounts(Json& containers, const std::string& volume) {
  bool is_added = false;
  for (auto& container : containers) {
    bool has_one = false;
    for (const auto& mount : member(container, "volumeMounts")) has_one |= text_at(mount, "mountPath") == kMountPath;
    if (has_one) continue;
    Json mount = Json::object();
    mount["name"] = volume;
    mount["mountPath"] = kMountPath;
    mount["readOnly"] = true;
    auto& mounts = container["volumeMounts"];
    if (!mounts.is_array()) mounts = Json::array();
    mounts.push_back(std::move(mount));
    is_added = true;
  }
  return is_added;
}

void add_token(Json& spec, Rng& rng) {
  // A volume that the client brought along already (a copied pod) is used again.
  std::string name;
  for (const auto& volume : member(spec, "volumes")) {
    auto one = text_at(volume, "name");
    if (one.starts_with(kVolumePrefix)) name = one;
  }
  bool is_new = name.empty();
  if (is_new) name = std::string(kVolumePrefix) + rng.word(5, kSuffixAlphabet);
  bool is_mounted = false;
  for (const char* list : {"initContainers", "containers"}) {
    auto it = spec.find(list);
    if (it != spec.end() && it->is_array()) is_mounted |= add_mounts(*it, name);
  }
  if (!is_new || !is_mounted) return;
  auto& volumes = spec["volumes"];
  if (!volumes.is_array()) volumes = Json::array();
  volumes.push_back(token_volume(name));
}

class ServiceAccountPlugin final : public AdmissionPlugin {
 public:
  std::string_view name() const override { return "ServiceAccount"; }

  Result<void> mutate(AdmissionAttributes& a, AdmissionContext& context) const override {
    if (a.operation != Operation::kCreate || !a.is_for("pods")) return {};
    auto& pod = *a.object;
    const auto& annotations = member(member(pod, "metadata"), "annotations");
    if (annotations.is_object() && annotations.contains("kubernetes.io/config.mirror")) return {};
    auto& spec = pod["spec"];
    if (text_at(spec, "serviceAccountName").empty()) spec["serviceAccountName"] = "default";
    auto account = text_at(spec, "serviceAccountName");
    spec["serviceAccount"] = account;
    auto stored = context.objects.get("/registry/serviceaccounts/" + a.namespace_ + "/" + account);
    if (!stored) {
      return failure(a.forbidden("error looking up service account " + a.namespace_ + "/" + account +
                                 ": serviceaccount \"" + account + "\" not found"));
    }
    Json object = api::parse_document(*stored->value);
    if (member(spec, "imagePullSecrets").empty() && !member(object, "imagePullSecrets").empty()) {
      spec["imagePullSecrets"] = object["imagePullSecrets"];
    }
    const auto& own = member(spec, "automountServiceAccountToken");
    const auto& wanted = own.is_boolean() ? own : member(object, "automountServiceAccountToken");
    if (wanted != false) add_token(spec, context.rng);
    return {};
  }
};

}  // namespace

std::unique_ptr<AdmissionPlugin> make_service_account() {
  return std::make_unique<ServiceAccountPlugin>();
}

}  // namespace kubeloop::apiserver
