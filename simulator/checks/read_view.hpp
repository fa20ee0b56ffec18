// Reads from the hub what one check looks at, now, and no more: an object, the list that its selector names, the events
// about it. Several reads are not of one revision.
#pragma once
#include "libs/client/api_client.hpp"
#include "simulator/checks/check.hpp"
#include "simulator/checks/cluster_view.hpp"

namespace kubeloop::simulator {

struct ReadView {
  ReadView() = default;
  ClusterView view;
  std::size_t objects = 0;  // how many were read: what it cost
};

// A Status when the hub could not answer, 400 when the check names a kind that there is not.
awaitable<Result<ReadView>> read_view(client::ApiClient& client, const Check& check);

}  // namespace kubeloop::simulator
