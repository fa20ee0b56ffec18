// The steps that write many objects: create, and delete of all that a selector names. So many requests side by side
// and no more; the first that is refused ends the step.
#pragma once
#include <functional>
#include <string>

#include "libs/base/task_group.hpp"
#include "libs/client/api_client.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

inline constexpr std::size_t kMostBulkWrites = 16;  // side by side

// Told every thousand objects: "3000 of 10000".
using BulkProgress = std::function<void(const std::string&)>;

// `tasks` and `client` outlive the requests. The Status is the hub's for the first object that it refused;
// with `is_repeat` one that is there already is none.
awaitable<Result<void>> create_many(TaskGroup& tasks, client::ApiClient& client, const CreateStep& step, bool is_repeat,
                                    BulkProgress progress);

// What is gone already is no error.
awaitable<Result<void>> delete_many(TaskGroup& tasks, client::ApiClient& client, const DeleteStep& step,
                                    BulkProgress progress);

}  // namespace kubeloop::simulator
