// The command that makes a run once more.
#include "kubeloop/repeat.hpp"

#include <doctest/doctest.h>

namespace kubeloop::cli {
namespace {

TEST_CASE("words as a shell takes them") {
  CHECK(shell_word("scenarios/web.yaml") == "scenarios/web.yaml");
  CHECK(shell_word("image=nginx:1.27@x,+y") == "image=nginx:1.27@x,+y");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("a b") == "'a b'");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("$HOME;`x`*") == "'$HOME;`x`*'");
}

TEST_CASE("the command that repeats a run says all that made it") {
  RunCommand command;
  simulator::Scenario scenario;
  CHECK(repeating_command(command, "a.yaml", scenario, false, 3, std::nullopt) ==
        "kubeloop run a.yaml --time real --seed 3");
  command.draws_faults = true;
  CHECK(repeating_command(command, "a b.yaml", scenario, true, 3, 4) ==
        "kubeloop run 'a b.yaml' --time virtual --seed 3 --shuffle 4 --faults");
  command.fault_areas = {"node", "api"};
  command.is_wire = true;
  command.has_sqlite = true;
  command.planted = "taint-never-removed";
  scenario.parameters = {{"replicas", "3"}, {"image", "a b"}};
  CHECK(repeating_command(command, "a.yaml", scenario, true, 3, std::nullopt) ==
        "kubeloop run a.yaml --time virtual --seed 3 --fault-areas node,api --wire --sqlite --plant "
        "taint-never-removed --set replicas=3 --set 'image=a b'");
}

}  // namespace
}  // namespace kubeloop::cli
