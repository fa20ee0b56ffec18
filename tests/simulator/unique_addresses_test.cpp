// Checker "unique-addresses": a service's addresses are its own until it lets go of them.
#include "tests/simulator/checkers_world.hpp"

namespace kubeloop::simulator {
namespace {

json service(const std::string& name, const std::string& ip, std::int64_t node_port = 0) {
  json port = {{"port", 80}, {"protocol", "TCP"}};
  if (node_port > 0) port["nodePort"] = node_port;
  json out = {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", name}}}};
  out["spec"] = {{"clusterIP", ip}, {"clusterIPs", json::array({ip})}, {"ports", json::array({port})}};
  return out;
}

TEST_CASE("addresses go from one service to another when the first has let go of them") {
  CheckersWorld world;
  world.put("services", service("a", "10.96.0.7", 30001));
  world.put("services", service("a", "10.96.0.7", 30002));
  world.put("services", service("b", "10.96.0.8", 30001));
  world.put("services", service("none", "None"));
  world.put("services", service("neither", "None"));
  world.remove("services", "a");
  world.put("services", service("c", "10.96.0.7", 30002));
  CHECK(world.found() == "");
}

TEST_CASE("an address that is another's, and a port") {
  CheckersWorld world;
  world.put("services", service("a", "10.96.0.7", 30001));
  world.put("services", service("b", "10.96.0.7"));
  world.put("services", service("c", "10.96.0.9", 30001));
  CHECK(world.found() ==
        "unique-addresses: services/default/b was given 10.96.0.7 at revision 2, which "
        "/registry/services/specs/default/a has\n"
        "unique-addresses: services/default/c was given port 30001 at revision 3, which "
        "/registry/services/specs/default/a has\n");
}

}  // namespace
}  // namespace kubeloop::simulator
