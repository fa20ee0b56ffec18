// Where a field of an object could have been meant to stand. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::simulator {

// All JSON names of a type, those of inline structs too, in the order of the schema.
std::vector<std::string> field_names(const api::Type& type);

// The nearest struct inside of `type` that has a field of that name: "template.spec", "containers[]"; "" when none has
// it within three levels.
std::string find_field_inside(const api::Type& type, std::string_view name);

}  // namespace kubeloop::simulator
