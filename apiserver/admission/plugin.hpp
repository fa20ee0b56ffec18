// One step that every write passes: it may change the object (mutate), then, after validation, refuse it (validate).
// Synchronous and without effects of its own; what it knows of other objects it reads from the hub's map. One file a
// plugin, one line in chain.cpp.
#pragma once
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "apiserver/hub.hpp"
#include "apiserver/request_context.hpp"
#include "apiserver/storage/object_map.hpp"
#include "libs/api/schema/schema.hpp"
#include "libs/base/result.hpp"
#include "libs/base/rng.hpp"

namespace kubeloop::apiserver {

enum class Operation { kCreate, kUpdate, kDelete };

struct AdmissionAttributes {
  Operation operation = Operation::kCreate;
  const api::KindInfo* kind = nullptr;  // as stored
  std::string subresource;
  std::string namespace_, name;      // name: "" for a create with generateName
  nlohmann::json* object = nullptr;  // null for a delete
  const nlohmann::json* old_object = nullptr;
  const User* user = nullptr;
  bool is_dry_run = false;

  bool is_for(std::string_view resource, std::string_view wanted_subresource = "") const {
    return kind->group_resource() == resource && subresource == wanted_subresource;
  }
  // How a denial names the object: its name, its generateName, or "Unknown".
  std::string shown_name() const;
  // 403: `pods "web" is forbidden: MESSAGE`.
  Status forbidden(std::string_view message) const;
};

struct AdmissionContext {
  const ObjectMap& objects;
  Rng& rng;
  const HubOptions& options;

  AdmissionContext(const ObjectMap& o, Rng& r, const HubOptions& h) : objects(o), rng(r), options(h) {}
};

class AdmissionPlugin {
 public:
  virtual ~AdmissionPlugin() = default;
  virtual std::string_view name() const = 0;
  // False for one that only validates: it is then left out of the mutating side, and of its trace.
  virtual bool may_mutate() const { return true; }
  virtual Result<void> mutate(AdmissionAttributes&, AdmissionContext&) const { return {}; }
  virtual Result<void> validate(const AdmissionAttributes&, const AdmissionContext&) const { return {}; }
};

}  // namespace kubeloop::apiserver
