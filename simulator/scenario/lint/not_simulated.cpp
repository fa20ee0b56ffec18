#include "simulator/scenario/lint/not_simulated.hpp"

#include <nlohmann/json.hpp>

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// Below the pod's spec; what it would need is not among the plugins of scheduler/framework/default_profile.cpp.
struct Wish {
  const char* pointer;
  const char* name;
};
constexpr Wish kWishes[] = {
    {"/topologySpreadConstraints", "topologySpreadConstraints"},
    {"/affinity/podAffinity", "podAffinity"},
    {"/affinity/podAntiAffinity", "podAntiAffinity"},
};

}  // namespace

void check_not_simulated(Source& source, const std::string& pointer, const json& manifest) {
  for (const char* spec : {"/spec", "/spec/template/spec"}) {
    for (const auto& wish : kWishes) {
      json::json_pointer place(std::string(spec) + wish.pointer);
      if (!manifest.contains(place) || manifest[place].empty()) continue;
      source.warn("KL219", pointer + place.to_string(),
                  std::string(wish.name) + " is kept, but the scheduler here does not look at it");
    }
  }
}

}  // namespace kubeloop::simulator
