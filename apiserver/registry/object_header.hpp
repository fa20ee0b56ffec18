// Makes the small header that the hub keeps of every object: names, labels, selectable fields. Pure.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "apiserver/storage/store.hpp"
#include "libs/api/schema/schema.hpp"

namespace kubeloop::apiserver {

// `object` is in the stored form of `kind`. The offsets are left for encode_stored().
Header make_header(const api::KindInfo& kind, const nlohmann::json& object);

// The text of the selectable field `path` as selectors compare it: "true" for booleans, lists joined by commas, "" or
// the zero of its type when absent.
std::string field_text(const api::KindInfo& kind, const nlohmann::json& object, std::string_view path);

// Header and stored bytes of an object, ready to be written.
struct Encoded {
  std::shared_ptr<const Header> header;
  std::shared_ptr<const std::string> value;
};
Encoded encode_object(const api::KindInfo& kind, const nlohmann::json& object);

// The value of a selectable field in a header; metadata.name and metadata.namespace too.
std::string header_field(const Header& header, std::string_view path);

}  // namespace kubeloop::apiserver
