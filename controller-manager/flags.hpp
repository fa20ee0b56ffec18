// The command line of the program, named as kube-controller-manager's. Pure but for reading --root-ca-file.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "controller-manager/options.hpp"
#include "libs/client/component_main.hpp"

namespace kubeloop::controller_manager {

struct Flags {
  client::ComponentOptions component;
  Options options;
};

// What to print instead of running: the help (code 0), or what is wrong (code 2).
struct FlagsText {
  int code = 0;
  std::string text;
};

// `arguments` without the program's name.
std::variant<Flags, FlagsText> parse_flags(std::vector<std::string> arguments);

}  // namespace kubeloop::controller_manager
