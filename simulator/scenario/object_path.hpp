// The name of an object as scenario files write it: kind[/namespace]/name. Plain data.
#pragma once
#include <string>

namespace kubeloop::simulator {

// "pod/default/web", "node/node-1".
struct ObjectPath {
  std::string kind;  // lower case singular, plural or short name, as written
  std::string namespace_;
  std::string name;

  std::string text() const;
};

}  // namespace kubeloop::simulator
