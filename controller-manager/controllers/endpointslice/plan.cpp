#include "controller-manager/controllers/endpointslice/plan.hpp"

#include <algorithm>
#include <iterator>

#include "controller-manager/controllers/endpointslice/endpoint_set.hpp"
#include "controller-manager/controllers/endpointslice/port_set.hpp"
#include "controller-manager/controllers/endpointslice/slice_labels.hpp"

namespace kubeloop::controller_manager {
namespace {

using Wanted = std::map<EndpointKey, api::Endpoint>;

// The slices of one address type of one service.
class TypePlan {
 public:
  TypePlan(const SliceInput& input, std::string address_type, SlicePlan& plan)
      : input_(input), type_(std::move(address_type)), labels_(slice_labels(input.service)), plan_(plan) {}

  void run() {
    std::map<std::string, std::vector<SlicePtr>> by_ports;
    std::size_t existing = 0;
    for (const auto& slice : input_.slices) {
      if (slice->addressType != type_) continue;
      ++existing;
      if (is_owned_by(*slice, input_.service)) {
        by_ports[port_set_key(slice->ports)].push_back(slice);
      } else {
        removes_.push_back(slice);
      }
    }
    auto wanted = wanted_endpoints(input_.service, input_.pods, input_.nodes, type_);
    std::ranges::move(wanted.problems, std::back_inserter(plan_.problems));
    for (auto& [key, group] : wanted.groups) plan_group(by_ports[key], std::move(group));
    for (const auto& [key, slices] : by_ports) {
      if (!wanted.groups.contains(key)) std::ranges::copy(slices, std::back_inserter(removes_));
    }
    if (existing == removes_.size() && creates_.empty()) keep_a_placeholder();
    reuse_removed();
    if (input_.service.metadata.deletionTimestamp.empty())
      std::ranges::move(creates_, std::back_inserter(plan_.creates));
    std::ranges::move(updates_, std::back_inserter(plan_.updates));
    std::ranges::move(removes_, std::back_inserter(plan_.removes));
  }

 private:
  // The slices of one set of ports: first drop what is not wanted, then fill those that change anyway, then one that
  // has room, then new ones.
  void plan_group(const std::vector<SlicePtr>& slices, EndpointGroup group) {
    Wanted& left = group.endpoints;
    std::vector<SliceChange> changed;
    std::vector<SlicePtr> unchanged;
    for (const auto& slice : slices) keep_wanted(slice, left, changed, unchanged);
    // The fullest first.
    std::ranges::sort(changed, [](const SliceChange& a, const SliceChange& b) {
      auto size = [](const SliceChange& change) { return change.after.endpoints.size(); };
      return size(a) != size(b) ? size(a) > size(b) : a.before->metadata.name < b.before->metadata.name;
    });
    for (auto& change : changed) fill(change.after, left);
    while (!left.empty()) {
      auto roomy = left.size() < input_.max_endpoints ? find_room(unchanged, left.size()) : unchanged.end();
      SliceChange change;
      if (roomy != unchanged.end()) {
        change = change_of(*roomy);
        change.after.endpoints = (*roomy)->endpoints;
        unchanged.erase(roomy);
      } else {
        change = new_slice(group.ports);
      }
      fill(change.after, left);
      (change.before ? changed : creates_).push_back(std::move(change));
    }
    std::ranges::move(changed, std::back_inserter(updates_));
  }

  void keep_wanted(const SlicePtr& slice, Wanted& left, std::vector<SliceChange>& changed,
                   std::vector<SlicePtr>& unchanged) {
    SliceChange change = change_of(slice);
    bool is_changed = false;
    for (const auto& endpoint : slice->endpoints) {
      auto found = left.extract(key_of_endpoint(endpoint));
      if (found.empty()) continue;
      if (!is_same_beyond_key(found.mapped(), endpoint)) is_changed = true;
      change.after.endpoints.push_back(std::move(found.mapped()));
    }
    if (change.after.endpoints.size() != slice->endpoints.size()) is_changed = true;
    if (is_changed && change.after.endpoints.empty()) {
      removes_.push_back(slice);
    } else if (is_changed || !has_copied_labels(*slice, labels_)) {
      changed.push_back(std::move(change));
    } else {
      unchanged.push_back(slice);
    }
  }

  void fill(api::EndpointSlice& slice, Wanted& left) const {
    while (!left.empty() && slice.endpoints.size() < input_.max_endpoints) {
      slice.endpoints.push_back(std::move(left.begin()->second));
      left.erase(left.begin());
    }
  }

  // The one that would be fullest with all of them.
  std::vector<SlicePtr>::iterator find_room(std::vector<SlicePtr>& slices, std::size_t count) const {
    auto best = slices.end();
    for (auto it = slices.begin(); it != slices.end(); ++it) {
      std::size_t size = (*it)->endpoints.size() + count;
      if (size > input_.max_endpoints) continue;
      if (best == slices.end() || size > (*best)->endpoints.size() + count) best = it;
    }
    return best;
  }

  // A service that has no endpoints has one slice that says so.
  void keep_a_placeholder() {
    if (removes_.size() == 1) {
      const auto& slice = *removes_.front();
      if (slice.endpoints.empty() && slice.ports.empty() && slice.metadata.labels == labels_ &&
          is_owned_by(slice, input_.service)) {
        removes_.clear();
        return;
      }
    }
    creates_.push_back(new_slice({}));
  }

  // Changing a slice is better than making one and removing another.
  void reuse_removed() {
    for (auto it = removes_.begin(); it != removes_.end() && !creates_.empty();) {
      if (!is_owned_by(**it, input_.service)) {
        ++it;
        continue;
      }
      creates_.back().before = *it;
      updates_.push_back(std::move(creates_.back()));
      creates_.pop_back();
      it = removes_.erase(it);
    }
  }

  // Still without endpoints.
  SliceChange change_of(const SlicePtr& slice) const {
    SliceChange change = new_slice(slice->ports);
    change.before = slice;
    return change;
  }

  SliceChange new_slice(const std::vector<api::EndpointPort>& ports) const {
    SliceChange change;
    change.after.addressType = type_;
    change.after.ports = ports;
    change.after.metadata.labels = labels_;
    return change;
  }

  const SliceInput& input_;
  std::string type_;
  api::StringMap labels_;
  SlicePlan& plan_;
  std::vector<SliceChange> creates_, updates_;
  std::vector<SlicePtr> removes_;
};

}  // namespace

SlicePlan plan_slices(const SliceInput& input) {
  SlicePlan plan;
  auto types = address_types(input.service);
  for (const auto& type : types) TypePlan(input, type, plan).run();
  for (const auto& slice : input.slices) {
    if (std::ranges::find(types, slice->addressType) == types.end()) plan.removes.push_back(slice);
  }
  return plan;
}

}  // namespace kubeloop::controller_manager
