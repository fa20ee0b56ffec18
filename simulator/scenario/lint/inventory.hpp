// Which objects the steps of a scenario make, as far as the file tells: manifests in the file and in those it names,
// created ones, loads. What the control plane makes of them is judged by may_be_made(). Pure but for reading the files.
#pragma once
#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

#include "libs/api/schema/schema.hpp"
#include "simulator/scenario/lint/step_list.hpp"

namespace kubeloop::simulator {

using Labels = std::map<std::string, std::string>;

struct MadeObject {
  const api::KindInfo* kind = nullptr;
  std::string namespace_;  // "" of cluster-scoped kinds
  std::string name;        // "{i}" stands for a number
  std::size_t step = 0;    // in the list of steps
  std::string pointer;     // of the manifest, or of what names it
  nlohmann::json manifest;
};

struct Inventory {
  std::vector<ListedStep> steps;
  std::vector<MadeObject> objects;  // in order
  // From this step on anything may be there: a program was run.
  std::size_t unknown_from = SIZE_MAX;
};

Inventory take_inventory(const Source& source);

// Whether `name` is `pattern`, with any number for "{i}".
bool is_named(const std::string& name, const std::string& pattern);

// Whether the object may be there at some time before step `step` is over: somebody made it, a controller may have made
// it of something, or every cluster has it.
bool may_be_made(const Inventory& inventory, const api::KindInfo& kind, const std::string& namespace_,
                 const std::string& name, std::size_t step);

// The labels that pods made of the object have: its own for a Pod, its template's for a workload; null for all others.
const nlohmann::json* pod_labels(const MadeObject& object);

// As text members only.
Labels as_labels(const nlohmann::json& labels);

}  // namespace kubeloop::simulator
