#include "apiserver/endpoints/metrics.hpp"

#include "apiserver/responses.hpp"

namespace kubeloop::apiserver {

http::Response serve_metrics(HubState& hub) {
  Metrics::Gauges gauges;
  for (const auto& kind : hub.schema.kinds()) {
    if (!kind->is_served || kind->group == "events.k8s.io") continue;
    gauges.objects[kind->group_resource()] = hub.objects.count("/registry/" + kind->storage_prefix + "/");
  }
  gauges.revision = hub.objects.revision();
  gauges.compacted = hub.objects.compacted();
  gauges.task_failures = hub.tasks.failures();
  gauges.watchers = hub.watches.subscriptions();
  gauges.reads_in_flight = hub.reads_in_flight;
  gauges.writes_in_flight = hub.writes_in_flight;
  return http::Response(200, "text/plain; version=0.0.4; charset=utf-8", hub.metrics.text(gauges));
}

}  // namespace kubeloop::apiserver
