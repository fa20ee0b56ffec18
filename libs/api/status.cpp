#include "libs/api/status.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kMaxForeignMessage = 1024;

std::string dumped(const ordered_json& value) {
  return json_text(value);
}

ordered_json envelope(std::string_view outcome) {
  ordered_json out;
  out["kind"] = "Status";
  out["apiVersion"] = "v1";
  out["metadata"] = ordered_json::object();
  out["status"] = outcome;
  return out;
}

// "leases.coordination.k8s.io" into details.kind and details.group.
void set_target(Status& status, std::string_view qualified, std::string_view name) {
  auto dot = qualified.find('.');
  status.kind = qualified.substr(0, dot);
  if (dot != std::string_view::npos) status.group = qualified.substr(dot + 1);
  status.name = name;
}

std::string text_of(const json& object, const char* key) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int number_of(const json& object, const char* key) {
  auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return 0;
  auto value = found->get<std::int64_t>();
  return static_cast<int>(std::clamp<std::int64_t>(value, 0, 1'000'000));
}

// Nothing when the braces go deeper than a Status ever does: the parser recurses when it is done.
bool is_shallow(std::string_view body) {
  int depth = 0;
  for (char c : body) {
    if ((c == '{' || c == '[') && ++depth > 100) return false;
    if (c == '}' || c == ']') --depth;
  }
  return true;
}

Status foreign_status(int code, std::string_view body) {
  while (!body.empty() && (body.back() == '\n' || body.back() == '\r' || body.back() == ' ')) body.remove_suffix(1);
  std::string message(body.substr(0, kMaxForeignMessage));
  if (message.empty()) message = fmt::format("the server responded with the status code {}", code);
  return Status(code, std::string(reason_of_code(code)), std::move(message));
}

}  // namespace

std::string status_json(const Status& status) {
  ordered_json out = envelope("Failure");
  if (!status.continue_token.empty()) out["metadata"]["continue"] = status.continue_token;
  out["message"] = status.message;
  if (!status.reason.empty()) out["reason"] = status.reason;
  ordered_json details = ordered_json::object();
  if (!status.name.empty()) details["name"] = status.name;
  if (!status.group.empty()) details["group"] = status.group;
  if (!status.kind.empty()) details["kind"] = status.kind;
  if (!status.uid.empty()) details["uid"] = status.uid;
  for (const auto& cause : status.causes) {
    ordered_json entry = ordered_json::object();
    if (!cause.reason.empty()) entry["reason"] = cause.reason;
    if (!cause.message.empty()) entry["message"] = cause.message;
    if (!cause.field.empty()) entry["field"] = cause.field;
    details["causes"].push_back(std::move(entry));
  }
  if (status.retry_after_seconds > 0) details["retryAfterSeconds"] = status.retry_after_seconds;
  out["details"] = std::move(details);
  out["code"] = status.code;
  return dumped(out);
}

std::string success_json(std::string_view resource, std::string_view name, std::string_view uid, int code) {
  Status target;
  set_target(target, resource, name);
  ordered_json out = envelope("Success");
  ordered_json details = ordered_json::object();
  if (!target.name.empty()) details["name"] = target.name;
  if (!target.group.empty()) details["group"] = target.group;
  if (!target.kind.empty()) details["kind"] = target.kind;
  if (!uid.empty()) details["uid"] = uid;
  out["details"] = std::move(details);
  if (code != 200) out["code"] = code;
  return dumped(out);
}

Status parse_status(int code, std::string_view body) {
  if (!is_shallow(body)) return foreign_status(code, body);
  json read = json::parse(body, nullptr, false);
  if (!read.is_object() || text_of(read, "kind") != "Status") return foreign_status(code, body);
  Status status(number_of(read, "code"), text_of(read, "reason"), text_of(read, "message"));
  if (status.code == 0) status.code = code;
  if (auto metadata = read.find("metadata"); metadata != read.end() && metadata->is_object()) {
    status.continue_token = text_of(*metadata, "continue");
  }
  auto details = read.find("details");
  if (details == read.end() || !details->is_object()) return status;
  status.name = text_of(*details, "name");
  status.group = text_of(*details, "group");
  status.kind = text_of(*details, "kind");
  status.uid = text_of(*details, "uid");
  status.retry_after_seconds = number_of(*details, "retryAfterSeconds");
  auto causes = details->find("causes");
  if (causes == details->end() || !causes->is_array()) return status;
  for (const auto& cause : *causes) {
    if (!cause.is_object()) continue;
    status.causes.push_back({text_of(cause, "reason"), text_of(cause, "message"), text_of(cause, "field")});
  }
  return status;
}

std::string_view reason_of_code(int code) {
  switch (code) {
    case 400:
      return "BadRequest";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 405:
      return "MethodNotAllowed";
    case 406:
      return "NotAcceptable";
    case 409:
      return "Conflict";
    case 410:
      return "Expired";
    case 413:
      return "RequestEntityTooLarge";
    case 415:
      return "UnsupportedMediaType";
    case 422:
      return "Invalid";
    case 429:
      return "TooManyRequests";
    case 500:
      return "InternalError";
    case 503:
      return "ServiceUnavailable";
    case 504:
      return "Timeout";
    default:
      return "";
  }
}

