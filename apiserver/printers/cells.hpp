// How printers read an object and write their cells: lookups that tolerate whatever is missing or has another type.
// Pure.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "libs/base/time.hpp"

namespace kubeloop::apiserver::cells {

using Path = std::initializer_list<const char*>;

inline constexpr const char* kNone = "<none>";
inline constexpr const char* kUnknown = "<unknown>";

// What stands at the path; a null value when nothing does.
const nlohmann::json& at(const nlohmann::json& object, Path path);
// The string, number and boolean there; "", 0 and false when there is none.
std::string text(const nlohmann::json& object, Path path);
std::int64_t number(const nlohmann::json& object, Path path);
bool flag(const nlohmann::json& object, Path path);
// How many elements or members there are.
std::int64_t size(const nlohmann::json& object, Path path);
// The string there, or `other` when it is empty.
std::string text_or(const nlohmann::json& object, Path path, std::string_view other);

// The time from `timestamp` to `now`, short ("5m3s"); "<unknown>" when there is no such time.
std::string since(std::string_view timestamp, WallTime now);
// The object's age.
std::string age(const nlohmann::json& object, WallTime now);
std::string name(const nlohmann::json& object);

// The element of status.conditions with that type; a null value when there is none.
const nlohmann::json& condition(const nlohmann::json& object, std::string_view type);
// Whether that condition is True.
bool is_true(const nlohmann::json& object, std::string_view type);

// What the columns that nearly every kind has are described with.
inline constexpr std::string_view kNameText = "The name of the object, unique within its namespace and kind.";
inline constexpr std::string_view kAgeText = "How long ago the object was created.";

}  // namespace kubeloop::apiserver::cells
