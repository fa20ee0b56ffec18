// What `kubeloop status` says of a daemon that has ended.
#include "kubeloop/daemon_end.hpp"

#include <doctest/doctest.h>

namespace kubeloop::cli {
namespace {

TEST_CASE("the reason of an end is the last line of the log, if that is an error") {
  const std::string before = "2026-01-01T00:00:00.000Z I scheduler: default/web goes to node-1\n";
  const std::string lost = "2026-01-01T00:00:12.000Z E scheduler: stopping: leaderelection lost\n";
  CHECK(reason_of_end(before + lost) == "stopping: leaderelection lost");
  CHECK(reason_of_end(lost) == "stopping: leaderelection lost");
  // Killed, or stopped in order: nothing to tell, though there was an error earlier.
  CHECK(reason_of_end(lost + before) == "");
  CHECK(reason_of_end(before) == "");
  // A message may have colons; a component may have a path.
  CHECK(reason_of_end("t E http/server: 127.0.0.1:6443: in use\n") == "127.0.0.1:6443: in use");
  for (const char* text : {"", "\n", "x", "t E", "t E ", "t E no colon", "terminate called\n"}) {
    CAPTURE(text);
    CHECK(reason_of_end(text) == "");
  }
}

}  // namespace
}  // namespace kubeloop::cli
