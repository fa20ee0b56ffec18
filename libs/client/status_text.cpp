#include "libs/client/status_text.hpp"

#include <fmt/core.h>

#include "libs/api/codec/view.hpp"
#include "libs/client/api_client.hpp"

namespace kubeloop::client {
namespace {

struct CauseView {
  std::string reason, message, field;
};
BOOST_DESCRIBE_STRUCT(CauseView, (), (reason, message, field))

struct DetailsView {
  std::string name, group, kind, uid;
  std::vector<CauseView> causes;
  std::int64_t retryAfterSeconds = 0;
};
BOOST_DESCRIBE_STRUCT(DetailsView, (), (name, group, kind, uid, causes, retryAfterSeconds))

struct ListMetaView {
  std::string continue_;
};
BOOST_DESCRIBE_STRUCT(ListMetaView, (), (continue_))

struct StatusView {
  std::string kind, status, message, reason;
  std::int64_t code = 0;
  DetailsView details;
  ListMetaView metadata;
};
BOOST_DESCRIBE_STRUCT(StatusView, (), (kind, status, message, reason, code, details, metadata))

// As much of an unreadable answer as an error message carries.
constexpr std::size_t kMaxQuoted = 2048;

}  // namespace

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

Status parse_status(int code, std::string_view body) {
  auto view = api::decode_view<StatusView>(body);
  if (!view || view->kind != "Status") {
    while (!body.empty() && (body.back() == '\n' || body.back() == ' ')) body.remove_suffix(1);
    std::string text =
        body.empty() ? fmt::format("the server answered with code {}", code) : std::string(body.substr(0, kMaxQuoted));
    return Status(code, std::string(reason_of_code(code)), std::move(text));
  }
  Status status(view->code != 0 ? static_cast<int>(view->code) : code, view->reason, view->message);
  status.name = view->details.name;
  status.group = view->details.group;
  status.kind = view->details.kind;
  status.uid = view->details.uid;
  for (auto& cause : view->details.causes) {
    StatusCause copy;
    copy.reason = cause.reason;
    copy.message = cause.message;
    copy.field = cause.field;
    status.causes.push_back(std::move(copy));
  }
  status.retry_after_seconds = static_cast<int>(view->details.retryAfterSeconds);
  status.continue_token = view->metadata.continue_;
  return status;
}

}  // namespace kubeloop::client
