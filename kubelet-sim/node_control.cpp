// The handler through which a scenario stops and starts nodes of a running process.
#include <nlohmann/json.hpp>

#include "kubelet-sim/kubelet_sim.hpp"
#include "libs/http/url.hpp"

namespace kubeloop::kubelet_sim {
namespace {

http::Response answer(int code, std::string message) {
  nlohmann::json body = nlohmann::json::object();
  body["message"] = std::move(message);
  return http::Response(code, "application/json", body.dump() + "\n");
}

http::Response answer(const Result<void>& result, const std::string& done) {
  return result ? answer(200, done) : answer(result.error().code, result.error().message);
}

http::Response list_nodes(const KubeletSim& sim) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& name : sim.node_names()) {
    nlohmann::json one = nlohmann::json::object();
    one["name"] = name;
    one["running"] = sim.is_node_running(name);
    list.push_back(std::move(one));
  }
  nlohmann::json body = nlohmann::json::object();
  body["nodes"] = std::move(list);
  return http::Response(200, "application/json", body.dump() + "\n");
}

http::Response route(KubeletSim& sim, const http::Request& request) {
  auto url = http::parse_url(request.target);
  const auto& parts = url.segments;
  bool is_ours = parts.size() >= 3 && parts[0] == "kubeloop" && parts[1] == "v1" && parts[2] == "nodes";
  if (!is_ours || (parts.size() != 3 && parts.size() != 5)) return answer(404, "no such path: " + url.path);
  if (parts.size() == 3) {
    return request.method == "GET" ? list_nodes(sim) : answer(405, "only GET is served here");
  }
  const auto& name = parts[3];
  const auto& verb = parts[4];
  if (verb != "stop" && verb != "start") return answer(404, "no such path: " + url.path);
  if (request.method != "POST") return answer(405, "only POST is served here");
  if (verb == "stop") return answer(sim.stop_node(name), "node " + name + " stopped");
  auto names = sim.node_names();
  bool is_known = std::find(names.begin(), names.end(), name) != names.end();
  return answer(is_known ? sim.start_node(name) : sim.add_node(name), "node " + name + " started");
}

awaitable<http::Response> serve(KubeletSim* sim, http::Request request) {
  co_return route(*sim, request);
}

}  // namespace

http::Handler node_control_handler(KubeletSim& sim) {
  KubeletSim* target = &sim;
  return [target](http::Request request) { return serve(target, std::move(request)); };
}

}  // namespace kubeloop::kubelet_sim
