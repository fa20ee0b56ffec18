#include "apiserver/storage/object_bytes.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

#include "libs/api/codec/plain_json.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

// Appends metadata with an empty resourceVersion in its sorted place; returns where the revision goes.
std::size_t append_metadata(std::string& out, const json& metadata) {
  constexpr std::string_view kName = "resourceVersion";
  constexpr std::string_view kHole = "\"resourceVersion\":\"\"";
  std::size_t hole = 0;
  char separator = '{';
  auto put_hole = [&] {
    out += separator;
    out += kHole;
    hole = out.size() - 1;
    separator = ',';
  };
  if (metadata.is_object()) {
    for (const auto& [name, value] : metadata.items()) {
      if (name == kName) continue;
      if (hole == 0 && name > kName) put_hole();
      out += separator;
      separator = ',';
      api::append_name(out, name);
      api::append_document(out, value);
    }
  }
  if (hole == 0) put_hole();
  out += '}';
  return hole;
}

}  // namespace

std::string encode_stored(const json& object, Header& header) {
  std::string out;
  if (!object.is_object()) return "{}";
  // Where `"name":` begins.
  auto begin = [&out](std::string_view name) {
    out += out.empty() ? '{' : ',';
    std::size_t at = out.size();
    api::append_name(out, name);
    return at;
  };
  for (const char* name : {"apiVersion", "kind"}) {
    if (auto it = object.find(name); it != object.end()) {
      begin(name);
      api::append_document(out, *it);
    }
  }
  header.metadata_offset = static_cast<std::uint32_t>(begin("metadata"));
  auto metadata = object.find("metadata");
  std::size_t hole = append_metadata(out, metadata == object.end() ? json() : *metadata);
  header.revision_offset = static_cast<std::uint32_t>(hole);
  for (const auto& [name, value] : object.items()) {
    if (name == "apiVersion" || name == "kind" || name == "metadata") continue;
    begin(name);
    api::append_document(out, value);
  }
  out += '}';
  return out;
}

void append_object(std::string& out, std::string_view stored, const Header& header, Revision revision, bool with_kind) {
  std::size_t from = 0;
  std::size_t hole = header.revision_offset;
  if (hole > stored.size() || header.metadata_offset > hole) {  // not made by encode_stored: nothing to splice
    out += stored;
    return;
  }
  char digits[20];
  auto end = std::to_chars(digits, digits + sizeof digits, revision).ptr;
  out.reserve(out.size() + stored.size() + sizeof digits + 1);
  if (!with_kind) {
    out += '{';
    from = header.metadata_offset;
  }
  out += stored.substr(from, hole - from);
  if (revision != 0) out.append(digits, end);
  out += stored.substr(hole);
}

std::string splice_revision(std::string_view stored, const Header& header, Revision revision, bool with_kind) {
  std::string out;
  append_object(out, stored, header, revision, with_kind);
  return out;
}

}  // namespace kubeloop::apiserver
