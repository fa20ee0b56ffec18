// The Kubernetes Status object on the wire, and a constructor for every error that the API answers, with its code,
// reason, message and details. Pure. The messages are those that Kubernetes sends: clients print and match them.
// Source: apimachinery api/errors.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/api/field_error.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::api {

// One line of JSON with kind, apiVersion, metadata, status Failure, message, reason, details and code, in this order;
// metadata and details stand even when empty (kubectl dereferences details). Text that is not UTF-8 is replaced.
std::string status_json(const Status& status);
// The Status of an operation that went well, as DELETE answers it: status Success, code 200 unless another is given.
// `resource` is "pods" or "leases.coordination.k8s.io"; empty name, resource and uid leave details {}.
std::string success_json(std::string_view resource = "", std::string_view name = "", std::string_view uid = "",
                         int code = 200);
// Reads the body of an answer whose HTTP code is `code` (400 or above). A body that is no Status gives that code, the
// reason that belongs to it, and the body's first 1024 bytes as the message.
Status parse_status(int code, std::string_view body);
// The reason that Kubernetes gives an HTTP code: 404 is "NotFound"; "" when it has none.
std::string_view reason_of_code(int code);

// In all of these `resource` is the plural with its group ("pods", "leases.coordination.k8s.io";
// KindInfo::group_resource) and `group_kind` the Kind with its group ("Pod", "Lease.coordination.k8s.io";
// KindInfo::group_kind).

// 400
Status bad_request(std::string message);
// 401
Status unauthorized();
// 403: "pods "x" is forbidden: DETAIL"; without a name "pods is forbidden: ..."; without a resource "forbidden: ...".
Status forbidden(std::string_view resource, std::string_view name, std::string_view detail);
// 404
Status not_found(std::string_view resource, std::string_view name);
// 404 where no resource is known by that path: "the server could not find the requested resource".
Status unknown_path();
// 405 where the path is known but not with this method: "the server does not allow this method on the requested
// resource".
Status method_not_allowed();
// 406 and 415, with what would be accepted.
Status not_acceptable(const std::vector<std::string>& media_types);
Status unsupported_media_type(const std::vector<std::string>& media_types);
// 409. `is_being_deleted`: the object that stands in the way has a deletionTimestamp.
Status already_exists(std::string_view resource, std::string_view name, bool is_being_deleted = false);
// 409: no free name was found for a generateName; `name` is the last one tried. To be tried again after a second.
Status generated_name_exists(std::string_view resource, std::string_view name);
// 409: "Operation cannot be fulfilled on pods "x": DETAIL".
Status conflict(std::string_view resource, std::string_view name, std::string_view detail);
// conflict() for a stale resourceVersion: "the object has been modified; please apply your changes to the latest
// version and try again".
Status object_modified(std::string_view resource, std::string_view name);
// 410: a list or watch from a revision that is no longer kept; `continue_token` lets a list go on inconsistently.
Status expired(std::string message, std::string continue_token = "");
// 410 of a list, with Kubernetes' message.
Status list_expired();
// 410 of a watch: "too old resource version: R (OLDEST)".
Status watch_expired(std::uint64_t revision, std::uint64_t oldest);
// 413: "Request entity too large: MESSAGE".
Status too_large(std::string_view message);
// 422: `Pod "x" is invalid: FIELD: BODY`; several are told as "[a, b]", each text once. No causes: `Pod "x" is
// invalid`.
Status invalid(std::string_view group_kind, std::string_view name, std::vector<StatusCause> causes);
// 422 of a patch whose operations could not be applied; tells no more than that.
Status unprocessable();
// 429
Status too_many_requests(std::string message, int retry_after_seconds);
// 500: "Internal error occurred: MESSAGE".
Status internal_error(std::string_view message);
// 500 without a reason: an error that Kubernetes passes on as it is.
Status plain_error(std::string message);
// 503
Status service_unavailable(std::string message, int retry_after_seconds = 0);
// 504: "Timeout: MESSAGE".
Status timeout(std::string_view message, int retry_after_seconds = 0);
// 504: a revision that is still to come was asked for.
Status too_large_resource_version(std::uint64_t wanted, std::uint64_t current, int retry_after_seconds = 1);

}  // namespace kubeloop::api
