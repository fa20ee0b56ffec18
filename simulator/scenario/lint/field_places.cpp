#include "simulator/scenario/lint/field_places.hpp"

#include <utility>

namespace kubeloop::simulator {
namespace {

using api::Field;
using api::Shape;
using api::Type;

constexpr int kMaxLevels = 3;

struct Place {
  std::string path;
  const Type* type;
  bool is_required;
};

void add_places(const Type& type, const std::string& path, std::vector<Place>& places) {
  for (const Field& field : type.fields) {
    if (!field.type || field.shape == Shape::kMap) continue;
    if (field.is_inline) {
      add_places(*field.type, path, places);
      continue;
    }
    std::string step = field.name + (field.shape == Shape::kList ? "[]" : "");
    places.push_back({path.empty() ? step : path + "." + step, field.type, field.is_required});
  }
}

}  // namespace

std::vector<std::string> field_names(const Type& type) {
  std::vector<std::string> names;
  for (const Field& field : type.fields) {
    if (!field.is_inline) {
      names.push_back(field.name);
    } else if (field.type) {
      for (auto& name : field_names(*field.type)) names.push_back(std::move(name));
    }
  }
  return names;
}

std::string find_field_inside(const Type& type, std::string_view name) {
  std::vector<Place> level = {{"", &type, true}};
  for (int depth = 0; depth < kMaxLevels; ++depth) {
    std::vector<Place> next;
    for (const auto& place : level) add_places(*place.type, place.path, next);
    // What every such object has is meant sooner than what few have.
    for (bool is_required : {true, false}) {
      for (const auto& place : next) {
        if (place.is_required == is_required && place.type->find(name)) return place.path;
      }
    }
    level = std::move(next);
  }
  return "";
}

}  // namespace kubeloop::simulator
