// The files that `kubeloop run --report` asks for: read from the options, checked before anything runs, written at the
// end.
#pragma once
#include <string>
#include <vector>

#include "libs/base/result.hpp"
#include "simulator/run/run_scenario.hpp"

namespace kubeloop::cli {

class ReportFiles {
 public:
  // "text", or FORMAT=FILE with a format of json, html, mermaid, junit; none at all means text. A Status (400) for
  // anything else, and for a file that is named twice.
  static Result<ReportFiles> parse(const std::vector<std::string>& wanted);

  // True when each file can be written now; else a Status that names the first that cannot. Leaves nothing behind.
  Result<void> check() const;
  // The first failure, when there is one; the other files are written all the same.
  Result<void> write(const std::vector<simulator::RunReport>& reports) const;

  bool has_text() const { return has_text_; }
  // What has to be recorded for all that is asked for.
  simulator::Detail detail() const;

 private:
  struct File {
    std::string format, path;
  };
  bool has_text_ = false;
  std::vector<File> files_;
};

}  // namespace kubeloop::cli
