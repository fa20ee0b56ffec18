#include "simulator/scenario/lint/schema_walk.hpp"

#include <nlohmann/json.hpp>

#include "simulator/scenario/did_you_mean.hpp"
#include "simulator/scenario/fields.hpp"
#include "simulator/scenario/lint/field_places.hpp"
#include "simulator/scenario/lint/field_values.hpp"

namespace kubeloop::simulator {
namespace {

using api::Field;
using api::Scalar;
using api::Shape;
using api::Type;
using nlohmann::json;

std::string join(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

std::string in(const std::string& path) {
  return path.empty() ? "" : " in " + path;
}

bool is_directive(const std::string& key) {
  return key.starts_with('$');
}

bool has_operators_only(const json& value) {
  if (!value.is_object() || value.empty()) return false;
  for (const auto& [key, unused] : value.items()) {
    if (!is_directive(key)) return false;
  }
  return true;
}

}  // namespace

void SchemaWalk::check(const std::string& pointer, const Type& type, const json& value) {
  levels_.clear();
  check_struct(pointer, "", type, value);
}

void SchemaWalk::check_struct(const std::string& pointer, const std::string& path, const Type& type,
                              const json& value) {
  if (value.is_null()) return;
  if (!value.is_object()) return wrong_type(pointer, path, "a mapping", value, "");
  levels_.push_back({&type, path});
  for (const auto& [key, inner] : value.items()) check_member(pointer, path, type, key, inner);
  if (document_ == Document::kManifest) check_required(pointer, path, type, value);
  levels_.pop_back();
}

void SchemaWalk::check_member(const std::string& pointer, const std::string& path, const Type& type,
                              const std::string& key, const json& value) {
  if (is_directive(key) && document_ != Document::kManifest) return;
  const Field* field = type.find(key);
  std::string at = pointer + "/" + escape_pointer(key);
  if (field) return check_field(at, join(path, key), *field, value);
  unknown_field(at, path, type, key);
}

void SchemaWalk::unknown_field(const std::string& pointer, const std::string& path, const Type& type,
                               const std::string& key) {
  bool is_pattern = document_ == Document::kPattern;
  std::string meant = did_you_mean(key, field_names(type));
  for (auto level = levels_.rbegin(); meant.empty() && level != levels_.rend(); ++level) {
    if (!level->type->find(key)) continue;
    meant = "it is a field of " + (level->path.empty() ? "the " + kind_ + " itself" : level->path) + ", further out";
  }
  if (meant.empty()) {
    std::string inside = find_field_inside(type, key);
    if (!inside.empty()) meant = "it is a field of " + join(path, inside) + ", further in";
  }
  source_.fail_key(is_pattern ? "KL207" : "KL203", pointer, kind_ + " has no field \"" + key + "\"" + in(path), meant);
}

void SchemaWalk::check_required(const std::string& pointer, const std::string& path, const Type& type,
                                const json& value) {
  if (path == "status" || path.starts_with("status.")) return;  // the server's own
  for (const Field& field : type.fields) {
    if (field.is_inline && field.type) {
      check_required(pointer, path, *field.type, value);
      continue;
    }
    if (!field.is_required || !field.default_value.is_discarded()) continue;
    auto it = value.find(field.name);
    bool is_missing = it == value.end() || it->is_null();
    bool is_misspelled = false;
    for (const auto& [key, unused] : value.items()) {
      is_misspelled = is_misspelled || (!type.find(key) && did_you_mean(key, field_names(type)) == field.name);
    }
    if (!is_missing || is_misspelled) continue;
    source_.fail("KL205", pointer, kind_ + " needs \"" + field.name + "\"" + in(path));
  }
}

void SchemaWalk::check_field(const std::string& pointer, const std::string& path, const Field& field,
                             const json& value) {
  if (value.is_null() || field.scalar == Scalar::kRaw) return;
  if (document_ == Document::kPattern && has_operators_only(value)) {
    return check_operators(pointer, path, field, value);
  }
  if (field.shape == Shape::kOne) return check_one(pointer, path, field, value);
  if (field.shape == Shape::kList) {
    if (!value.is_array()) return wrong_type(pointer, path, "a list", value, "a list: \"- \" before each element");
    for (std::size_t i = 0; i < value.size(); ++i) {
      std::string place = std::to_string(i);
      bool has_operators = document_ == Document::kPattern && has_operators_only(value[i]);
      std::string at = pointer + "/" + place;
      std::string name = path + "[" + place + "]";
      has_operators ? check_operators(at, name, field, value[i]) : check_one(at, name, field, value[i]);
    }
    return;
  }
  if (!value.is_object()) return wrong_type(pointer, path, "a mapping", value, "");
  for (const auto& [key, inner] : value.items()) {
    bool is_free = inner.is_null() || (is_directive(key) && document_ != Document::kManifest);
    if (is_free || (document_ == Document::kPattern && has_operators_only(inner))) continue;
    check_one(pointer + "/" + escape_pointer(key), path + "[" + key + "]", field, inner);
  }
}

void SchemaWalk::check_one(const std::string& pointer, const std::string& path, const Field& field, const json& value) {
  if (field.scalar != Scalar::kNone) return check_scalar(pointer, path, field, value);
  if (field.type) check_struct(pointer, path, *field.type, value);
}

void SchemaWalk::check_scalar(const std::string& pointer, const std::string& path, const Field& field,
                              const json& value) {
  if (value.is_null()) return;
  auto problem = check_field_value(field, value, document_ == Document::kPattern);
  if (problem) return wrong_type(pointer, path, problem->wanted, value, problem->meant);
  if (value.is_string()) check_text(pointer, path, field, value.get<std::string>());
}

void SchemaWalk::check_text(const std::string& pointer, const std::string& path, const Field& field,
                            const std::string& text) {
  if (field.enum_values.empty() || text.empty()) return;
  std::string list;
  for (const auto& choice : field.enum_values) {
    if (choice == text) return;
    if (!choice.empty()) list += (list.empty() ? "" : ", ") + choice;
  }
  std::string meant = did_you_mean(text, field.enum_values);
  source_.fail("KL206", pointer, path + " of a " + kind_ + " is never \"" + text + "\" (it is one of " + list + ")",
               meant);
}

// {$in: [...]}, {$ne: x} and their like hold values of the field; {$all: {...}} patterns for its elements.
void SchemaWalk::check_operators(const std::string& pointer, const std::string& path, const Field& field,
                                 const json& value) {
  for (const auto& [key, operand] : value.items()) {
    std::string at = pointer + "/" + escape_pointer(key);
    if (key == "$all" || key == "$any" || key == "$none") {
      check_elements(at, path, field, operand);
    } else if (key == "$in" || key == "$nin" || key == "$notIn") {
      for (std::size_t i = 0; operand.is_array() && i < operand.size(); ++i) {
        check_one(at + "/" + std::to_string(i), path, field, operand[i]);
      }
    } else if ((key == "$ne" || key == "$eq") && field.shape == Shape::kOne) {
      check_one(at, path, field, operand);
    }
  }
}

void SchemaWalk::check_elements(const std::string& pointer, const std::string& path, const Field& field,
                                const json& patterns) {
  std::string name = path + "[]";
  if (!patterns.is_array()) {
    if (!has_operators_only(patterns)) check_one(pointer, name, field, patterns);
    return;
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (!has_operators_only(patterns[i])) check_one(pointer + "/" + std::to_string(i), name, field, patterns[i]);
  }
}

void SchemaWalk::wrong_type(const std::string& pointer, const std::string& path, const std::string& wanted,
                            const json& value, const std::string& meant) {
  bool is_pattern = document_ == Document::kPattern;
  std::string subject = path.empty() ? kind_ : path + " of a " + kind_;
  std::string verb = is_pattern ? " is always " : " must be ";
  std::string what = value.is_object() ? "a mapping" : value.is_array() ? "a list" : shown(value);
  source_.fail(is_pattern ? "KL208" : "KL204", pointer, subject + verb + wanted + ", here it is " + what, meant);
}

}  // namespace kubeloop::simulator
