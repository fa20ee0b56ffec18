#include "apiserver/metrics.hpp"

#include <fmt/core.h>

#include <cctype>
#include <iterator>

#include "apiserver/request_info.hpp"

namespace kubeloop::apiserver {
namespace {

std::string verb_label(const RequestInfo& info) {
  if (info.verb == "create") return "POST";
  if (info.verb == "update") return "PUT";
  std::string out = info.verb;
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

// Paths come from strangers: nothing that could break a label goes into one.
std::string clean(std::string text) {
  for (char& c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-' && c != '/') c = '_';
  }
  return text;
}

std::string_view scope_label(const RequestInfo& info) {
  if (!info.is_resource) return "";
  if (!info.name.empty()) return "resource";
  return info.namespace_.empty() ? "cluster" : "namespace";
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

}  // namespace

void Metrics::count_request(const RequestInfo& info, bool is_dry_run, int code) {
  auto labels = fmt::format(R"(code="{}",component="apiserver",dry_run="{}",group="{}",resource="{}",)"
                            R"(scope="{}",subresource="{}",verb="{}",version="{}")",
                            code, is_dry_run ? "All" : "", clean(info.group), clean(info.resource), scope_label(info),
                            clean(info.subresource), clean(verb_label(info)), clean(info.version));
  // A bound on what strangers can make us keep: unknown resources are counted under one label.
  constexpr std::size_t kMaxSeries = 4000;
  if (requests_.size() >= kMaxSeries && !requests_.contains(labels)) labels = R"(code="other")";
  ++requests_[labels];
}

std::string Metrics::text(const Gauges& gauges) const {
  std::string out;
  auto sink = std::back_inserter(out);
  head(out, "apiserver_request_total", "counter", "Requests answered.");
  for (const auto& [labels, n] : requests_) fmt::format_to(sink, "apiserver_request_total{{{}}} {}\n", labels, n);
  head(out, "apiserver_storage_objects", "gauge", "Objects stored now.");
  for (const auto& [resource, n] : gauges.objects) {
    fmt::format_to(sink, "apiserver_storage_objects{{resource=\"{}\"}} {}\n", resource, n);
  }
  head(out, "apiserver_watch_events_total", "counter", "Watch events sent.");
  for (const auto& [resource, n] : deliveries_) {
    fmt::format_to(sink, "apiserver_watch_events_total{{resource=\"{}\"}} {}\n", resource, n);
  }
  head(out, "apiserver_current_inflight_requests", "gauge", "Requests being worked on.");
  fmt::format_to(sink, "apiserver_current_inflight_requests{{request_kind=\"readOnly\"}} {}\n", gauges.reads_in_flight);
  fmt::format_to(sink, "apiserver_current_inflight_requests{{request_kind=\"mutating\"}} {}\n",
                 gauges.writes_in_flight);
  head(out, "kubeloop_hub_revision", "gauge", "The last revision applied.");
  fmt::format_to(sink, "kubeloop_hub_revision {}\n", gauges.revision);
  head(out, "kubeloop_hub_compacted_revision", "gauge", "Reads before this revision are answered 410.");
  fmt::format_to(sink, "kubeloop_hub_compacted_revision {}\n", gauges.compacted);
  head(out, "kubeloop_hub_watchers", "gauge", "Open watches.");
  fmt::format_to(sink, "kubeloop_hub_watchers {}\n", gauges.watchers);
  head(out, "kubeloop_task_failures_total", "counter", "Tasks of this process that ended with an exception.");
  fmt::format_to(sink, "kubeloop_task_failures_total {}\n", gauges.task_failures);
  head(out, "kubeloop_hub_loop_lag_seconds", "gauge", "How late the hub's thread ran its last timer.");
  fmt::format_to(sink, "kubeloop_hub_loop_lag_seconds {}\n", loop_lag_seconds);
  head(out, "kubeloop_hub_panics_total", "counter", "Exceptions that escaped a handler.");
  fmt::format_to(sink, "kubeloop_hub_panics_total {}\n", panics);
  return out;
}

}  // namespace kubeloop::apiserver
