// What people see on stderr while a command works: steps as they begin and end, coloured only on a terminal without
// NO_COLOR. Data never goes here.
#pragma once
#include <string>

#include "libs/base/result.hpp"

namespace kubeloop::cli {

class Terminal {
 public:
  Terminal();
  // " • text ..." on a terminal, overwritten by done(); a plain line otherwise.
  void begin(const std::string& text);
  // How far what began has come: on a terminal only, in its place.
  void progress(const std::string& text);
  void done();
  void failed();
  void line(const std::string& text);
  // "kubeloop: text", as every error is shown.
  void error(const std::string& text);
  // The same of the status, and the exit code that goes with it.
  int fail(const Status& status);

 private:
  bool is_terminal_;
  bool has_color_;
  std::string current_;
};

}  // namespace kubeloop::cli
