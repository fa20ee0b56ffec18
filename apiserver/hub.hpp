// The API server without a network: a Handler over a Store. It owns the object map, the watch hub, the flow log and its
// own background tasks. `store` outlives it.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "apiserver/registry/service_ranges.hpp"
#include "apiserver/storage/store.hpp"
#include "libs/base/env.hpp"
#include "libs/http/message.hpp"

namespace kubeloop::apiserver {

struct HubOptions {
  Duration event_ttl = std::chrono::hours(1);
  Duration request_timeout = std::chrono::seconds(60);
  Duration compaction_interval = std::chrono::minutes(5);
  // What DefaultTolerationSeconds gives to pods.
  int not_ready_toleration_seconds = 300;
  int unreachable_toleration_seconds = 300;
  std::string store_name;  // for the story: "SQLite" or "memory"
  // Requests without a client certificate are allowed everything (tests, `up --insecure`).
  bool is_insecure = false;
  // What each stage of a request is said to take in the flow log ("authentication", "storage", ...), instead of what
  // the clock measured: virtual time. Empty: measured.
  std::map<std::string, Duration, std::less<>> stage_costs;
  // Where services get their addresses.
  ServiceRanges service_ranges;
  // What the service `kubernetes` leads to: the address by which pods would reach the hub, and its port.
  std::string advertise_address = "172.18.255.254";
  int secure_port = 6443;
};

class Hub {
 public:
  Hub(Env env, Store& store, HubOptions options);
  ~Hub();

  // Reads the store into the map, makes what the server itself owns (namespaces default, kube-system, kube-public,
  // kube-node-lease; the service kubernetes in default), and starts the background tasks. Requests are answered 503
  // before it returns.
  awaitable<Result<void>> start();
  // Before start(): the port that was really got, when HubOptions could not tell it yet.
  void set_secure_port(int port);
  awaitable<http::Response> handle(http::Request request);
  // Returns when the hub is stopped; throws when one of its background tasks has failed: it is worth nothing then.
  awaitable<void> until_stopped();
  // Cancels and joins everything; watches end.
  awaitable<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace kubeloop::apiserver
