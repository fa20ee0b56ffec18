// How a deletion is asked for, and what its answer means: the DeleteOptions of one very object, named by its uid, so
// that a successor of the same name is never touched. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "libs/base/result.hpp"

namespace kubeloop::client {

struct DeleteOptions {
  std::string uid;                            // "" = whatever object has the name
  std::string resource_version;               // "" = whatever its revision is
  std::string propagation_policy;             // "Background", "Foreground", "Orphan"; "" = the kind's own
  std::optional<std::int64_t> grace_seconds;  // the object's own when absent

  DeleteOptions() = default;
  explicit DeleteOptions(std::string of_uid) : uid(std::move(of_uid)) {}

  // The body of the DELETE.
  std::string json() const;
};

// A deletion that names a uid has nothing to do any more: 404, the object is gone; 409, another one has its name.
bool is_gone(const Status& answer);

}  // namespace kubeloop::client
