#include "kubeloop/daemon_end.hpp"

#include <string_view>

namespace kubeloop::cli {

// A line reads "TIME LEVEL COMPONENT: MESSAGE", the level being one letter.
std::string reason_of_end(const std::string& log) {
  std::string_view line = log;
  while (line.ends_with('\n')) line.remove_suffix(1);
  line.remove_prefix(line.rfind('\n') + 1);  // npos + 1 is 0
  auto level = line.find(' ');
  if (level == line.npos || !line.substr(level).starts_with(" E ")) return "";
  auto message = line.find(": ", level);
  return message == line.npos ? "" : std::string(line.substr(message + 2));
}

}  // namespace kubeloop::cli
