// What to say for an HTTP error that came without a Status document: the reason that Kubernetes has for the code.
#pragma once
#include <string_view>

namespace kubeloop::client {

// "NotFound" for 404 and so on; "" for a code without a reason (source: NewGenericServerResponse in apimachinery).
std::string_view reason_of_code(int code);

}  // namespace kubeloop::client
