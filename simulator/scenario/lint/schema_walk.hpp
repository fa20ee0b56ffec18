// Holds a manifest, a patch or a partial match against the type that the schema has for it: unknown fields, values of
// the wrong type, values that an enumeration does not have, missing required fields. Pure; findings go to the Source.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>
#include <utility>
#include <vector>

#include "libs/api/schema/schema.hpp"
#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {

enum class Document {
  kManifest,  // whole: required fields are missed, null is nothing
  kPatch,     // a strategic merge patch: null removes, keys with "$" are directives
  kPattern,   // a partial match: null asks for absence, keys with "$" are operators
};

class SchemaWalk {
 public:
  // `kind` is how messages call the object: "Pod".
  SchemaWalk(Source& source, Document document, std::string kind)
      : source_(source), document_(document), kind_(std::move(kind)) {}

  // `value` stands at `pointer` in the source's document.
  void check(const std::string& pointer, const api::Type& type, const nlohmann::json& value);

 private:
  struct Level {
    const api::Type* type;
    std::string path;
  };

  void check_struct(const std::string& pointer, const std::string& path, const api::Type& type,
                    const nlohmann::json& value);
  void check_member(const std::string& pointer, const std::string& path, const api::Type& type, const std::string& key,
                    const nlohmann::json& value);
  void check_required(const std::string& pointer, const std::string& path, const api::Type& type,
                      const nlohmann::json& value);
  void check_field(const std::string& pointer, const std::string& path, const api::Field& field,
                   const nlohmann::json& value);
  void check_one(const std::string& pointer, const std::string& path, const api::Field& field,
                 const nlohmann::json& value);
  void check_scalar(const std::string& pointer, const std::string& path, const api::Field& field,
                    const nlohmann::json& value);
  void check_text(const std::string& pointer, const std::string& path, const api::Field& field,
                  const std::string& text);
  void check_operators(const std::string& pointer, const std::string& path, const api::Field& field,
                       const nlohmann::json& value);
  void check_elements(const std::string& pointer, const std::string& path, const api::Field& field,
                      const nlohmann::json& patterns);
  void unknown_field(const std::string& pointer, const std::string& path, const api::Type& type,
                     const std::string& key);
  void wrong_type(const std::string& pointer, const std::string& path, const std::string& wanted,
                  const nlohmann::json& value, const std::string& meant);

  Source& source_;
  Document document_;
  std::string kind_;
  std::vector<Level> levels_;  // the structs around the one that is being checked
};

}  // namespace kubeloop::simulator
