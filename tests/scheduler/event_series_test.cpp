// Events of events.k8s.io/v1. Rules: client-go's tools/events.
#include "scheduler/event_series.hpp"

#include "tests/scheduler/cluster_builder.hpp"

using namespace kubeloop;
using namespace kubeloop::scheduler;
using namespace std::chrono_literals;

namespace {

constexpr auto kStart = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));

PodEvent failed(const std::string& revision = "5", const std::string& note = "0/3 nodes are available") {
  auto pod = make_pod("web", json::object({{"metadata", {{"uid", "u-1"}, {"resourceVersion", revision}}}}));
  return PodEvent(*pod->pod, "Warning", "FailedScheduling", "Scheduling", note);
}

}  // namespace

TEST_CASE("the first event is created, with the fields of upstream") {
  EventSeries series("default-scheduler", "default-scheduler-host");
  auto write = series.record(failed(), kStart + 1500us);
  REQUIRE(write.has_value());
  CHECK(write->is_new);
  CHECK(write->namespace_ == "default");
  CHECK(write->name == "web.18867251ee10e360");  // 1767225600001500000 ns
  CHECK(json::parse(write->body) == json::parse(R"({
    "apiVersion": "events.k8s.io/v1", "kind": "Event",
    "metadata": {"name": "web.18867251ee10e360", "namespace": "default"},
    "eventTime": "2026-01-01T00:00:00.001500Z",
    "reportingController": "default-scheduler", "reportingInstance": "default-scheduler-host",
    "action": "Scheduling", "reason": "FailedScheduling", "type": "Warning", "note": "0/3 nodes are available",
    "regarding": {"kind": "Pod", "namespace": "default", "name": "web", "uid": "u-1", "apiVersion": "v1",
                  "resourceVersion": "5"}})"));
}

TEST_CASE("the second makes it a series; later ones are only counted, and written now and then") {
  EventSeries series("default-scheduler", "default-scheduler-host");
  auto first = series.record(failed(), kStart);
  auto second = series.record(failed("5", "another text is the same event"), kStart + 10s);
  REQUIRE(second.has_value());
  CHECK_FALSE(second->is_new);
  CHECK(second->name == first->name);
  CHECK(second->body == R"({"series":{"count":2,"lastObservedTime":"2026-01-01T00:00:10.000000Z"}})");
  for (int i = 0; i < 170; ++i) CHECK_FALSE(series.record(failed(), kStart + 10s * (i + 2)).has_value());
  CHECK(series.flush(kStart + 29min).empty());
  auto written = series.flush(kStart + 30min + 10s);
  REQUIRE(written.size() == 1);
  CHECK(written[0].body == R"({"series":{"count":172,"lastObservedTime":"2026-01-01T00:28:30.000000Z"}})");
  // Not seen for six minutes: written a last time and forgotten.
  CHECK(series.flush(kStart + 36min).size() == 1);
  CHECK(series.is_empty());
  CHECK(series.record(failed(), kStart + 37min)->is_new);
}

TEST_CASE("a pod whose status was written begins a new event; single ones are forgotten silently") {
  EventSeries series("c", "i");
  auto first = series.record(failed("5"), kStart);
  auto second = series.record(failed("6"), kStart);
  CHECK(second->is_new);
  CHECK(second->name != first->name);
  CHECK(series.flush(kStart + 5min).empty());
  CHECK_FALSE(series.is_empty());
  CHECK(series.flush(kStart + 7min).empty());
  CHECK(series.is_empty());
}

TEST_CASE("a note has at most 1024 bytes") {
  CHECK(cut_note(std::string(1024, 'x')).size() == 1024);
  auto cut = cut_note(std::string(1025, 'x'));
  CHECK(cut == std::string(1020, 'x') + " ...");
}