Status bad_request(std::string message) {
  return Status(400, "BadRequest", std::move(message));
}

Status unauthorized() {
  return Status(401, "Unauthorized", "Unauthorized");
}

Status forbidden(std::string_view resource, std::string_view name, std::string_view detail) {
  std::string subject;
  if (!resource.empty()) {
    subject = name.empty() ? fmt::format("{} is ", resource) : fmt::format("{} {} is ", resource, go_quoted(name));
  }
  Status status(403, "Forbidden", fmt::format("{}forbidden: {}", subject, detail));
  set_target(status, resource, name);
  return status;
}

Status not_found(std::string_view resource, std::string_view name) {
  Status status(404, "NotFound", fmt::format("{} {} not found", resource, go_quoted(name)));
  set_target(status, resource, name);
  return status;
}

Status unknown_path() {
  return Status(404, "NotFound", "the server could not find the requested resource");
}

Status method_not_allowed() {
  return Status(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

Status not_acceptable(const std::vector<std::string>& media_types) {
  return Status(406, "NotAcceptable",
                fmt::format("only the following media types are accepted: {}", fmt::join(media_types, ", ")));
}

Status unsupported_media_type(const std::vector<std::string>& media_types) {
  return Status(415, "UnsupportedMediaType",
                fmt::format("the body of the request was in an unknown format - accepted media types include: {}",
                            fmt::join(media_types, ", ")));
}

Status already_exists(std::string_view resource, std::string_view name, bool is_being_deleted) {
  Status status(409, "AlreadyExists",
                fmt::format("{}{} {} already exists", is_being_deleted ? "object is being deleted: " : "", resource,
                            go_quoted(name)));
  set_target(status, resource, name);
  return status;
}

Status generated_name_exists(std::string_view resource, std::string_view name) {
  Status status(409, "AlreadyExists",
                fmt::format("{} {} already exists, the server was not able to generate a unique name for the object",
                            resource, go_quoted(name)));
  set_target(status, resource, name);
  status.retry_after_seconds = 1;
  return status;
}

Status conflict(std::string_view resource, std::string_view name, std::string_view detail) {
  Status status(409, "Conflict",
                fmt::format("Operation cannot be fulfilled on {} {}: {}", resource, go_quoted(name), detail));
  set_target(status, resource, name);
  return status;
}

Status object_modified(std::string_view resource, std::string_view name) {
  return conflict(resource, name,
                  "the object has been modified; please apply your changes to the latest version and try again");
}

Status expired(std::string message, std::string continue_token) {
  Status status(410, "Expired", std::move(message));
  status.continue_token = std::move(continue_token);
  return status;
}

Status list_expired() {
  return expired("The resourceVersion for the provided list is too old.");
}

Status watch_expired(std::uint64_t revision, std::uint64_t oldest) {
  return expired(fmt::format("too old resource version: {} ({})", revision, oldest));
}

Status too_large(std::string_view message) {
  return Status(413, "RequestEntityTooLarge", fmt::format("Request entity too large: {}", message));
}

Status invalid(std::string_view group_kind, std::string_view name, std::vector<StatusCause> causes) {
  std::vector<std::string> texts;
  for (const auto& cause : causes) {
    std::string text = fmt::format("{}: {}", cause.field, cause.message);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
  }
  std::string message = fmt::format("{} {} is invalid", group_kind, go_quoted(name));
  if (texts.size() == 1) message += ": " + texts[0];
  if (texts.size() > 1) message += fmt::format(": [{}]", fmt::join(texts, ", "));
  Status status(422, "Invalid", std::move(message));
  set_target(status, group_kind, name);
  status.causes = std::move(causes);
  return status;
}

Status unprocessable() {
  return Status(422, "Invalid", "the server rejected our request due to an error in our request");
}

Status too_many_requests(std::string message, int retry_after_seconds) {
  Status status(429, "TooManyRequests", std::move(message));
  status.retry_after_seconds = retry_after_seconds;
  return status;
}

Status internal_error(std::string_view message) {
  Status status(500, "InternalError", fmt::format("Internal error occurred: {}", message));
  status.causes.push_back({"", std::string(message), ""});
  return status;
}

Status plain_error(std::string message) {
  return Status(500, "", std::move(message));
}

Status service_unavailable(std::string message, int retry_after_seconds) {
  Status status(503, "ServiceUnavailable", std::move(message));
  status.retry_after_seconds = retry_after_seconds;
  return status;
}

Status timeout(std::string_view message, int retry_after_seconds) {
  Status status(504, "Timeout", fmt::format("Timeout: {}", message));
  status.retry_after_seconds = retry_after_seconds;
  return status;
}

Status too_large_resource_version(std::uint64_t wanted, std::uint64_t current, int retry_after_seconds) {
  Status status =
      timeout(fmt::format("Too large resource version: {}, current: {}", wanted, current), retry_after_seconds);
  status.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
  return status;
}

}  // namespace kubeloop::api
