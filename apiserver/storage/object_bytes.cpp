#include "apiserver/storage/object_bytes.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

#include "libs/api/codec/json_text.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

class OuterObject {
 public:
  void member(const std::string& name, const std::string& text) {
    next(name);
    out_ += text;
  }
  // Where `"name":` begins.
  std::size_t next(const std::string& name) {
    out_ += out_.empty() ? '{' : ',';
    std::size_t at = out_.size();
    out_ += api::json_text(json(name));
    out_ += ':';
    return at;
  }
  std::string& text() { return out_; }
  std::string take() {
    out_ += out_.empty() ? "{}" : "}";
    return std::move(out_);
  }

 private:
  std::string out_;
};

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
      out += api::json_text(json(name));
      out += ':';
      out += api::json_text(value);
    }
  }
  if (hole == 0) put_hole();
  out += '}';
  return hole;
}

}  // namespace

std::string encode_stored(const json& object, Header& header) {
  OuterObject outer;
  if (!object.is_object()) return outer.take();
  for (const char* name : {"apiVersion", "kind"}) {
    if (auto it = object.find(name); it != object.end()) outer.member(name, api::json_text(*it));
  }
  header.metadata_offset = static_cast<std::uint32_t>(outer.next("metadata"));
  auto metadata = object.find("metadata");
  std::size_t hole = append_metadata(outer.text(), metadata == object.end() ? json() : *metadata);
  header.revision_offset = static_cast<std::uint32_t>(hole);
  for (const auto& [name, value] : object.items()) {
    if (name == "apiVersion" || name == "kind" || name == "metadata") continue;
    outer.member(name, api::json_text(value));
  }
  return outer.take();
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
