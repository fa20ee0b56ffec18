#include "simulator/checks/read_view.hpp"

#include <set>
#include <utility>

#include "libs/client/json_slices.hpp"
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

Status unreadable() {
  return Status(500, "InternalError", "the server's answer cannot be read");
}

}  // namespace

bool ReadView::take(const api::Resource& resource, std::string_view text, Texts& before) {
  if (auto known = before.extract(std::string(text)); !known.empty()) {
    texts_.insert(std::move(known));
    return true;
  }
  auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) return false;
  if (!object.contains("kind")) object["kind"] = std::string(resource.kind);
  texts_.emplace(std::string(text), Place(resource.plural, key_of(object)));
  view_.put(resource.plural, std::move(object));
  return true;
}

bool ReadView::take_list(const api::Resource& resource, std::string_view text, Texts& before) {
  std::string_view items;
  auto find_items = [&](std::string_view key, std::string_view value) {
    if (key == "items") items = value;
  };
  if (!client::for_each_member(text, find_items) || items.empty()) return false;
  if (items == "null") return true;
  bool is_readable = true;
  auto take_item = [&](std::string_view item) { is_readable = is_readable && take(resource, item, before); };
  return client::for_each_element(items, take_item) && is_readable;
}

// What was read before and is not there any more, nor is its object with another text.
void ReadView::drop_missing(const Texts& before) {
  if (before.empty()) return;
  std::set<std::pair<std::string_view, std::string_view>> present;
  for (const auto& [text, place] : texts_) present.emplace(place.plural, place.key);
  for (const auto& [text, place] : before) {
    if (!present.contains({place.plural, place.key})) view_.take(place.plural, place.key);
  }
}

awaitable<Result<void>> ReadView::read_all(client::ApiClient& client, const Check& check, Texts& before) {
  auto reads = std::visit(ReadsOf{}, check.what);
  if (!reads) co_return std::unexpected(reads.error());
  for (const auto& read : *reads) {
    bool is_list = read.name.empty();
    client::Cause cause;
    Result<std::string> text;
    if (is_list) {
      text = co_await client.list(read.resource, read.options);
    } else {
      text = co_await client.get(read.resource, read.options.namespace_, read.name, cause);
      if (!text && text.error().code == 404) continue;
    }
    if (!text) co_return failure(text.error());
    bool is_taken = is_list ? take_list(read.resource, *text, before) : take(read.resource, *text, before);
    if (!is_taken) co_return failure(unreadable());
  }
  co_return Result<void>();
}

awaitable<Result<void>> ReadView::read(client::ApiClient& client, const Check& check) {
  Texts before = std::exchange(texts_, Texts());
  auto done = co_await read_all(client, check, before);
  if (done) {
    drop_missing(before);
  } else {
    *this = ReadView();
  }
  co_return done;
}

}  // namespace kubeloop::simulator
