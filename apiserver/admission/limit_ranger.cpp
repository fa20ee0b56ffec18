// LimitRanger: a new pod's containers get the requests and limits that the LimitRanges of its namespace give to those
// who set none; then containers and pod must keep within them. Source:
// k8s.io/kubernetes/plugin/pkg/admission/limitranger.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "apiserver/admission/plugins.hpp"
#include "apiserver/strategies/strategy.hpp"
#include "libs/api/codec/view.hpp"
#include "libs/api/quota/pod_amounts.hpp"
#include "libs/api/views/quota.hpp"

namespace kubeloop::apiserver {
namespace {

std::vector<api::LimitRange> ranges_in(const ObjectMap& objects, const std::string& namespace_) {
  std::vector<api::LimitRange> out;
  auto prefix = "/registry/limitranges/" + namespace_ + "/";
  for (const auto& stored : objects.list(prefix, prefix)) {
    if (auto range = api::decode_view<api::LimitRange>(*stored->value)) out.push_back(std::move(*range));
  }
  return out;
}

// Gives `container` what it lacks, and tells what that was: "cpu, memory request for container c".
void complete(Json& container, const char* part, const api::StringMap& defaults, const std::string& title,
              std::vector<std::string>& notes) {
  std::string set;
  for (const auto& [name, amount] : defaults) {
    if (!member(member(member(container, "resources"), part), name).is_null()) continue;
    auto& resources = container["resources"];
    if (!resources.is_object()) resources = Json::object();
    auto& list = resources[part];
    if (!list.is_object()) list = Json::object();
    list[name] = amount;
    set += (set.empty() ? "" : ", ") + name;
  }
  if (set.empty()) return;
  const char* what = part[0] == 'r' ? "request" : "limit";
  notes.push_back(set + " " + what + " for " + title + " " + text_at(container, "name"));
}

void complete_pod(Json& pod, const api::LimitRange& range) {
  api::StringMap requests, limits;
  for (const auto& item : range.spec.limits) {
    if (item.type != "Container") continue;
    for (const auto& [name, amount] : item.defaultRequest) requests[name] = amount;
    for (const auto& [name, amount] : item.default_) limits[name] = amount;
  }
  std::vector<std::string> notes;
  const std::pair<const char*, const char*> kLists[] = {{"containers", "container"},
                                                        {"initContainers", "init container"}};
  for (auto [list, title] : kLists) {
    auto& spec = pod["spec"];
    auto containers = spec.find(list);
    if (containers == spec.end() || !containers->is_array()) continue;
    for (auto& container : *containers) {
      complete(container, "requests", requests, title, notes);
      complete(container, "limits", limits, title, notes);
    }
  }
  if (notes.empty()) return;
  pod["metadata"]["annotations"]["kubernetes.io/limit-ranger"] =
      fmt::format("LimitRanger plugin set: {}", fmt::join(notes, "; "));
}

std::optional<api::Quantity> find(const api::Amounts& amounts, const std::string& name) {
  auto it = amounts.find(name);
  if (it == amounts.end()) return std::nullopt;
  return it->second;
}

// How one thing, a container or a pod, keeps within one item. Adds a sentence for every bound that it breaks.
class Check {
 public:
  Check(const api::LimitRangeItem& item, api::Amounts requests, api::Amounts limits, std::vector<std::string>& errors)
      : item_(item), requests_(std::move(requests)), limits_(std::move(limits)), errors_(errors) {}

  void run() const {
    for (const auto& [name, amount] : api::read_amounts(item_.min)) check_min(name, amount);
    for (const auto& [name, amount] : api::read_amounts(item_.max)) check_max(name, amount);
    for (const auto& [name, amount] : api::read_amounts(item_.maxLimitRequestRatio)) check_ratio(name, amount);
  }

 private:
  void add(const std::string& bound, const std::string& what) const { errors_.push_back(bound + what); }

