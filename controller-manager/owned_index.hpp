// The objects of one kind by the uid of their controller, and those without one by namespace. Kept up to date by the
// kind's informer, before any other handler is called. Ordered by key, so that whoever acts on them does so in the same
// order every time.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "libs/api/views/meta.hpp"
#include "libs/client/informer.hpp"

namespace kubeloop::controller_manager {

template <class T>
class OwnedIndex {
 public:
  using Ptr = std::shared_ptr<const T>;
  using Objects = std::map<std::string, Ptr>;  // by "namespace/name"

  // One change of the informer: `before` is null for an addition, `after` for a deletion.
  void fold(const Ptr& before, const Ptr& after) {
    if (before && after && is_same_place(*before, *after)) {
      place_of(*after)[client::key_of(*after)] = after;
      return;
    }
    if (before) erase(*before);
    if (after) place_of(*after)[client::key_of(*after)] = after;
  }

  // The reference holds until the next await: copy what is needed longer.
  const Objects& of(const std::string& controller_uid) const { return find(by_controller_, controller_uid); }
  const Objects& orphans(const std::string& namespace_) const { return find(orphans_, namespace_); }

 private:
  using Places = std::map<std::string, Objects>;

  static bool is_same_place(const T& a, const T& b) {
    const auto* one = api::controller_of(a.metadata);
    const auto* other = api::controller_of(b.metadata);
    return one && other ? one->uid == other->uid : one == other;
  }
  Objects& place_of(const T& object) {
    const auto* controller = api::controller_of(object.metadata);
    return controller ? by_controller_[controller->uid] : orphans_[object.metadata.namespace_];
  }
  void erase(const T& object) {
    const auto* controller = api::controller_of(object.metadata);
    Places& places = controller ? by_controller_ : orphans_;
    auto it = places.find(controller ? controller->uid : object.metadata.namespace_);
    if (it == places.end()) return;
    it->second.erase(client::key_of(object));
    if (it->second.empty()) places.erase(it);
  }
  static const Objects& find(const Places& places, const std::string& name) {
    static const Objects kNone;
    auto it = places.find(name);
    return it == places.end() ? kNone : it->second;
  }

  Places by_controller_, orphans_;
};

}  // namespace kubeloop::controller_manager
