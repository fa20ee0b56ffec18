// The errors of validation, one field each, as causes of an Invalid status: `reason` is the type on the wire, `message`
// the body, `field` the path ("spec.containers[0].name"). Pure constructors. Source: apimachinery
// util/validation/field.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "libs/base/result.hpp"

namespace kubeloop::api {

// Text between double quotes as Go's %q writes it: what Kubernetes uses for names and values inside messages.
std::string go_quoted(std::string_view text);
// A value inside a message: strings as go_quoted(), numbers and booleans plain, everything else as JSON.
std::string printed_value(const nlohmann::json& value);

namespace field {

// "Required value[: detail]"
StatusCause required(std::string path, std::string_view detail = "");
// "Invalid value: VALUE[: detail]"
StatusCause invalid(std::string path, const nlohmann::json& value, std::string_view detail);
// "Unsupported value: VALUE[: supported values: "A", "B"]"; the caller sorts.
StatusCause not_supported(std::string path, const nlohmann::json& value, const std::vector<std::string>& supported);
// "Duplicate value: VALUE"
StatusCause duplicate(std::string path, const nlohmann::json& value);
// "Not found: VALUE"
StatusCause not_found(std::string path, const nlohmann::json& value);
// "Forbidden[: detail]"
StatusCause forbidden(std::string path, std::string_view detail = "");
// "Too long: may not be more than N bytes"; a negative limit gives "value is too long".
StatusCause too_long(std::string path, std::int64_t limit_bytes);
// "Too many: ACTUAL: must have at most N items"
StatusCause too_many(std::string path, std::int64_t actual, std::int64_t limit);
// One invalid() for every message (of libs/api/names.hpp), in order.
std::vector<StatusCause> invalid_each(const std::string& path, const nlohmann::json& value,
                                      const std::vector<std::string>& messages);

}  // namespace field

}  // namespace kubeloop::api
