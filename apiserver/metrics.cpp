#include "apiserver/metrics.hpp"

#include <fmt/core.h>

#include <cctype>
#include <iterator>

#include "apiserver/request_info.hpp"

namespace kubeloop::apiserver {
namespace {

std::string verb_label(const std::string& verb) {
  if (verb == "create") return "POST";
  if (verb == "update") return "PUT";
  std::string out = verb;
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

std::string Metrics::labels(const Series<std::string>& series) {
  return fmt::format(R"(code="{}",component="apiserver",dry_run="{}",group="{}",resource="{}",)"
                     R"(scope="{}",subresource="{}",verb="{}",version="{}")",
                     series.code, series.is_dry_run ? "All" : "", clean(series.group), clean(series.resource),
                     series.scope, clean(series.subresource), clean(verb_label(series.verb)), clean(series.version));
}

void Metrics::count_request(const RequestInfo& info, bool is_dry_run, int code) {
  Series<std::string_view> seen{code,       is_dry_run,   info.verb,        info.resource, info.subresource,
                                info.group, info.version, scope_label(info)};
  auto it = requests_.find(seen);
  if (it == requests_.end()) {
    // A bound on what strangers can make us keep: unknown resources are counted under one label.
    constexpr std::size_t kMaxSeries = 4000;
    if (requests_.size() >= kMaxSeries) {
      ++other_requests_;
      return;
    }
    Series<std::string> kept{code,
                             is_dry_run,
                             info.verb,
                             info.resource,
                             info.subresource,
                             info.group,
                             info.version,
                             std::string(scope_label(info))};
    it = requests_.emplace(std::move(kept), 0).first;
  }
  ++it->second;
}

std::string Metrics::text(const Gauges& gauges) const {
  std::string out;
  auto sink = std::back_inserter(out);
  head(out, "apiserver_request_total", "counter", "Requests answered.");
  std::map<std::string, std::uint64_t> rendered;
  for (const auto& [series, n] : requests_) rendered[labels(series)] += n;
  if (other_requests_ != 0) rendered[R"(code="other")"] = other_requests_;
  for (const auto& [labels, n] : rendered) fmt::format_to(sink, "apiserver_request_total{{{}}} {}\n", labels, n);
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
