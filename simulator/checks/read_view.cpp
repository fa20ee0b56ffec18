#include "simulator/checks/read_view.hpp"

#include "simulator/checks/find_resource.hpp"
#include "simulator/checks/object_problem.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

// One request: an object when there is a name, else a list.
struct Read {
  api::Resource resource;
  std::string name;
  client::ListOptions options;

  Read(const api::Resource& r, const std::string& namespace_, const std::string& selector) : resource(r) {
    options.label_selector = selector;
    if (r.is_namespaced && namespace_ != "*") options.namespace_ = namespace_.empty() ? "default" : namespace_;
  }
};
using Reads = std::vector<Read>;

Read read_events_about(const ObjectPath& object) {
  Read read(api::kEvents, object.namespace_, "");
  read.options.field_selector = "involvedObject.name=" + object.name;
  return read;
}

struct ReadsOf {
  Result<Reads> operator()(const Expectation& check) const {
    auto resource = find_resource(check.object.kind);
    if (!resource) return std::unexpected(resource.error());
    Reads reads;
    reads.emplace_back(*resource, check.object.namespace_, check.selector);
    if (!check.count) reads.back().name = check.object.name;
    if (!check.event_reason.empty()) reads.push_back(read_events_about(check.object));
    return reads;
  }
  Result<Reads> operator()(const PlacementCheck& check) const {
    Reads reads;
    reads.emplace_back(api::kNodes, "", "");
    reads.emplace_back(api::kPods, check.namespace_, check.selector);
    return reads;
  }
  Result<Reads> operator()(const EventsCheck& check) const {
    Reads reads;
    if (check.regarding) {
      reads.push_back(read_events_about(*check.regarding));
    } else {
      reads.emplace_back(api::kEvents, check.namespace_, "");
    }
    return reads;
  }
  Result<Reads> operator()(const NoDowntimeCheck& check) const {
    Reads reads;
    if (check.service.empty()) {
      reads.emplace_back(api::kPods, check.namespace_, check.selector);
    } else {
      reads.emplace_back(api::kEndpointSlices, check.namespace_, "kubernetes.io/service-name=" + check.service);
    }
    return reads;
  }
  Result<Reads> operator()(const ReachableCheck& check) const {
    Reads reads;
    reads.emplace_back(api::kServices, check.namespace_, "");
    reads.back().name = check.service;
    reads.emplace_back(api::kPods, check.namespace_, "");
    reads.emplace_back(api::kEndpointSlices, check.namespace_, "kubernetes.io/service-name=" + check.service);
    return reads;
  }
  // These are told by what happened: see needs_history().
  Result<Reads> operator()(const OrderCheck&) const { return Reads(); }
  Result<Reads> operator()(const WritesCheck&) const { return Reads(); }
  Result<Reads> operator()(const LatencyCheck&) const { return Reads(); }
};

void put(ReadView& read, const api::Resource& resource, json object) {
  if (!object.contains("kind")) object["kind"] = std::string(resource.kind);
  read.view.put(resource.plural, std::move(object));
  ++read.objects;
}

Status unreadable() {
  return Status(500, "InternalError", "the server's answer cannot be read");
}

awaitable<Result<void>> read_one(client::ApiClient& client, Read read, ReadView* into) {
  client::Cause cause;
  auto text = co_await client.get(read.resource, read.options.namespace_, read.name, cause);
  if (!text && text.error().code == 404) co_return Result<void>();
  if (!text) co_return failure(text.error());
  auto object = json::parse(*text, nullptr, false);
  if (!object.is_object()) co_return failure(unreadable());
  put(*into, read.resource, std::move(object));
  co_return Result<void>();
}

awaitable<Result<void>> read_list(client::ApiClient& client, Read read, ReadView* into) {
  auto text = co_await client.list(read.resource, read.options);
  if (!text) co_return failure(text.error());
  auto list = json::parse(*text, nullptr, false);
  if (!list.is_object() || !list.contains("items")) co_return failure(unreadable());
  if (!list["items"].is_array()) co_return Result<void>();
  for (auto& object : list["items"]) {
    if (object.is_object()) put(*into, read.resource, std::move(object));
  }
  co_return Result<void>();
}

}  // namespace

awaitable<Result<ReadView>> read_view(client::ApiClient& client, const Check& check) {
  auto reads = std::visit(ReadsOf{}, check.what);
  if (!reads) co_return std::unexpected(reads.error());
  ReadView view;
  for (const auto& read : *reads) {
    Result<void> done;
    if (read.name.empty()) {
      done = co_await read_list(client, read, &view);
    } else {
      done = co_await read_one(client, read, &view);
    }
    if (!done) co_return std::unexpected(done.error());
  }
  co_return view;
}

}  // namespace kubeloop::simulator
