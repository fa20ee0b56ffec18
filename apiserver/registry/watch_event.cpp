#include "apiserver/registry/watch_event.hpp"

#include <fmt/core.h>

#include "apiserver/storage/object_bytes.hpp"
#include "libs/api/codec/json_text.hpp"
#include "libs/api/codec/plain_json.hpp"
#include "libs/api/status.hpp"
#include "libs/base/planted.hpp"

namespace kubeloop::apiserver {
namespace {

void add_line(std::string& out, std::string_view type, std::string_view object) {
  out += R"({"type":")";
  out += type;
  out += R"(","object":)";
  out += object;
  out += "}\n";
}

// The metadata as it stands in the stored form, from `"metadata":` to its end; "" when the text is not plain enough to
// find that (plain_json.hpp).
std::string_view metadata_of(const StoredObject& object) {
  constexpr std::string_view kName = "\"metadata\":";
  std::string_view rest = *object.value;
  if (object.header->metadata_offset > rest.size()) return {};
  rest.remove_prefix(object.header->metadata_offset);
  if (!rest.starts_with(kName)) return {};
  api::PlainJson json(rest.substr(kName.size()));
  if (!json.skip(0)) return {};
  return rest.substr(0, static_cast<std::size_t>(json.at() - rest.data()));
}

// A line with the metadata alone, without a document; false when that cannot be.
bool add_metadata_line(std::string& out, std::string_view type, const StoredObject& object, std::string_view version) {
  auto metadata = metadata_of(object);
  std::size_t hole = object.header->revision_offset - object.header->metadata_offset;
  if (metadata.empty() || object.revision == 0 || hole > metadata.size()) return false;
  out.append(R"({"type":")").append(type).append(R"(","object":{"apiVersion":"meta.k8s.io/)").append(version);
  out.append(R"(","kind":"PartialObjectMetadata",)").append(metadata.substr(0, hole));
  out.append(std::to_string(object.revision)).append(metadata.substr(hole)).append("}}\n");
  return true;
}

StoredObject object_of(const Change& change) {
  StoredObject out;
  out.key = change.key;
  out.revision = change.revision;
  out.header = change.header;
  out.value = change.value;
  return out;
}

}  // namespace

bool WatchEventWriter::add_change(std::string& out, const WatchChange& change, const ListOptions& options,
                                  WallTime now) {
  bool is_delete = change.change.kind == Change::Kind::kDelete;
  bool matched = change.before && options.matches(*change.before->header);
  bool matches = !is_delete && options.matches(*change.change.header);
  if (!matched && !matches) return false;
  if (is_planted("watch-forgets-who-left-selector") && !matches && !is_delete) return false;
  if (output_.is_plain(endpoint_)) {
    out += !matches ? change.line_deleted() : matched ? change.line_modified() : change.line_added();
    return true;
  }
  if (matches) {
    add(out, matched ? "MODIFIED" : "ADDED", object_of(change.change), now);
  } else {
    StoredObject last = is_delete ? object_of(change.change) : *change.before;
    last.revision = change.change.revision;
    add(out, "DELETED", last, now);
  }
  return true;
}

void WatchEventWriter::add_initial(std::string& out, const StoredObject& object, WallTime now) {
  if (!output_.is_plain(endpoint_)) {
    add(out, "ADDED", object, now);
    return;
  }
  out += R"({"type":"ADDED","object":)";
  append_object(out, *object.value, *object.header, object.revision, true);
  out += "}\n";
}

void WatchEventWriter::add(std::string& out, std::string_view type, const StoredObject& object, WallTime now) {
  bool is_metadata = output_.format.transform == Transform::kPartialObjectMetadata;
  bool is_stored_form = is_metadata && !endpoint_.is_converted() && output_.format.format == Format::kJson;
  if (is_stored_form && add_metadata_line(out, type, object, output_.format.transform_version)) return;
  auto tree = object_tree(endpoint_, object);
  if (is_metadata) {
    tree = partial_metadata(tree, output_.format.transform_version);
  } else if (output_.format.transform == Transform::kTable) {
    TableMetadata metadata;
    metadata.resource_version = std::to_string(object.revision);
    TableOptions options;
    options.include_object = output_.include_object;
    options.has_columns = !has_sent_columns_;
    options.api_version = "meta.k8s.io/" + output_.format.transform_version;
    has_sent_columns_ = true;
    std::vector<Json> rows;
    rows.push_back(std::move(tree));
    tree = make_table(endpoint_.kind->group_resource(), rows, now, metadata, options);
  }
  add_line(out, type, api::json_text(tree));
}

void WatchEventWriter::add_bookmark(std::string& out, Revision revision, bool is_end_of_initial) {
  std::string kind = endpoint_.kind->kind;
  std::string version = endpoint_.kind->api_version();
  const char* rest = "";
  if (output_.format.transform != Transform::kNone) {
    bool is_table = output_.format.transform == Transform::kTable;
    kind = is_table ? "Table" : "PartialObjectMetadata";
    version = "meta.k8s.io/" + output_.format.transform_version;
    if (is_table) rest = R"(,"columnDefinitions":null,"rows":[])";
  }
  const char* annotation = is_end_of_initial ? R"("annotations":{"k8s.io/initial-events-end":"true"},)" : "";
  add_line(out, "BOOKMARK",
           fmt::format(R"({{"kind":"{}","apiVersion":"{}","metadata":{{{}"resourceVersion":"{}"}}{}}})", kind, version,
                       annotation, revision, rest));
}

void WatchEventWriter::add_error(std::string& out, const Status& status) {
  auto text = api::status_json(status);
  while (text.ends_with('\n')) text.pop_back();
  add_line(out, "ERROR", text);
}

}  // namespace kubeloop::apiserver
