// What a VirtualCluster is made of. Included by its .cpp files only.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libs/base/signal.hpp"
#include "libs/base/task_group.hpp"
#include "simulator/cluster/sim_storage.hpp"
#include "simulator/cluster/virtual_cluster.hpp"
#include "simulator/cluster/virtual_life.hpp"

namespace kubeloop::simulator {

struct VirtualCluster::State {
  State(SimLoop& l, Env e, VirtualClusterOptions o);

  // --- the hub
  awaitable<http::Response> handle(http::Request request);
  http::Handler handler();
  awaitable<Result<void>> start_hub();
  awaitable<void> watch_hub(awaitable<void> running);
  awaitable<void> kill_hub();
  void on_power_cut();
  std::unique_ptr<http::CuttableTransport> connect(const std::string& name, const Env& network);

  // --- the components
  void start_life(const std::string& name);
  // One life from its beginning to its end. One that ends by itself is dead, like a process that exits.
  awaitable<void> live(std::string name, awaitable<void> running);
  // SIGKILL: nothing of its end reaches the hub.
  awaitable<void> kill(std::string name) { return end_life(std::move(name), true); }
  awaitable<void> end_life(std::string name, bool is_cut_off);
  bool is_alive(const std::string& name) const { return name == "apiserver" ? hub != nullptr : lives.contains(name); }
  void note_defect(std::string text) {
    if (defect.empty()) defect = std::move(text);
  }

  // --- deaths at a chosen moment, of the life that is running
  struct KillOrder {
    std::uint64_t write = 0;  // still to come until then; 0 = not by writes
    std::uint64_t step = 0;   // likewise
    bool is_committed = false;
    Duration pause{};
  };
  void watch_writes(const std::string& name, VirtualLife& life);
  void watch_turns(const std::string& name, VirtualLife& life);
  awaitable<void> kill_for_a_while(std::string name, Duration pause);
  // Starts what is dead and is not meant to be.
  awaitable<void> revive(std::string name);

  // --- faults
  FaultTable& table_of(const std::string& component);
  void set_frozen(const std::string& component, bool is_frozen);
  void set_skew(const std::string& component, Duration skew);
  void order_death(const Fault& fault);
  void order_power_cut(const Fault& fault);
  Result<void> begin_at_node(const Fault& fault, std::uint64_t id);
  Result<void> begin_at_component(const Fault& fault, std::uint64_t id);
  Result<void> begin_at_disk(const Fault& fault);
  awaitable<void> flap(std::string node, Duration every, std::uint64_t id);
  void start_node_again(const std::string& name);

  SimLoop& loop;
  Env env;
  VirtualClusterOptions options;
  bool has_faults;  // gates and faulty transports are in place
  SimStorage storage;
  std::unique_ptr<apiserver::LogStore> store;  // of the present hub
  std::unique_ptr<apiserver::Hub> hub;
  bool is_hub_dying = false;  // the next one waits until it is gone
  bool is_hub_frozen = false;
  Signal hub_thawed;
  std::unique_ptr<http::CuttableTransport> admin;
  Env aside;
  http::DirectTransport onlooker;
  std::map<std::string, FaultTable> tables;  // outlives the lives
  std::map<std::string, std::unique_ptr<VirtualLife>> lives;
  std::map<std::string, int> incarnations;
  std::map<std::string, int> writes;           // of the first lives
  std::map<std::string, std::uint64_t> steps;  // of the first lives
  std::map<std::string, KillOrder> orders;     // of the present lives
  std::map<std::string, Duration> skews;
  std::set<std::string> held_dead;       // the scenario killed them
  std::vector<std::string> added_nodes;  // beside those that the cluster began with
  std::set<std::string> held_stopped;    // nodes that the scenario stopped
  std::map<std::uint64_t, Fault> active;
  std::uint64_t last_fault = 0;
  std::uint64_t last_stream = 0;
  bool is_stopping = false;
  StoredObjects stored_objects;
  std::vector<LifeRemains> remains;
  TaskGroup tasks;     // killings under way
  TaskGroup watching;  // over the hub
  Signal deaths;
  std::map<std::string, std::string> ends;  // components that ended by themselves, and why
  std::string defect;
};

}  // namespace kubeloop::simulator
