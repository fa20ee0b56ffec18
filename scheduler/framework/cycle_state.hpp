// What the plugins of one decision leave for their later extension points. One slot a C++ type; a plugin uses a type of
// its own. Lives as long as the decision and its binding.
#pragma once
#include <memory>
#include <utility>
#include <vector>

namespace kubeloop::scheduler {

class CycleState {
 public:
  template <class T>
  void put(T value) {
    for (auto& [tag, slot] : slots_) {
      if (tag == &tag_of<T>) {
        slot = std::make_shared<T>(std::move(value));
        return;
      }
    }
    slots_.emplace_back(&tag_of<T>, std::make_shared<T>(std::move(value)));
  }
  // Null when nothing was put. Few slots, so a walk is quicker than a map; filters call this once a node.
  template <class T>
  const T* find() const {
    for (const auto& [tag, slot] : slots_) {
      if (tag == &tag_of<T>) return static_cast<const T*>(slot.get());
    }
    return nullptr;
  }

 private:
  template <class T>
  inline static char tag_of = 0;

  std::vector<std::pair<const void*, std::shared_ptr<void>>> slots_;
};

}  // namespace kubeloop::scheduler
