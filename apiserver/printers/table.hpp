// Objects as rows of a table, as `kubectl get` shows them: the server computes every cell. One printer a kind, in a
// file of its own, found through a registry; a kind without one gets its name and creation time. Pure. Source:
// printers/internalversion.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "libs/base/result.hpp"
#include "libs/base/time.hpp"

namespace kubeloop::apiserver {

struct TableColumn {
  std::string_view name;
  std::string_view type;    // string, integer, boolean, date
  std::string_view format;  // "name" for the column that names the object, else ""
  std::string_view description;
  int priority = 0;  // above 0: shown only by -o wide; always sent
};

struct TableRow {
  nlohmann::json cells;       // an array, one for every column
  nlohmann::json conditions;  // null, or an array: [{type: Completed, ...}]
};

struct TablePrinter {
  std::span<const TableColumn> columns;
  TableRow (*row)(const nlohmann::json& object, WallTime now) = nullptr;
};

// The printer of a kind; `resource` is the plural with its group ("pods", "leases.coordination.k8s.io";
// KindInfo::group_resource).
const TablePrinter& find_printer(std::string_view resource);

// What a row carries of its object.
enum class IncludeObject : std::uint8_t { kMetadata, kObject, kNone };
// The query parameter includeObject; empty is Metadata. 400 for anything unknown.
Result<IncludeObject> parse_include_object(std::string_view text);

// The Table's own metadata: that of the list, or of the object when there is one.
struct TableMetadata {
  std::string resource_version;
  std::string continue_token;
  std::optional<std::int64_t> remaining_item_count;
};

struct TableOptions {
  IncludeObject include_object = IncludeObject::kMetadata;
  // False from the second event of a watch on: columnDefinitions is null.
  bool has_columns = true;
  std::string api_version = "meta.k8s.io/v1";
};

// One row for every object, in order. `now` is what ages are counted to.
nlohmann::json make_table(std::string_view resource, const std::vector<nlohmann::json>& objects, WallTime now,
                          const TableMetadata& metadata, const TableOptions& options);

}  // namespace kubeloop::apiserver
