#include "libs/http/status_response.hpp"

#include <fmt/format.h>

namespace kubeloop::http {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20) {
      out += fmt::format("\\u{:04x}", c);
    } else {
      out += c < 0x80 ? static_cast<char>(c) : '?';
    }
  }
  return out + '"';
}

Response status_response(int code, std::string_view reason, std::string_view message) {
  std::string body = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":)";
  body += json_string(message);
  if (!reason.empty()) body += ",\"reason\":" + json_string(reason);
  body += fmt::format(",\"details\":{{}},\"code\":{}}}\n", code);
  return Response(code, "application/json", std::move(body));
}

}  // namespace kubeloop::http