  void check_min(const std::string& name, const api::Quantity& least) const {
    auto bound = fmt::format("minimum {} usage per {} is {}", name, item_.type, least.text());
    auto request = find(requests_, name);
    auto limit = find(limits_, name);
    if (!request) return add(bound, ".  No request is specified");
    if (*request < least) return add(bound, ", but request is " + request->text());
    if (limit && *limit < least) add(bound, ", but limit is " + limit->text());
  }

  void check_max(const std::string& name, const api::Quantity& most) const {
    auto bound = fmt::format("maximum {} usage per {} is {}", name, item_.type, most.text());
    auto request = find(requests_, name);
    auto limit = find(limits_, name);
    if (!limit) return add(bound, ".  No limit is specified");
    if (*limit > most) return add(bound, ", but limit is " + limit->text());
    if (request && *request > most) add(bound, ", but request is " + request->text());
  }

  void check_ratio(const std::string& name, const api::Quantity& most) const {
    auto bound = fmt::format("{} max limit to request ratio per {} is {}", name, item_.type, most.text());
    auto request = find(requests_, name);
    auto limit = find(limits_, name);
    if (!request || request->is_zero()) return add(bound, ", but no request is specified or request is 0");
    if (!limit || limit->is_zero()) return add(bound, ", but no limit is specified or limit is 0");
    double ratio = static_cast<double>(limit->nano()) / static_cast<double>(request->nano());
    if (ratio * 1000 > static_cast<double>(most.milli_value())) {
      add(bound, fmt::format(", but provided ratio is {:f}", ratio));
    }
  }

  const api::LimitRangeItem& item_;
  api::Amounts requests_, limits_;
  std::vector<std::string>& errors_;
};

std::vector<std::string> violations(const api::Pod& pod, const api::LimitRange& range) {
  std::vector<std::string> errors;
  auto check = [&](const api::LimitRangeItem& item, const api::Container& container) {
    const auto& resources = container.resources;
    Check(item, api::read_amounts(resources.requests), api::read_amounts(resources.limits), errors).run();
  };
  for (const auto& item : range.spec.limits) {
    if (item.type == "Container") {
      for (const auto& container : pod.spec.containers) check(item, container);
      for (const auto& container : pod.spec.initContainers) check(item, container);
    } else if (item.type == "Pod") {
      Check(item, api::pod_requests(pod), api::pod_limits(pod), errors).run();
    }
  }
  return errors;
}

class LimitRanger final : public AdmissionPlugin {
 public:
  std::string_view name() const override { return "LimitRanger"; }

  Result<void> mutate(AdmissionAttributes& a, AdmissionContext& context) const override {
    if (a.operation != Operation::kCreate || !a.is_for("pods")) return {};
    for (const auto& range : ranges_in(context.objects, a.namespace_)) complete_pod(*a.object, range);
    return {};
  }

  Result<void> validate(const AdmissionAttributes& a, const AdmissionContext& context) const override {
    if (a.operation != Operation::kCreate || !a.is_for("pods")) return {};
    auto ranges = ranges_in(context.objects, a.namespace_);
    if (ranges.empty()) return {};
    auto pod = api::decode_view<api::Pod>(a.object->dump());
    if (!pod) return std::unexpected(pod.error());
    for (const auto& range : ranges) {
      auto errors = violations(*pod, range);
      // What two containers break alike is told once.
      for (auto it = errors.begin(); it != errors.end();) {
        it = std::find(errors.begin(), it, *it) == it ? it + 1 : errors.erase(it);
      }
      if (errors.size() == 1) return failure(a.forbidden(errors.front()));
      if (!errors.empty()) return failure(a.forbidden(fmt::format("[{}]", fmt::join(errors, ", "))));
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<AdmissionPlugin> make_limit_ranger() {
  return std::make_unique<LimitRanger>();
}

}  // namespace kubeloop::apiserver
