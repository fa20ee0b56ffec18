#include "libs/api/views/meta.hpp"

#include <charconv>

namespace kubeloop::api {

std::uint64_t ObjectMeta::revision() const {
  std::uint64_t value = 0;
  std::from_chars(resourceVersion.data(), resourceVersion.data() + resourceVersion.size(), value);
  return value;
}

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type) {
  for (const auto& condition : conditions) {
    if (condition.type == type) return &condition;
  }
  return nullptr;
}

const OwnerReference* controller_of(const ObjectMeta& metadata) {
  for (const auto& owner : metadata.ownerReferences) {
    if (owner.controller) return &owner;
  }
  return nullptr;
}

}  // namespace kubeloop::api
