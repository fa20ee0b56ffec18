// Documents as JSON text, the way they are sent and stored: compact, and never an exception, whatever bytes the strings
// hold.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace kubeloop::api {

// `Json` is nlohmann::json or nlohmann::ordered_json. Bytes that are no UTF-8 become the replacement character.
template <class Json>
std::string json_text(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace kubeloop::api
