// NamespaceLifecycle: nothing is created in a namespace that is missing or going, and the server's own namespaces are
// not deleted.
#include <algorithm>
#include <array>

#include "apiserver/admission/plugins.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::array<std::string_view, 3> kImmortal{"default", "kube-system", "kube-public"};

bool is_terminating(const StoredObject& object) {
  for (const auto& [path, value] : object.header->fields) {
    if (path == "status.phase") return value == "Terminating";
  }
  return false;
}

class NamespaceLifecycle final : public AdmissionPlugin {
 public:
  std::string_view name() const override { return "NamespaceLifecycle"; }

  Result<void> mutate(AdmissionAttributes& a, AdmissionContext& context) const override {
    if (a.operation == Operation::kDelete || !a.kind->is_namespaced || a.namespace_.empty()) return {};
    auto stored = context.objects.get("/registry/namespaces/" + a.namespace_);
    if (!stored) return failure(api::not_found("namespaces", a.namespace_));
    if (a.operation != Operation::kCreate || !a.subresource.empty() || !is_terminating(*stored)) return {};
    auto status =
        a.forbidden("unable to create new content in namespace " + a.namespace_ + " because it is being terminated");
    StatusCause cause;
    cause.reason = "NamespaceTerminating";
    cause.message = "namespace " + a.namespace_ + " is being terminated";
    cause.field = "metadata.namespace";
    status.causes.push_back(std::move(cause));
    return failure(std::move(status));
  }

  Result<void> validate(const AdmissionAttributes& a, const AdmissionContext&) const override {
    if (a.operation != Operation::kDelete || !a.is_for("namespaces")) return {};
    if (std::ranges::find(kImmortal, a.name) == kImmortal.end()) return {};
    return failure(a.forbidden("this namespace may not be deleted"));
  }
};

}  // namespace

std::unique_ptr<AdmissionPlugin> make_namespace_lifecycle() {
  return std::make_unique<NamespaceLifecycle>();
}

}  // namespace kubeloop::apiserver
