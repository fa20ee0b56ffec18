// Indents compact JSON text by two spaces, byte by byte: the order of keys stays, nothing is parsed into a tree. Pure.
#pragma once
#include <string>
#include <string_view>

namespace kubeloop::apiserver {

// `compact` is valid JSON without white space between tokens.
std::string indent_json(std::string_view compact);

}  // namespace kubeloop::apiserver
