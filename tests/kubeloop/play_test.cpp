// How a run is shown as it goes.
#include "kubeloop/play.hpp"

#include <doctest/doctest.h>

#include "kubeloop/sweep.hpp"

namespace kubeloop::cli {
namespace {

TEST_CASE("speeds, with or without their x") {
  CHECK(parse_speed("1x") == 1.0);
  CHECK(parse_speed("10") == 10.0);
  CHECK(parse_speed("0.5x") == 0.5);
  CHECK(parse_speed("0.01x") == 0.01);
  CHECK(parse_speed("1000000x") == 1'000'000.0);
  for (const char* wrong :
       {"", "x", "0", "0x", "-1x", "0.009x", "1000001x", "1 x", "1xx", "fast", "nan", "inf", "1,5x"}) {
    CHECK_MESSAGE(!parse_speed(wrong), wrong);
  }
}

TEST_CASE("words as a shell takes them") {
  CHECK(shell_word("scenarios/web.yaml") == "scenarios/web.yaml");
  CHECK(shell_word("image=nginx:1.27@x,+y") == "image=nginx:1.27@x,+y");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("a b") == "'a b'");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("$HOME;`x`*") == "'$HOME;`x`*'");
}

TEST_CASE("what a repeating command needs beside its seed") {
  RunCommand command;
  CHECK(fault_options(command) == "");
  command.draws_faults = true;
  CHECK(fault_options(command) == " --faults");
  command.fault_areas = {"node", "api"};
  CHECK(fault_options(command) == " --fault-areas node,api");
  command.is_wire = true;
  command.planted = "taint-never-removed";
  CHECK(fault_options(command) == " --fault-areas node,api --wire --plant taint-never-removed");
}

}  // namespace
}  // namespace kubeloop::cli
