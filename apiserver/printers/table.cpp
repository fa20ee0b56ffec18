#include "apiserver/printers/table.hpp"

#include "libs/api/field_error.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::apiserver {
namespace {

using nlohmann::json;

json column_definitions(std::span<const TableColumn> columns) {
  json definitions = json::array();
  for (const auto& column : columns) {
    json definition = json::object();
    definition["name"] = column.name;
    definition["type"] = column.type;
    definition["format"] = column.format;
    definition["description"] = column.description;
    definition["priority"] = column.priority;
    definitions.push_back(std::move(definition));
  }
  return definitions;
}

json row_object(const json& object, const TableOptions& options) {
  if (options.include_object == IncludeObject::kNone) return nullptr;
  if (options.include_object == IncludeObject::kObject) return object;
  json partial = json::object();
  partial["kind"] = "PartialObjectMetadata";
  partial["apiVersion"] = options.api_version;
  auto metadata = object.find("metadata");
  partial["metadata"] = metadata == object.end() ? json::object() : *metadata;
  return partial;
}

}  // namespace

Result<IncludeObject> parse_include_object(std::string_view text) {
  if (text.empty() || text == "Metadata") return IncludeObject::kMetadata;
  if (text == "Object") return IncludeObject::kObject;
  if (text == "None") return IncludeObject::kNone;
  return failure(api::bad_request("unrecognized includeObject value: " + api::go_quoted(text)));
}

json make_table(std::string_view resource, const std::vector<json>& objects, WallTime now,
                const TableMetadata& metadata, const TableOptions& options) {
  const TablePrinter& printer = find_printer(resource);
  json table = json::object();
  table["kind"] = "Table";
  table["apiVersion"] = options.api_version;
  json& list_metadata = table["metadata"] = json::object();
  if (!metadata.resource_version.empty()) list_metadata["resourceVersion"] = metadata.resource_version;
  if (!metadata.continue_token.empty()) list_metadata["continue"] = metadata.continue_token;
  if (metadata.remaining_item_count) list_metadata["remainingItemCount"] = *metadata.remaining_item_count;
  table["columnDefinitions"] = options.has_columns ? column_definitions(printer.columns) : json();
  json& rows = table["rows"] = json::array();
  for (const auto& object : objects) {
    TableRow row = printer.row(object, now);
    json entry = json::object();
    entry["cells"] = std::move(row.cells);
    if (!row.conditions.is_null()) entry["conditions"] = std::move(row.conditions);
    entry["object"] = row_object(object, options);
    rows.push_back(std::move(entry));
  }
  return table;
}

}  // namespace kubeloop::apiserver
