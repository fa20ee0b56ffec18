#include "apiserver/registry/snapshot.hpp"

#include "apiserver/registry/continue_token.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr Duration kLongestWait = std::chrono::seconds(3);

constexpr const char* kContinueExpired =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the "
    "continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with "
    "the provided token results in an inconsistent list - objects that were created, modified, or deleted between the "
    "time the "
    "first chunk was returned and now may show up in the list.";

// What is there now, or the one object when the selector names it.
void take_latest(const HubState& hub, const Endpoint& endpoint, std::string_view namespace_, const ListOptions& options,
                 const std::string& start, Snapshot& out) {
  auto name = options.fields.required_value("metadata.name");
  bool is_one_key = name && !name->empty() && (!endpoint.kind->is_namespaced || !namespace_.empty());
  if (is_one_key && name->find('/') == std::string::npos) {
    auto key = endpoint.key(namespace_, *name);
    if (auto object = hub.objects.get(key); object && key >= start) out.objects.push_back(std::move(object));
  } else {
    out.objects = hub.objects.list(out.prefix, start);
  }
  out.revision = hub.objects.revision();
}

awaitable<Result<Snapshot>> go_on(HubPtr hub, Endpoint endpoint, std::string namespace_, ListOptions options,
                                  Snapshot out) {
  if (options.revision != 0) {
    co_return failure(api::bad_request("specifying resource version is not allowed when using continue"));
  }
  auto token = decode_continue(options.continue_token);
  if (!token) co_return std::unexpected(token.error());
  auto start = out.prefix + token->start;
  if (token->revision < 0) {
    take_latest(*hub, endpoint, namespace_, options, start, out);
    co_return out;
  }
  out.revision = static_cast<Revision>(token->revision);
  auto objects = hub->objects.list_at(out.prefix, start, out.revision);
  if (!objects) {
    if (objects.error().code != 410) co_return std::unexpected(objects.error());
    co_return failure(api::expired(kContinueExpired, continue_at_latest(*token)));
  }
  out.objects = std::move(*objects);
  co_return out;
}

}  // namespace

awaitable<Result<Snapshot>> take_snapshot(HubPtr hub, Endpoint endpoint, std::string namespace_, ListOptions options) {
  Snapshot out;
  out.prefix = endpoint.prefix(namespace_);
  out.limit = options.limit;
  if (!options.continue_token.empty()) {
    auto page = co_await go_on(hub, endpoint, namespace_, options, out);
    co_return page;
  }
  bool is_any = options.resource_version == "0";
  bool is_exact = options.revision_match == "Exact" ||
                  (options.revision != 0 && options.limit > 0 && options.revision_match.empty());
  // Kubernetes' watch cache serves the whole list from memory then.
  if (is_any) out.limit = 0;
  Revision wanted = options.resource_version.empty() ? hub->store.current() : options.revision;
  bool is_there = co_await wait_until_applied(hub, wanted, kLongestWait);
  if (!is_there) co_return failure(api::too_large_resource_version(wanted, hub->objects.revision()));
  if (!is_exact || wanted == hub->objects.revision()) {
    take_latest(*hub, endpoint, namespace_, options, out.prefix, out);
    co_return out;
  }
  out.revision = wanted;
  auto objects = hub->objects.list_at(out.prefix, out.prefix, wanted);
  if (!objects) {
    co_return failure(objects.error().code == 410 ? api::list_expired() : objects.error());
  }
  out.objects = std::move(*objects);
  co_return out;
}

awaitable<Result<StoredObjectPtr>> with_bytes(HubPtr hub, StoredObjectPtr object) {
  if (object->value && object->header) co_return object;
  auto change = co_await hub->store.change_at(object->revision);
  if (!change) co_return failure(change.error().code == 410 ? api::list_expired() : change.error());
  auto out = std::make_shared<StoredObject>(*object);
  out->header = change->header;
  out->value = change->value;
  co_return out;
}

}  // namespace kubeloop::apiserver
