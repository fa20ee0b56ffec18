// Start line and header fields as bytes, for requests and responses. What belongs to the connection (length, encoding,
// keep-alive) is written by whoever owns the connection, never taken from the message; line breaks in values cannot
// split a message.
#pragma once
#include <string>
#include <string_view>

#include "libs/http/message.hpp"

namespace kubeloop::http {

// Appends "HTTP/1.1 CODE REASON" and the fields of `headers`, without the empty line that ends the head.
void append_response_head(std::string& out, int code, const Headers& headers);
// Appends the request line, Host (unless the request has one) and the fields, without the empty line.
void append_request_head(std::string& out, const Request& request, std::string_view host);
void append_field(std::string& out, std::string_view name, std::string_view value);

// True for a token list such as "keep-alive, close" that holds `token`; without case.
bool has_token(std::string_view list, std::string_view token);
// Accept-Encoding lists gzip (or *) and does not refuse it with q=0.
bool accepts_gzip(const Headers& headers);

}  // namespace kubeloop::http
