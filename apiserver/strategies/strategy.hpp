// What is particular to one kind when it is written: how it is filled in, what makes it invalid, which parts each path
// may change. A table of pure functions, one small file a kind; kinds without one use the defaults here.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "libs/api/field_error.hpp"
#include "libs/api/names.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::apiserver {

class AddressReservation;

using Json = nlohmann::json;
using FieldErrors = std::vector<StatusCause>;

struct Strategy {
  std::string_view resource;  // "pods", "leases.coordination.k8s.io"

  api::Messages (*check_name)(std::string_view name) = api::check_dns1123_subdomain;
  // Defaults that need other fields, after the schema's: on everything that is decoded.
  void (*set_defaults)(Json& object) = nullptr;
  void (*prepare_for_create)(Json& object) = nullptr;
  // Draws what the object needs of the addresses that all objects of the cluster share, before it is prepared; `old` is
  // null on creation. The reservation holds them until the write is through.
  Result<void> (*allocate)(Json& object, const Json* old, AddressReservation& reservation) = nullptr;
  // Gives back what a write to the main resource may not change (`old` status).
  void (*prepare_for_update)(Json& object, const Json& old) = nullptr;
  void (*prepare_for_status_update)(Json& object, const Json& old) = nullptr;
  void (*validate)(const Json& object, FieldErrors& errors) = nullptr;
  void (*validate_update)(const Json& object, const Json& old, FieldErrors& errors) = nullptr;
  void (*validate_status_update)(const Json& object, const Json& old, FieldErrors& errors) = nullptr;
  // What is allowed but unwise in a new object; goes out as Warning headers.
  std::vector<std::string> (*warnings_on_create)(const Json& object) = nullptr;
  // The same when a write to the main resource raised the generation.
  std::vector<std::string> (*warnings_on_update)(const Json& object) = nullptr;

  // Goes out as a Warning header with every answer; "": the kind is not deprecated.
  std::string_view deprecation;

  // The member of spec that is a time which nothing is decided by and no rule looks at, for objects that are written
  // mostly to move it; "": none (registry/renewal.hpp).
  std::string_view heartbeat;

  bool has_generation = false;  // begins at 1, raised when spec changes
  bool annotations_raise_generation = false;
  bool creates_on_update = false;       // PUT to a name that is not there
  bool needs_revision = false;          // PUT without resourceVersion is refused
  bool deletes_gracefully = false;      // pods
  bool returns_deleted_object = false;  // DELETE answers the object, not a Status
  bool orphans_by_default = false;      // a DELETE that says nothing leaves dependents alone
  bool expires = false;                 // events: removed after the hub's event_ttl
};

// The strategy of a stored resource ("plural[.group]"); one with nothing in it when there is none.
const Strategy& find_strategy(std::string_view resource);

// Gives `object` the status of `old`: what most kinds do on a write to the main resource.
void keep_status(Json& object, const Json& old);
// Gives `object` everything of `old` but status and, of metadata, what a /status write may change: labels, annotations,
// finalizers.
void keep_all_but_status(Json& object, const Json& old);

// The member, or null (a static one) when absent: reading without inserting.
const Json& member(const Json& object, std::string_view name);
// The text of a string member, or "".
std::string text_at(const Json& object, std::string_view name);
// The integer member, or 0.
std::int64_t number_at(const Json& object, std::string_view name);
// Makes the member what it is in `from`: the same value, or absent.
void take_member(Json& object, const Json& from, const char* name);

}  // namespace kubeloop::apiserver
