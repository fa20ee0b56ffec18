// One watch on its way to a component, under the faults of its table. A task of its own reads what the hub sends, so
// that lines can be held back while more come in. Used by FaultyTransport only.
#pragma once
#include <memory>
#include <string>

#include "libs/base/task_group.hpp"
#include "libs/http/message.hpp"
#include "simulator/faults/faulty_transport.hpp"

namespace kubeloop::simulator {

// `env`, `tasks` and `table` outlive the reader. `resource` is what it watches.
std::unique_ptr<http::BodyReader> make_faulty_reader(const Env& env, TaskGroup& tasks, FaultTable& table,
                                                     std::unique_ptr<http::BodyReader> inner, std::string resource,
                                                     Rng rng);

}  // namespace kubeloop::simulator
