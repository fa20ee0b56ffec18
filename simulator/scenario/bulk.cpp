#include "simulator/scenario/bulk.hpp"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "libs/client/delete_options.hpp"
#include "simulator/checks/find_resource.hpp"
#include "simulator/scenario/bounded_writes.hpp"
#include "simulator/scenario/object_target.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr std::int64_t kProgressEvery = 1000;

// The first refusal, shared with the requests under way.
struct Refusal {
  std::optional<Status> first;

  void note(const Status& status, const std::string& name) {
    if (!first) first = Status(status.code, status.reason, name + ": " + status.message);
  }
};

awaitable<void> create(client::ApiClient& client, ObjectTarget target, std::string name, std::string body,
                       bool is_repeat, std::shared_ptr<Refusal> refusal) {
  client::Cause cause;
  auto created = co_await client.create(target.resource, target.namespace_, std::move(body), cause);
  bool is_there = is_repeat && !created && created.error().code == 409;
  if (!created && !is_there) refusal->note(created.error(), name);
}

awaitable<void> remove(client::ApiClient& client, api::Resource resource, std::string namespace_, std::string name,
                       std::string options, std::shared_ptr<Refusal> refusal) {
  client::Cause cause;
  auto removed = co_await client.remove(resource, namespace_, name, std::move(options), cause);
  if (!removed && removed.error().code != 404) refusal->note(removed.error(), name);
}

void tell(const BulkProgress& progress, std::int64_t done, std::int64_t all) {
  if (progress && done % kProgressEvery == 0) progress(fmt::format("{} of {}", done, all));
}

Result<void> from(const Refusal& refusal) {
  if (refusal.first) return failure(*refusal.first);
  return {};
}

}  // namespace

awaitable<Result<void>> create_many(TaskGroup& tasks, client::ApiClient& client, const CreateStep& step, bool is_repeat,
                                    BulkProgress progress) {
  auto refusal = std::make_shared<Refusal>();
  BoundedWrites writes(tasks, kMostBulkWrites);
  for (std::int64_t number = 1; number <= step.count && !refusal->first; ++number) {
    auto object = make_object(step.what, number);
    if (!object) co_return failure(object.error());
    auto target = target_of(*object);
    if (!target) co_return failure(target.error());
    std::string name = (*object)["metadata"]["name"].get<std::string>();
    auto write = create(client, *target, name, object->dump(), is_repeat, refusal);
    co_await writes.start(std::move(write));
    tell(progress, number, step.count);
  }
  co_await writes.wait_for_all();
  co_return from(*refusal);
}

awaitable<Result<void>> delete_many(TaskGroup& tasks, client::ApiClient& client, const DeleteStep& step,
                                    BulkProgress progress) {
  auto resource = find_resource(step.object.kind);
  if (!resource) co_return failure(resource.error());
  client::ListOptions options;
  options.namespace_ = resource->is_namespaced ? step.object.namespace_ : "";
  options.label_selector = step.selector;
  options.metadata_only = true;
  auto text = co_await client.list(*resource, options);
  if (!text) co_return failure(text.error());
  json list = json::parse(*text, nullptr, false);
  if (!list.is_object()) co_return failure(500, "InternalError", "a list that cannot be read");
  client::DeleteOptions how;
  how.propagation_policy = step.propagation_policy;
  how.grace_seconds = step.grace_period_seconds;
  auto refusal = std::make_shared<Refusal>();
  BoundedWrites writes(tasks, kMostBulkWrites);
  const json items = list.value("items", json::array());
  std::int64_t done = 0;
  for (const auto& item : items) {
    if (refusal->first) break;
    const json& metadata = item["metadata"];
    auto write =
        remove(client, *resource, metadata.value("namespace", ""), metadata.value("name", ""), how.json(), refusal);
    co_await writes.start(std::move(write));
    tell(progress, ++done, static_cast<std::int64_t>(items.size()));
  }
  co_await writes.wait_for_all();
  co_return from(*refusal);
}

}  // namespace kubeloop::simulator
