// Several observers as one: each is told of everything, in the order in which they were added.
#pragma once
#include <vector>

#include "simulator/observe/observer.hpp"

namespace kubeloop::simulator {

class Observers final : public Observer {
 public:
  void add(Observer& observer) { all_.push_back(&observer); }

  void committed(const apiserver::Change& change, Instant at) override {
    for (auto* one : all_) one->committed(change, at);
  }
  void answered(const Answered& answer, Instant at) override {
    for (auto* one : all_) one->answered(answer, at);
  }
  void watch_opened(const WatchOpened& watch, Instant at) override {
    for (auto* one : all_) one->watch_opened(watch, at);
  }
  void watch_line(const WatchLine& line, Instant at) override {
    for (auto* one : all_) one->watch_line(line, at);
  }
  void watch_ended(std::uint64_t stream, Instant at) override {
    for (auto* one : all_) one->watch_ended(stream, at);
  }
  void hub_restarted(apiserver::Revision current, Instant at) override {
    for (auto* one : all_) one->hub_restarted(current, at);
  }
  void came_to_rest(const StoredObjects& objects, Instant at) override {
    for (auto* one : all_) one->came_to_rest(objects, at);
  }

 private:
  std::vector<Observer*> all_;
};

}  // namespace kubeloop::simulator
