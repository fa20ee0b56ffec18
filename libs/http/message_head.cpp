#include "libs/http/message_head.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>

#include <charconv>

namespace kubeloop::http {
namespace {

bool same(std::string_view a, std::string_view b) {
  return boost::beast::iequals(boost::beast::string_view(a.data(), a.size()),
                               boost::beast::string_view(b.data(), b.size()));
}

bool is_of_connection(std::string_view name) {
  return same(name, "Content-Length") || same(name, "Transfer-Encoding") || same(name, "Connection");
}

void append_clean(std::string& out, std::string_view text) {
  for (char c : text) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Cuts the part up to the next `separator` off `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
  auto end = rest.find(separator);
  std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return trim(part);
}

// "gzip;q=0.000" refuses.
bool is_refused(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view parameter = next_part(parameters, ';');
    if (parameter.size() < 3 || (parameter[0] != 'q' && parameter[0] != 'Q') || parameter[1] != '=') continue;
    return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

void append_fields(std::string& out, const Headers& headers) {
  for (const auto& [name, value] : headers.fields()) {
    if (!is_of_connection(name)) append_field(out, name, value);
  }
}

}  // namespace

void append_field(std::string& out, std::string_view name, std::string_view value) {
  append_clean(out, name);
  out += ": ";
  append_clean(out, value);
  out += "\r\n";
}

void append_response_head(std::string& out, int code, const Headers& headers) {
  out += "HTTP/1.1 ";
  char digits[12];
  auto end = std::to_chars(digits, digits + sizeof digits, code).ptr;
  out.append(digits, end);
  out += ' ';
  auto reason = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(code)));
  out.append(reason.data(), reason.size());
  out += "\r\n";
  append_fields(out, headers);
}

void append_request_head(std::string& out, const Request& request, std::string_view host) {
  append_clean(out, request.method);
  out += ' ';
  append_clean(out, request.target);
  out += " HTTP/1.1\r\n";
  if (!request.headers.has("Host")) append_field(out, "Host", host);
  append_fields(out, request.headers);
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (same(next_part(list, ','), token)) return true;
  }
  return false;
}

bool accepts_gzip(const Headers& headers) {
  for (std::string_view list : headers.all("Accept-Encoding")) {
    while (!list.empty()) {
      std::string_view entry = next_part(list, ',');
      std::string_view coding = next_part(entry, ';');
      if ((same(coding, "gzip") || coding == "*") && !is_refused(entry)) return true;
    }
  }
  return false;
}

}  // namespace kubeloop::http
