// Cuts JSON text into the texts of its members or elements without reading them: how a list and a watch event are taken
// apart before each object is decoded once. Only the outer structure is checked; what is inside is checked by whoever
// decodes it.
#pragma once
#include <functional>
#include <string_view>

namespace kubeloop::client {

// Calls `visit` with each member's key (as written, without the quotes) and value text. False when `text` is no object.
bool for_each_member(std::string_view text,
                     const std::function<void(std::string_view key, std::string_view value)>& visit);

// Calls `visit` with each element's text. False when `text` is no array.
bool for_each_element(std::string_view text, const std::function<void(std::string_view value)>& visit);

// The value text of the first member of that key; "" when there is none or `text` is no object as far as it was read:
// what stands behind the member is not looked at.
std::string_view find_member(std::string_view text, std::string_view key);

}  // namespace kubeloop::client
