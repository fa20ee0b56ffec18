#include "apiserver/registry/commit.hpp"

#include "apiserver/flow_stages.hpp"
#include "apiserver/storage/object_bytes.hpp"
#include "libs/api/codec/plain_json.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::apiserver {
namespace {

// Whether the request names the object that it writes: a create and a collection do not.
bool is_named_by(const RequestInfo& info, const Header& header) {
  std::string_view resource = header.resource;
  if (info.resource != resource.substr(0, resource.find('.')) || info.name != header.name) return false;
  return info.namespace_ == header.namespace_ || info.resource == "namespaces";
}

// Registered while the store works on the write.
struct Registration {
  HubPtr hub;
  std::list<PendingWrite>::iterator at;

  Registration(HubPtr h, PendingWrite write) : hub(std::move(h)) {
    hub->pending.push_back(std::move(write));
    at = std::prev(hub->pending.end());
  }
  ~Registration() { hub->pending.erase(at); }
  Registration(const Registration&) = delete;
};

PendingWrite make_pending(const RequestContext& ctx, const Write& write) {
  PendingWrite pending;
  pending.key = write.key;
  pending.expected = write.expected;
  pending.value = write.value.get();
  pending.request = ctx.flow_request();
  if (!is_named_by(ctx.info, *write.header)) {
    auto object = write.header->path();
    if (!ctx.info.subresource.empty()) object += "/" + ctx.info.subresource;
    pending.object = std::make_shared<const std::string>(std::move(object));
  }
  return pending;
}

}  // namespace

awaitable<Result<StoredObjectPtr>> commit_write(HubPtr hub, RequestPtr ctx, Write write) {
  if (hub->is_stopping) co_return failure(api::service_unavailable("apiserver is shutting down", 1));
  StageTimer timer(hub, ctx, "storage");
  auto result = std::make_shared<StoredObject>();
  result->key = write.key;
  result->header = write.header;
  result->value = write.value;
  result->expires_at_ms = write.expires_at_ms;
  Registration registration(hub, make_pending(*ctx, write));
  auto revision = co_await hub->store.commit(std::move(write));
  if (!revision) co_return std::unexpected(revision.error());
  result->revision = *revision;
  // The change is on its way; only a stopping hub does not see it any more.
  constexpr Duration kLongest = std::chrono::seconds(30);
  co_await wait_until_applied(hub, *revision, kLongest);
  co_return result;
}

Write make_put(const HubState& hub, const api::KindInfo& kind, const Strategy& strategy, std::string key,
               const StoredObjectPtr& current, Encoded object) {
  Write write;
  write.key = std::move(key);
  write.expected = current ? current->revision : 0;
  write.header = std::move(object.header);
  write.value = std::move(object.value);
  if (strategy.expires) {
    auto at = hub.env.clock.wall() + hub.options.event_ttl;
    write.expires_at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  }
  return write;
}

Write make_delete(const StoredObject& current) {
  Write write;
  write.key = current.key;
  write.kind = Change::Kind::kDelete;
  write.expected = current.revision;
  write.header = current.header;
  write.value = current.value;
  return write;
}

awaitable<void> wait_for_newer(HubPtr hub) {
  auto before = hub->objects.revision();
  auto target = std::max(hub->store.current(), before);
  if (target > before) {
    constexpr Duration kLongest = std::chrono::milliseconds(100);
    co_await wait_until_applied(hub, target, kLongest);
  } else {
    co_await yield(hub->env);
  }
}

nlohmann::json parse_stored(const StoredObject& object) {
  auto text = splice_revision(*object.value, *object.header, object.revision);
  return api::parse_document(text);
}

bool is_conflict(const Status& status) {
  return status.code == 409;
}

}  // namespace kubeloop::apiserver
