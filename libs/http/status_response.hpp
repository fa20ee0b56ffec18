// The answers that the HTTP layer gives by itself, as Kubernetes Status objects: clients read message and reason from
// nothing else.
#pragma once
#include "libs/base/result.hpp"
#include "libs/http/message.hpp"

namespace kubeloop::http {

// A Failure Status as JSON, with `details` always there (some kubectl commands look into it without a check) but empty.
Response status_response(int code, std::string_view reason, std::string_view message);

// The text as a JSON string with its quotes. Bytes that are no UTF-8 text become question marks.
std::string json_string(std::string_view text);

}  // namespace kubeloop::http
