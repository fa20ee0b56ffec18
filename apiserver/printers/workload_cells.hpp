// Cells that all workloads have: what their template's containers are, and their selector. Pure.
#pragma once
#include <string>

#include <nlohmann/json.hpp>

namespace kubeloop::apiserver::cells {

// The names and the images of the template's containers, each joined by commas.
void add_containers(const nlohmann::json& workload, nlohmann::json& row);
// "app=web,tier in (a,b)"; `none` when it selects by nothing, "<error>" when it is no selector.
std::string selector(const nlohmann::json& workload, const char* none);

inline constexpr std::string_view kContainersText = "The names of the containers in the pod template.";
inline constexpr std::string_view kImagesText = "The images that those containers run.";
inline constexpr std::string_view kSelectorText = "The labels by which the object finds its pods.";

}  // namespace kubeloop::apiserver::cells
