// Reads the notation of libs/api/schema/tables/*.schema (see README.md there) into types and kinds. Pure; owns nothing
// after it has returned. Errors are a Status whose message begins with "FILE:LINE: ".
#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/api/schema/schema.hpp"

namespace kubeloop::api {

struct ParsedTables {
  std::map<std::string, std::unique_ptr<Type>, std::less<>> types;  // by "core/v1.Pod"
  std::vector<std::unique_ptr<KindInfo>> kinds;                     // in the order of discovery
};

// Parses all tables and resolves the references between them. `named_texts`: file name and text of each.
Result<ParsedTables> parse_tables(const std::vector<std::pair<std::string, std::string>>& named_texts);

}  // namespace kubeloop::api
