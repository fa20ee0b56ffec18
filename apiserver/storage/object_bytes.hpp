// A stored object is its JSON in one fixed outer order: {"apiVersion":..,"kind":..,"metadata":{..},<the rest, sorted by
// key>}, metadata sorted by key with an empty "resourceVersion":"" in its place. Reading splices the revision in;
// nothing is parsed or encoded again.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

#include "apiserver/storage/store.hpp"

namespace kubeloop::apiserver {

// Writes `object` (metadata.resourceVersion is ignored) and sets both offsets of `header`.
std::string encode_stored(const nlohmann::json& object, Header& header);

// The object as a client sees it, at that revision. `with_kind` false leaves apiVersion and kind out (items of typed
// lists).
std::string splice_revision(std::string_view stored, const Header& header, Revision revision, bool with_kind = true);
// The same, appended: for lists and watch events.
void append_object(std::string& out, std::string_view stored, const Header& header, Revision revision, bool with_kind);

}  // namespace kubeloop::apiserver
