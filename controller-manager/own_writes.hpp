// How far the informer must have come before a controller may act on what it shows: to the revision of the controller's
// own last write. Without it, a turn that runs before the news of the last one would decide on the same facts again.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "libs/api/codec/view.hpp"
#include "libs/api/views/meta.hpp"

namespace kubeloop::controller_manager {

class OwnWrites {
 public:
  // `answer` is the object as the hub returned it; `owner` is any key. What cannot be read is not waited for.
  void note(const std::string& owner, std::string_view answer) {
    auto object = api::decode_view<api::AnyObject>(answer);
    if (!object) return;
    auto& last = last_[owner];
    last = std::max(last, object->metadata.revision());
  }
  // `revision`: how far the informer of the written kind has come. When it says no, the news of the write is still to
  // come, and will put the owner into the queue again.
  bool are_seen(const std::string& owner, std::uint64_t revision) const {
    auto it = last_.find(owner);
    return it == last_.end() || it->second <= revision;
  }
  void forget(const std::string& owner) { last_.erase(owner); }

 private:
  std::map<std::string, std::uint64_t> last_;
};

}  // namespace kubeloop::controller_manager
