// What is wrong with a text that is no JSON, in the words that Kubernetes' users know from Go's scanner: "invalid
// character 'b' looking for beginning of object key string". Pure; looks at a text only once it has been refused.
#pragma once
#include <string>
#include <string_view>

namespace kubeloop::api {

// Empty when Go's scanner would have accepted the text: then it broke one of our own rules. Source: the scanner of
// encoding/json, which apimachinery's decoder uses too.
std::string json_syntax_error(std::string_view text);

}  // namespace kubeloop::api
