#include "apiserver/strategies/pod_template.hpp"

#include "apiserver/strategies/field_checks.hpp"
#include "apiserver/strategies/label_selector_validation.hpp"
#include "apiserver/strategies/pod_defaults.hpp"
#include "apiserver/strategies/pod_validation.hpp"
#include "apiserver/strategies/selector_spec.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::int64_t kMaxAnnotationBytes = 256 * 1024;

// The paths are Kubernetes': without "metadata".
void validate_template_metadata(const Json& metadata, const std::string& path, FieldErrors& errors) {
  for (const auto& [key, value] : member(metadata, "labels").items()) {
    add_errors(errors, path + ".labels", key, api::check_qualified_name(key));
    if (value.is_string()) {
      add_errors(errors, path + ".labels", value, api::check_label_value(value.get<std::string>()));
    }
  }
  std::int64_t bytes = 0;
  for (const auto& [key, value] : member(metadata, "annotations").items()) {
    add_errors(errors, path + ".annotations", key, api::check_annotation_key(key));
    bytes += static_cast<std::int64_t>(key.size() + (value.is_string() ? value.get<std::string>().size() : 0));
  }
  if (bytes > kMaxAnnotationBytes) errors.push_back(api::field::too_long(path + ".annotations", kMaxAnnotationBytes));
}

// What pods must be that somebody keeps running for ever.
void validate_lasting(const Json& pod_spec, FieldErrors& errors) {
  check_one_of(text_at(pod_spec, "restartPolicy"), {"Always"}, "spec.template.spec.restartPolicy", errors);
  if (member(pod_spec, "activeDeadlineSeconds").is_null()) return;
  errors.push_back(api::field::forbidden("spec.template.spec.activeDeadlineSeconds",
                                         "activeDeadlineSeconds in ReplicaSet is not Supported"));
}

}  // namespace

void set_template_defaults(Json& workload) {
  auto spec = workload.find("spec");
  if (spec == workload.end() || !member(member(*spec, "template"), "spec").is_object()) return;
  set_pod_spec_defaults((*spec)["template"]["spec"]);
}

void validate_pod_template(const Json& pod_template, const std::string& path, FieldErrors& errors) {
  const auto& spec = member(pod_template, "spec");
  validate_template_metadata(member(pod_template, "metadata"), path, errors);
  validate_pod_spec(spec, path + ".spec", errors);
  if (!member(spec, "ephemeralContainers").empty()) {
    errors.push_back(
        api::field::forbidden(path + ".spec.ephemeralContainers", "ephemeral containers not allowed in pod template"));
  }
}

bool TemplateSelector::matches(const Json& labels) const {
  if (is_absent) return false;
  std::map<std::string, std::string> plain;
  for (const auto& [key, value] : labels.items()) {
    if (value.is_string()) plain.emplace(key, value.get<std::string>());
  }
  return selector.matches(plain);
}

Result<TemplateSelector> read_selector(const Json& selector) {
  TemplateSelector out;
  out.is_absent = selector.is_null();
  auto parsed = api::to_label_selector(read_selector_spec(selector));
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  out.selector = std::move(*parsed);
  return out;
}

void validate_replicated_template(const Json& spec, FieldErrors& errors) {
  const auto& selector = member(spec, "selector");
  if (selector.is_null()) {
    errors.push_back(api::field::required("spec.selector"));
  } else {
    validate_label_selector(selector, "spec.selector", errors);
    if (member(selector, "matchLabels").empty() && member(selector, "matchExpressions").empty()) {
      // Kubernetes says "deployment" of replica sets too.
      errors.push_back(api::field::invalid("spec.selector", selector, "empty selector is invalid for deployment"));
    }
  }
  auto parsed = read_selector(selector);
  if (!parsed) {
    errors.push_back(api::field::invalid("spec.selector", selector, "invalid label selector"));
    return;
  }
  const auto& pod_template = member(spec, "template");
  const auto& labels = member(member(pod_template, "metadata"), "labels");
  if (!parsed->matches(labels)) {
    errors.push_back(
        api::field::invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  }
  validate_pod_template(pod_template, "spec.template", errors);
  validate_lasting(member(pod_template, "spec"), errors);
}

std::vector<std::string> warn_of_names(const Json& object, const char* use) {
  auto name = text_at(member(object, "metadata"), "name");
  auto messages = api::check_dns1123_label(name);
  if (messages.empty()) return {};
  // A valid name that is no label has dots, or is too long.
  constexpr std::size_t kMaxLabel = 63;
  std::string all = name.size() > kMaxLabel ? messages.front() : "";
  if (name.contains('.')) all += (all.empty() ? "" : " ") + std::string("must not contain dots");
  return {std::string("metadata.name: this is used in ") + use +
          ", which can result in surprising behavior; a DNS label is recommended: [" + all + "]"};
}

}  // namespace kubeloop::apiserver
