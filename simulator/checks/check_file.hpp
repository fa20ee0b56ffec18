// A file with checks: a Scenario with spec.checks, or a file of kind Checks that has nothing else.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"
#include "simulator/checks/check.hpp"
#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {

struct CheckFile {
  std::string name, description;
  std::vector<NamedCheck> checks;  // at least one
};

// What could be read of a file of kind Checks; complete only when `source` has no error afterwards.
CheckFile read_check_file(Source& source);

// 400 names file, line and column.
Result<CheckFile> parse_check_file(const std::string& path, std::string_view text);
Result<CheckFile> load_check_file(const std::string& path);

}  // namespace kubeloop::simulator
