// Checks of single fields that the validation of many kinds needs. Pure: each adds an error for what is wrong, with
// Kubernetes' messages. Source: apimachinery's field errors and ValidateImmutableField, ValidateNonnegativeField.
#pragma once
#include <string>
#include <vector>

#include "apiserver/strategies/strategy.hpp"

namespace kubeloop::apiserver {

// One error at `path` for every message.
void add_errors(FieldErrors& errors, const std::string& path, const Json& value, const api::Messages& messages);
// "spec.containers" + [2]
std::string indexed(const std::string& path, std::size_t index);
// True when `value` is one of `allowed`; otherwise adds "Unsupported value".
bool check_one_of(const std::string& value, const std::vector<std::string>& allowed, const std::string& path,
                  FieldErrors& errors);
// Adds "must be greater than or equal to 0" where the number NAME of `object` is negative.
void check_not_negative(const Json& object, const char* name, const std::string& path, FieldErrors& errors);
// Adds "field is immutable" where the member NAME has changed; absent and empty are the same.
void check_immutable(const Json& object, const Json& old, const char* name, const std::string& path,
                     FieldErrors& errors);

}  // namespace kubeloop::apiserver
