// What makes a LabelSelector in a spec invalid (matchLabels and matchExpressions), with Kubernetes' field paths and
// messages. Pure; for every kind that has one. Source: ValidateLabelSelector in
// apimachinery/pkg/apis/meta/v1/validation.
#pragma once
#include <string>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// Nothing is wrong with an absent selector (null).
void validate_label_selector(const Json& selector, const std::string& path, FieldErrors& errors);

}  // namespace kubeloop::apiserver
