// How controllers write a status. Pure. As a JSON merge patch: what is zero or empty is not in the stored object, so it
// is written as null. As a strategic merge patch: one condition, if it says anything new.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "libs/api/views/meta.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::controller_manager {

nlohmann::json unless_zero(std::int64_t count);
nlohmann::json unless_empty(const std::string& text);
nlohmann::json unless_empty(const std::vector<std::string>& list);

// The whole list, each condition with those of its members that say something; null for none.
nlohmann::json conditions_json(const std::vector<api::Condition>& conditions);

struct WantedCondition {
  std::string type, status;
  std::string reason, message;  // left as they are when empty
};

// The entry that makes `current` say so, with `now` as its time when the status changes; nothing when they do already.
std::optional<nlohmann::json> condition_change(const std::vector<api::Condition>& current,
                                               const WantedCondition& wanted, WallTime now);

}  // namespace kubeloop::controller_manager
