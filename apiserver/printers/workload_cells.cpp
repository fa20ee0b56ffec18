#include "apiserver/printers/workload_cells.hpp"

#include "apiserver/printers/cells.hpp"
#include "apiserver/strategies/selector_spec.hpp"

namespace kubeloop::apiserver::cells {

void add_containers(const nlohmann::json& workload, nlohmann::json& row) {
  std::string names, images;
  for (const auto& container : at(workload, {"spec", "template", "spec", "containers"})) {
    const char* comma = names.empty() && images.empty() ? "" : ",";
    names += comma + text(container, {"name"});
    images += comma + text(container, {"image"});
  }
  row.push_back(names);
  row.push_back(images);
}

std::string selector(const nlohmann::json& workload, const char* none) {
  auto spec = read_selector_spec(at(workload, {"spec", "selector"}));
  if (!api::to_label_selector(spec)) return "<error>";
  auto out = api::selector_text(spec);
  return out.empty() ? none : out;
}

}  // namespace kubeloop::apiserver::cells
