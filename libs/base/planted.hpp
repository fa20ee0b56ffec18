// Mistakes made on purpose, to see whether the tests find them: one at a time is switched on by its name, for runs in
// virtual time only (`kubeloop run --plant NAME`, tests). The code that has one asks is_planted("NAME") at its place;
// simulator/sweep/mistakes.cpp lists them all. In a daemon none is ever on.
#pragma once
#include <string>
#include <string_view>

namespace kubeloop {

namespace planted {
inline std::string active;  // "" = none
}  // namespace planted

inline bool is_planted(std::string_view name) {
  return !planted::active.empty() && planted::active == name;
}

// Switches a mistake on as long as it lives.
class PlantedMistake {
 public:
  explicit PlantedMistake(std::string name) { planted::active = std::move(name); }
  ~PlantedMistake() { planted::active.clear(); }
  PlantedMistake(const PlantedMistake&) = delete;
};

}  // namespace kubeloop
