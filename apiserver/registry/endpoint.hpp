// A served resource: the kind of its path, the kind it is stored as (events.k8s.io/v1 Event is stored as the core one),
// its strategy, and where its objects stand in the store. A plain value over the schema.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "apiserver/strategies/strategy.hpp"
#include "libs/api/schema/schema.hpp"

namespace kubeloop::apiserver {

struct Endpoint {
  const api::KindInfo* kind = nullptr;
  const api::KindInfo* stored = nullptr;
  const Strategy* strategy = nullptr;

  Endpoint() = default;

  bool is_converted() const { return kind != stored; }
  // "/registry/pods/" or, for one namespace, "/registry/pods/default/".
  std::string prefix(std::string_view namespace_) const;
  // "/registry/pods/default/web"
  std::string key(std::string_view namespace_, std::string_view name) const;

  // Between the form of the path and the stored form.
  void to_stored(nlohmann::json& object) const;
  void from_stored(nlohmann::json& object) const;
};

std::optional<Endpoint> find_endpoint(const api::Schema& schema, std::string_view group, std::string_view version,
                                      std::string_view plural);

}  // namespace kubeloop::apiserver
