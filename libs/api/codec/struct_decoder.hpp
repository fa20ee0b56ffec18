// Turns a document tree into an object of a schema type: the type checks, messages and omissions of Kubernetes' strict
// JSON decoder and its encoder. Pure; the tree is used up.
#pragma once
#include <string_view>

#include "libs/api/codec/json.hpp"
#include "libs/api/codec/json_tree.hpp"

namespace kubeloop::api {

// One value of a type, without what whole objects get around it (json.hpp). The error (400) carries the bare message,
// in the JSON decoder's words or the converter's.
Result<Decoded> decode_struct(const Type& type, JsonNode value, Wording wording = Wording::kRequest);

// "string", "number", "bool", "array", "object", "null": as messages name what a document holds.
std::string_view json_kind_name(const JsonNode& node);

}  // namespace kubeloop::api
