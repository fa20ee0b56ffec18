// JSON as the API server takes it: a bounded, strict parser, decoding against the schema table, and the table's
// defaults. Pure functions; every failure that a body can cause is a Status (400 BadRequest, 413 when too large), never
// an exception or deep recursion.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "libs/api/schema/schema.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::api {

struct JsonNode;

// Limits of one document.
inline constexpr std::size_t kMaxJsonBytes = 3 * 1024 * 1024;  // Kubernetes' limit of a request body
inline constexpr int kMaxJsonDepth = 100;
inline constexpr std::size_t kMaxJsonValues = 500'000;
inline constexpr std::size_t kMaxWarnings = 100;

// In whose words Kubernetes complains of a value of the wrong type.
enum class Wording {
  kRequest,          // of a body: `Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal ...`
  kPatchedDocument,  // of what a JSON or merge patch made: the JSON decoder's, `json: cannot unmarshal ...`
  kStrategicMerge,   // of what a strategic merge made: the converter's, `unrecognized type: int32`
};

struct Decoded {
  nlohmann::json object;
  // `unknown field "spec.foo"`, `duplicate field "spec.bar"`, in the order of the document, at most kMaxWarnings.
  // fieldValidation decides what they become.
  std::vector<std::string> warnings;
};

// Parses one JSON value: UTF-8, nothing after it, within the limits above. Of equal keys the last one wins; when
// `duplicates` is given it receives `duplicate field "a.b[0].c"` for each.
Result<nlohmann::json> parse_json(std::string_view text, std::vector<std::string>* duplicates = nullptr);

// Decodes a request body into an object of `kind`: types are checked, unknown fields and nulls dropped, values that
// Kubernetes' encoder would leave out (empty, not a pointer, omitempty) dropped, quantities and times made canonical,
// apiVersion and kind set. The errors carry Kubernetes' messages: `Pod in version "v1" cannot be handled as a Pod: `...
Result<Decoded> decode_object(const Schema& schema, const KindInfo& kind, std::string_view text);

// The same for a document that is parsed already (YAML, the result of a patch). Its keys come in sorted order.
Result<Decoded> decode_document(const Schema& schema, const KindInfo& kind, nlohmann::json document,
                                Wording wording = Wording::kRequest);
// The same for a document tree (protobuf). The body's own apiVersion and kind are members of it.
Result<Decoded> decode_tree(const Schema& schema, const KindInfo& kind, JsonNode document,
                            Wording wording = Wording::kRequest);

// Fills in the table's defaults below `value`, an object of `type`: for absent fields, in every list element and map
// value, and in absent structs that Kubernetes does not hold by pointer. Defaults that need other fields are the
// strategies' task.
void apply_defaults(const Type& type, nlohmann::json& value);

// The error of a body that is not what `expected` can be made from (source: apimachinery's transformDecodeError).
// `kind` and `version` are what the body says it is.
Status cannot_be_handled(std::string_view kind, std::string_view version, const KindInfo& expected,
                         std::string_view why);

}  // namespace kubeloop::api
