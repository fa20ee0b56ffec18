#include "scheduler/framework/resource_amounts.hpp"

#include <algorithm>

#include "libs/api/quantity.hpp"

namespace kubeloop::scheduler {
namespace {

using Scalars = std::vector<std::pair<std::string, std::int64_t>>;

Scalars::iterator place_of(Scalars& scalars, std::string_view name) {
  return std::lower_bound(scalars.begin(), scalars.end(), name,
                          [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
}

void add_scalar(Scalars& scalars, const std::string& name, std::int64_t amount) {
  auto it = place_of(scalars, name);
  if (it == scalars.end() || it->first != name) it = scalars.emplace(it, name, 0);
  it->second += amount;
  if (it->second == 0) scalars.erase(it);
}

}  // namespace

std::int64_t ResourceAmounts::scalar(std::string_view name) const {
  for (const auto& [key, amount] : scalars) {
    if (key == name) return amount;
  }
  return 0;
}

std::int64_t ResourceAmounts::get(std::string_view name) const {
  if (name == "cpu") return milli_cpu;
  if (name == "memory") return memory;
  if (name == "ephemeral-storage") return ephemeral_storage;
  if (name == "pods") return pods;
  return scalar(name);
}

void ResourceAmounts::add(const ResourceAmounts& other) {
  milli_cpu += other.milli_cpu;
  memory += other.memory;
  ephemeral_storage += other.ephemeral_storage;
  pods += other.pods;
  for (const auto& [name, amount] : other.scalars) add_scalar(scalars, name, amount);
}

void ResourceAmounts::subtract(const ResourceAmounts& other) {
  milli_cpu -= other.milli_cpu;
  memory -= other.memory;
  ephemeral_storage -= other.ephemeral_storage;
  pods -= other.pods;
  for (const auto& [name, amount] : other.scalars) add_scalar(scalars, name, -amount);
}

void ResourceAmounts::raise_to(const ResourceAmounts& other) {
  milli_cpu = std::max(milli_cpu, other.milli_cpu);
  memory = std::max(memory, other.memory);
  ephemeral_storage = std::max(ephemeral_storage, other.ephemeral_storage);
  pods = std::max(pods, other.pods);
  for (const auto& [name, amount] : other.scalars) {
    std::int64_t missing = amount - scalar(name);
    if (missing > 0) add_scalar(scalars, name, missing);
  }
}

bool is_scalar_resource(std::string_view name) {
  if (name.starts_with("hugepages-") || name.starts_with("attachable-volumes-")) return true;
  // A name without a domain is a native resource (cpu, memory, pods, ...) that has a field of its own or is not
  // counted.
  return name.find('/') != std::string_view::npos && !name.starts_with("requests.");
}

ResourceAmounts parse_amounts(const api::StringMap& quantities) {
  ResourceAmounts amounts;
  for (const auto& [name, text] : quantities) {
    if (name == "cpu") {
      amounts.milli_cpu = api::quantity_milli(text);
    } else if (name == "memory") {
      amounts.memory = api::quantity_value(text);
    } else if (name == "ephemeral-storage") {
      amounts.ephemeral_storage = api::quantity_value(text);
    } else if (name == "pods") {
      amounts.pods = api::quantity_value(text);
    } else if (is_scalar_resource(name)) {
      add_scalar(amounts.scalars, name, api::quantity_value(text));
    }
  }
  return amounts;
}

}  // namespace kubeloop::scheduler
