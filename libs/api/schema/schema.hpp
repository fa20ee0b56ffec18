// The table of kinds and types that everything schema-driven reads: strict decoding, defaults, pruning, strategic
// merge, protobuf, discovery, OpenAPI, field selectors. Parsed once at start from libs/api/schema/tables/*.schema, in a
// notation that tables/README.md explains; the tables are embedded in the binary. Immutable afterwards.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "libs/base/result.hpp"

namespace kubeloop::api {

struct Type;

enum class Scalar : std::uint8_t {
  kNone,  // a struct: see Type::fields
  kString,
  kInt32,
  kInt64,
  kBool,
  kDouble,
  kBytes,         // base64 in JSON
  kQuantity,      // string or number in, canonical string out
  kIntOrString,
  kTime,          // RFC 3339, whole seconds
  kMicroTime,
  kDuration,
  kRaw,           // any JSON (RawExtension, FieldsV1)
};

// What stands in a field: one value, a list of them, or a map from string to them.
enum class Shape : std::uint8_t { kOne, kList, kMap };
enum class MergeStrategy : std::uint8_t { kNone, kReplace, kMerge, kRetainKeys, kMergeRetainKeys };

struct Field {
  std::string name;             // the JSON name
  std::string description;
  Shape shape = Shape::kOne;
  Scalar scalar = Scalar::kNone;
  const Type* type = nullptr;   // when scalar == kNone
  std::string alias;            // "v1.PullPolicy" when the value's type has a name of its own; decoding errors show it
  int number = 0;               // protobuf
  bool is_pointer = false;      // absent and zero differ
  bool is_required = false;
  bool is_omitted_when_empty = false;
  // An embedded struct: inline in JSON; on the protobuf wire a message under `number`. `name` is then empty.
  bool is_inline = false;
  MergeStrategy merge_strategy = MergeStrategy::kNone;
  std::string merge_key;
  std::string list_type;                  // atomic, set, map; of a map or struct: atomic, granular
  std::vector<std::string> list_map_keys;
  // is_discarded() when there is none.
  nlohmann::json default_value = nlohmann::json(nlohmann::json::value_t::discarded);
  std::vector<std::string> enum_values;
};

struct Type {
  std::string name;             // "core/v1.PodSpec"
  std::string description;
  bool is_atomic = false;       // structType=atomic
  // When none of the fields is set, this one defaults to {}: a volume without a source is an emptyDir.
  std::string default_member;
  std::vector<Field> fields;
  // By JSON name, through inline structs too; null when unknown.
  const Field* find(std::string_view json_name) const;
};

struct SubresourceInfo {
  std::string name;             // status, binding, ...
  std::string group, version, kind;
  std::vector<std::string> verbs;
};

struct KindInfo {
  std::string group;            // "" = core
  std::string version;
  std::string kind;             // Pod
  std::string list_kind;        // PodList
  std::string plural, singular;
  std::string full_name;        // plural[.group]
  std::vector<std::string> short_names, categories, verbs;
  bool is_namespaced = true;
  bool is_served = true;        // has a REST path; false for DeleteOptions, Status, Binding bodies, ...
  // The first part of the storage key: "pods", "minions".
  std::string storage_prefix;
  // Paths that field selectors may use besides metadata.name and metadata.namespace: "spec.nodeName".
  std::vector<std::string> selectable_fields;
  std::vector<SubresourceInfo> subresources;
  const Type* type = nullptr;
  // The place of the group in discovery, small first; 0 = core.
  int rank = 0;

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  // "pods" or "leases.coordination.k8s.io": how errors name it.
  const std::string& group_resource() const { return full_name; }
  std::string group_kind() const { return group.empty() ? kind : kind + "." + group; }
};

class Schema {
 public:
  // The built-in tables. Aborts when they are malformed: that is our own bug.
  static const Schema& builtin();
  // Parses one or more tables; the error names file and line.
  static Result<std::unique_ptr<Schema>> parse(const std::vector<std::pair<std::string, std::string>>& named_texts);
  ~Schema();

  const Type* find_type(std::string_view name) const;
  // By plural name, as in a path.
  const KindInfo* find_resource(std::string_view group, std::string_view version, std::string_view plural) const;
  const KindInfo* find_kind(std::string_view group, std::string_view version, std::string_view kind) const;
  // In the order of discovery: core first.
  const std::vector<std::unique_ptr<KindInfo>>& kinds() const;
  const std::map<std::string, std::unique_ptr<Type>, std::less<>>& types() const;

 private:
  Schema();
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace kubeloop::api
