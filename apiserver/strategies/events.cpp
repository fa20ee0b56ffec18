// Events: stored as core/v1 whichever API they came by; they expire. An event lies in the namespace of its object, or
// in default.
#include "apiserver/strategies/kinds.hpp"

namespace kubeloop::apiserver {
namespace {

void validate(const Json& object, FieldErrors& errors) {
  auto own = text_at(member(object, "metadata"), "namespace");
  auto about = text_at(member(object, "involvedObject"), "namespace");
  if (about.empty()) {
    // About a cluster-scoped object. kube-system is where components of a control plane may put theirs.
    if (own != "default" && own != "kube-system") {
      errors.push_back(api::field::invalid("involvedObject.namespace", about, "does not match event.namespace"));
    }
  } else if (about != own) {
    errors.push_back(api::field::invalid("involvedObject.namespace", about, "does not match event.namespace"));
  }
}

void validate_update(const Json& object, const Json&, FieldErrors& errors) {
  validate(object, errors);
}

}  // namespace

const Strategy& event_strategy() {
  static const Strategy kStrategy{
      .resource = "events",
      .validate = validate,
      .validate_update = validate_update,
      .creates_on_update = true,
      .expires = true,
  };
  return kStrategy;
}

}  // namespace kubeloop::apiserver
