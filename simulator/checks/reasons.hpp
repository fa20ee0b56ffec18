// Why an object is not as somebody hoped, in one sentence from its own status: the most useful reason at hand. Pure.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>

namespace kubeloop::simulator {

// Of a pod: what the scheduler said, what a container waits for or died of, which container is not ready; of a
// Deployment, Job, Node and others: the message of the condition that tells of trouble. "" = nothing to say.
std::string why_not(const nlohmann::json& object);

// Whether the condition of that type has status True.
bool has_condition(const nlohmann::json& object, const std::string& type);
// "" when the condition ("Ready" asks for True, "Ready=False" for that) is so, else what it is.
std::string condition_problem(const nlohmann::json& object, const std::string& condition);

// Ready, and not about to go.
bool is_ready_pod(const nlohmann::json& pod);
// Succeeded or Failed.
bool has_ended(const nlohmann::json& pod);
bool is_terminating(const nlohmann::json& object);

}  // namespace kubeloop::simulator
