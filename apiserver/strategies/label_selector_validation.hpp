// What makes a LabelSelector in a spec invalid (matchLabels and matchExpressions), with Kubernetes' field paths and
// messages. Pure; for every kind that has one. Source: ValidateLabelSelector in
// apimachinery/pkg/apis/meta/v1/validation.
#pragma once
#include <string>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// Nothing is wrong with an absent selector (null).
void validate_label_selector(const Json& selector, const std::string& path, FieldErrors& errors);

// Whether a requirement (of a label selector or of a node selector) has values as its operator wants them. False when
// the operator is none of In, NotIn, Exists and DoesNotExist; then nothing is added.
bool check_set_operator(const Json& requirement, const std::string& path, FieldErrors& errors);

}  // namespace kubeloop::apiserver
