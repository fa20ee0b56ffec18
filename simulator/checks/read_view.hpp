// Reads from the hub what one check looks at, now, and no more: an object, the list that its selector names, the events
// about it. Several reads are not of one revision.
#pragma once
#include <string>
#include <unordered_map>

#include "libs/client/api_client.hpp"
#include "simulator/checks/check.hpp"
#include "simulator/checks/cluster_view.hpp"

namespace kubeloop::simulator {

// Who waits reads again and again: an object whose text is as it was is not parsed once more.
class ReadView {
 public:
  // Reads all of it anew. A Status when the hub could not answer, 400 when the check names a kind that there is not;
  // nothing has been read then.
  awaitable<Result<void>> read(client::ApiClient& client, const Check& check);

  const ClusterView& view() const { return view_; }
  // How many objects were read: what it cost.
  std::size_t objects() const { return texts_.size(); }

 private:
  struct Place {
    std::string_view plural;  // of the built-in table of kinds, or of the check
    std::string key;
  };
  using Texts = std::unordered_map<std::string, Place>;

  awaitable<Result<void>> read_all(client::ApiClient& client, const Check& check, Texts& before);
  // False when it cannot be read.
  bool take(const api::Resource& resource, std::string_view text, Texts& before);
  bool take_list(const api::Resource& resource, std::string_view text, Texts& before);
  void drop_missing(const Texts& before);

  ClusterView view_;
  Texts texts_;  // each object as it was read
};

}  // namespace kubeloop::simulator
