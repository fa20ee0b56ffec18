// A loop of virtual time with everything a store needs around it, and objects to put in.
#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "apiserver/storage/object_bytes.hpp"
#include "apiserver/storage/store.hpp"
#include "libs/base/env.hpp"
#include "libs/base/faults.hpp"
#include "libs/base/task_group.hpp"
#include "simulator/sim_loop.hpp"

namespace kubeloop::apiserver {

struct SimWorld {
  explicit SimWorld(std::optional<std::uint64_t> shuffle = std::nullopt)
      : loop(shuffle), env(loop.executor(), loop, Rng(1), Log(), faults), group(env) {}
  ~SimWorld() { stop(); }

  void spawn(awaitable<void> task) { group.spawn("test", std::move(task)); }

  // Runs the task to its end; fails the test when it never ends.
  template <class T>
  T run(awaitable<T> task) {
    auto value = std::make_shared<std::optional<T>>();
    spawn(keep<T>(std::move(task), value));
    bool is_done = loop.run_until(loop.now() + std::chrono::hours(1), [&] { return value->has_value(); });
    REQUIRE_MESSAGE(is_done, "the task did not end");
    return std::move(**value);
  }

  void stop() {
    group.stop();
    loop.run_until(loop.now() + std::chrono::hours(1), [&] { return group.live() == 0; });
  }

  simulator::SimLoop loop;
  NoFaults faults;
  Env env;
  TaskGroup group;

 private:
  template <class T>
  static awaitable<void> keep(awaitable<T> task, std::shared_ptr<std::optional<T>> value) {
    auto result = co_await std::move(task);
    value->emplace(std::move(result));
  }
};

inline std::string pod_key(const std::string& name) { return "/registry/pods/default/" + name; }

// A write of a small pod whose spec carries `text`.
inline Write put_pod(const std::string& name, Revision expected, const std::string& text = "", std::int64_t expires_at_ms = 0) {
  nlohmann::json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"spec", {{"text", text}}}};
  pod["metadata"] = {{"name", name}, {"namespace", "default"}, {"labels", {{"app", name}}}};
  auto header = std::make_shared<Header>();
  header->resource = "pods";
  header->namespace_ = "default";
  header->name = name;
  header->uid = "uid-" + name;
  header->labels = {{"app", name}};
  header->fields = {{"metadata.name", name}};
  Write write;
  write.key = pod_key(name);
  write.expected = expected;
  write.value = std::make_shared<const std::string>(encode_stored(pod, *header));
  write.header = std::move(header);
  write.expires_at_ms = expires_at_ms;
  return write;
}

inline Write delete_pod(const std::string& name, Revision expected, const std::string& text = "") {
  Write write = put_pod(name, expected, text);
  write.kind = Change::Kind::kDelete;
  return write;
}

inline bool is_same(const Header& a, const Header& b) {
  return a.resource == b.resource && a.namespace_ == b.namespace_ && a.name == b.name && a.uid == b.uid &&
         a.labels == b.labels && a.fields == b.fields && a.revision_offset == b.revision_offset &&
         a.metadata_offset == b.metadata_offset;
}

}  // namespace kubeloop::apiserver
