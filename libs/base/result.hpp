// Result<T> and Status: every failure that a client, a stored object or the outside can cause is a value of this type.
// The shape is that of the Kubernetes API's own Status, so that it goes to the wire as it is.
#pragma once
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace kubeloop {

struct StatusCause {
  std::string reason;  // FieldValueInvalid, ...
  std::string message;
  std::string field;
};

struct Status {
  int code = 500;      // the HTTP code
  std::string reason;  // NotFound, Conflict, Invalid, ...; may be empty
  std::string message;
  // details
  std::string name;
  std::string group;
  std::string kind;  // the plural resource for most errors, the Kind for Invalid
  std::string uid;
  std::vector<StatusCause> causes;
  int retry_after_seconds = 0;
  std::string continue_token;  // metadata.continue of an expired list (410)

  Status() = default;
  Status(int c, std::string r, std::string m) : code(c), reason(std::move(r)), message(std::move(m)) {}
};

template <class T>
using Result = std::expected<T, Status>;

inline std::unexpected<Status> failure(int code, std::string reason, std::string message) {
  return std::unexpected<Status>(Status(code, std::move(reason), std::move(message)));
}
inline std::unexpected<Status> failure(Status status) {
  return std::unexpected<Status>(std::move(status));
}

}  // namespace kubeloop
