// The part of an ordered map that is in one namespace: found by its key, "namespace/name", without looking at the rest.
#pragma once
#include <ranges>
#include <string>

namespace kubeloop::controller_manager {

// A view into `map`, which must outlive it and keep these entries.
template <class Map>
auto in_namespace(Map& map, const std::string& namespace_) {
  constexpr char kAfterSlash = '/' + 1;
  return std::ranges::subrange(map.lower_bound(namespace_ + "/"), map.lower_bound(namespace_ + kAfterSlash));
}

}  // namespace kubeloop::controller_manager
