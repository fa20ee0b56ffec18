// The ReplicaSet controller against the real hub in virtual time. Expected behaviour: that of
// Kubernetes' replica_set controller.
#include "tests/controller-manager/workload_world.hpp"

using namespace kubeloop;
using namespace kubeloop::controller_manager;
using nlohmann::json;

namespace {

// Holds back what a watch of pods tells, and refuses the creation of pods when told to.
class TroubledTransport final : public http::Transport {
 public:
  TroubledTransport(http::Transport& inner, const Env& env) : inner_(inner), env_(env) {}

  awaitable<Result<http::Response>> send(http::Request request) override {
    bool is_pods = request.target.find("/pods") != std::string::npos;
    bool is_creation = is_pods && request.method == "POST";
    if (is_creation) ++creations;
    if (is_creation && refuses) {
      http::Response refusal(403, "application/json",
                             R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden",)"
                             R"("message":"exceeded quota: q","code":403})");
      co_return refusal;
    }
    bool is_watch = is_pods && request.target.find("watch=") != std::string::npos;
    auto response = co_await inner_.send(std::move(request));
    if (response && is_watch && response->is_stream() && delay > Duration::zero()) {
      auto inner = std::move(std::get<std::unique_ptr<http::BodyReader>>(response->body));
      response->body = std::make_unique<LateReader>(env_, std::move(inner), delay);
    }
    co_return response;
  }

  Duration delay{};
  bool refuses = false;
  int creations = 0;

 private:
  class LateReader final : public http::BodyReader {
   public:
    LateReader(const Env& env, std::unique_ptr<http::BodyReader> inner, Duration delay)
        : env_(env), inner_(std::move(inner)), delay_(delay) {}
    awaitable<Result<std::string>> next() override {
      auto chunk = co_await inner_->next();
      co_await sleep_for(env_, delay_);
      co_return chunk;
    }

   private:
    const Env& env_;
    std::unique_ptr<http::BodyReader> inner_;
    Duration delay_;
  };

  http::Transport& inner_;
  const Env& env_;
};

// A controller manager behind such a transport.
struct TroubledWorld : WorkloadWorld {
  TroubledTransport transport;
  std::unique_ptr<ControllerManager> manager;

  TroubledWorld() : transport(direct, env) {}
  void begin() {
    manager = std::make_unique<ControllerManager>(env.child("troubled"), transport, options);
    tasks.spawn("manager", manager->run());
    run_for(5s);
  }
  ~TroubledWorld() {
    tasks.spawn("stop", manager->stop());
    run_for(1s);
  }
};

json bare_pod(const std::string& name, const std::string& app) {
  json pod = WorkloadWorld::pod_template("bare", json{{"app", app}});
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  pod["metadata"]["name"] = name;
  return pod;
}

}  // namespace

TEST_CASE("a set makes its pods, counts them, and deletes what is too many") {
  WorkloadWorld world;
  world.begin();
  auto set = world.create(api::kReplicaSets, WorkloadWorld::workload("ReplicaSet", "web", 3, "nginx"));
  world.run_for(1s);
  auto pods = world.live_pods();
  REQUIRE(pods.size() == 3);
  for (const auto& pod : pods) {
    CHECK(pod["metadata"]["name"].get<std::string>().starts_with("web-"));
    CHECK(pod["metadata"]["name"].get<std::string>().size() == 9);
    CHECK(pod["metadata"]["labels"] == json{{"app", "web"}});
    CHECK(pod["metadata"]["ownerReferences"][0]["uid"] == set["metadata"]["uid"]);
    CHECK(pod["metadata"]["ownerReferences"][0]["controller"] == true);
  }
  CHECK(world.get(api::kReplicaSets, "web")["status"] ==
        json::parse(R"({"replicas":3,"fullyLabeledReplicas":3,"observedGeneration":1,"terminatingReplicas":0})"));
  world.make_ready(pods[1]);
  world.run_for(1s);
  auto status = world.get(api::kReplicaSets, "web")["status"];
  CHECK(status["readyReplicas"] == 1);
  CHECK(status["availableReplicas"] == 1);

  world.scale(api::kReplicaSets, "web", 1);
  world.run_for(1s);
  auto left = world.live_pods();
  REQUIRE(left.size() == 1);
  CHECK(WorkloadWorld::name_of(left[0]) == WorkloadWorld::name_of(pods[1]));  // the ready one stays
  CHECK(world.get(api::kReplicaSets, "web")["status"]["observedGeneration"] == 2);
  auto events = world.events("default", "web");
  CHECK(events.size() == 5);
  for (const auto& pod : pods) {
    std::string name = pod["metadata"]["name"];
    CHECK(events["Normal SuccessfulCreate Created pod: " + name + " (replicaset-controller)"] == 1);
    int deleted = name == WorkloadWorld::name_of(left[0]) ? 0 : 1;
    CHECK(events.contains("Normal SuccessfulDelete Deleted pod: " + name + " (replicaset-controller)") == deleted);
  }
}

TEST_CASE("a deleted or ended pod is replaced at once") {
  WorkloadWorld world;
  world.begin();
  world.create(api::kReplicaSets, WorkloadWorld::workload("ReplicaSet", "web", 2, "nginx"));
  world.run_for(1s);
  auto pods = world.live_pods();
  REQUIRE(pods.size() == 2);
  std::string gone = WorkloadWorld::name_of(pods[0]), ended = WorkloadWorld::name_of(pods[1]);
  world.run(world.admin.remove(api::kPods, "default", gone, "", client::Cause()));
  world.patch(api::kPods, ended, R"({"status":{"phase":"Failed"}})", "status");
  world.run_for(1s);
  auto now = world.live_pods();
  CHECK(now.size() == 3);  // the failed one remains, and counts no more
  CHECK(world.get(api::kReplicaSets, "web")["status"]["replicas"] == 2);
}

TEST_CASE("a pod on a node that is being deleted is replaced before it is gone, and counts as terminating") {
  WorkloadWorld world;
  world.begin();
  world.add_node("node-1");
  world.create(api::kReplicaSets, WorkloadWorld::workload("ReplicaSet", "web", 1, "nginx"));
  world.run_for(1s);
  std::string name = world.live_pods()[0]["metadata"]["name"];
  json binding = json::parse(R"({"apiVersion":"v1","kind":"Binding","metadata":{},"target":{"kind":"Node"}})");
  binding["metadata"]["name"] = name;
  binding["target"]["name"] = "node-1";
  world.run(world.admin.create(api::kPods, "default", binding.dump(), client::Cause(), name, "binding"));
  world.run(world.admin.remove(api::kPods, "default", name, "", client::Cause()));
  world.run_for(1s);
  CHECK(world.list(api::kPods).size() == 2);
  auto status = world.get(api::kReplicaSets, "web")["status"];
  CHECK(status["replicas"] == 1);
  CHECK(status["terminatingReplicas"] == 1);
  std::string now = R"({"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0})";
  world.run(world.admin.remove(api::kPods, "default", name, now, client::Cause()));
  world.run_for(1s);
  CHECK(world.get(api::kReplicaSets, "web")["status"]["terminatingReplicas"] == 0);
}

TEST_CASE("bare pods with matching labels are adopted, what is too many is deleted; a relabelled pod is let go") {
  WorkloadWorld world;
  world.begin();
  for (std::string name : {"one", "two", "three"}) world.create(api::kPods, bare_pod(name, "web"));
  world.create(api::kPods, bare_pod("stranger", "other"));
  for (std::string name : {"one", "two"}) world.make_ready(world.get(api::kPods, name));
  world.create(api::kReplicaSets, WorkloadWorld::workload("ReplicaSet", "web", 2, "nginx"));
  world.run_for(1s);
  auto pods = world.live_pods();
  REQUIRE(pods.size() == 3);
  CHECK(WorkloadWorld::owner_of(world.get(api::kPods, "one")) == "web");
  CHECK(WorkloadWorld::owner_of(world.get(api::kPods, "two")) == "web");
  CHECK(WorkloadWorld::owner_of(world.get(api::kPods, "stranger")) == "");

  world.patch(api::kPods, "one", R"({"metadata":{"labels":{"app":"debug"}}})");
  world.run_for(1s);
  CHECK(WorkloadWorld::owner_of(world.get(api::kPods, "one")) == "");
  CHECK(world.live_pods().size() == 4);
  CHECK(world.get(api::kReplicaSets, "web")["status"]["replicas"] == 2);
  // Back again: adopted, and one goes.
  world.patch(api::kPods, "one", R"({"metadata":{"labels":{"app":"web"}}})");
  world.run_for(1s);
  CHECK(world.live_pods().size() == 3);
  CHECK(WorkloadWorld::owner_of(world.get(api::kPods, "one")) == "web");
}

TEST_CASE("a set that is being deleted adopts nothing and makes nothing") {
  WorkloadWorld world;
  world.begin();
  auto body = WorkloadWorld::workload("ReplicaSet", "web", 1, "nginx");
  body["metadata"]["finalizers"] = {"example.com/wait"};
  world.create(api::kReplicaSets, body);
  world.run_for(1s);
  world.run(world.admin.remove(api::kReplicaSets, "default", "web", "", client::Cause()));
  world.run_for(1s);
  std::string pod = world.live_pods()[0]["metadata"]["name"];
  // What the garbage collector does for --cascade=orphan.
  world.patch(api::kPods, pod, R"({"metadata":{"ownerReferences":null}})");
  world.run_for(1s);
  CHECK(WorkloadWorld::owner_of(world.get(api::kPods, pod)) == "");
  CHECK(world.live_pods().size() == 1);
  world.patch(api::kReplicaSets, "web", R"({"metadata":{"finalizers":null}})");
  // A new set of the same labels takes it.
  world.create(api::kReplicaSets, WorkloadWorld::workload("ReplicaSet", "again", 1, "nginx"));
  world.run_for(1s);
  CHECK(WorkloadWorld::owner_of(world.get(api::kPods, pod)) == "again");
  CHECK(world.live_pods().size() == 1);
}

TEST_CASE("with minReadySeconds availability comes later, without further events") {
  WorkloadWorld world;
  world.begin();
  auto body = WorkloadWorld::workload("ReplicaSet", "web", 2, "nginx");
  body["spec"]["minReadySeconds"] = 30;
  world.create(api::kReplicaSets, body);
  world.run_for(1s);
  for (const auto& pod : world.live_pods()) world.make_ready(pod);
  world.run_for(28s);
  auto status = world.get(api::kReplicaSets, "web")["status"];
  CHECK(status["readyReplicas"] == 2);
  CHECK_FALSE(status.contains("availableReplicas"));
  world.run_for(3s);
  CHECK(world.get(api::kReplicaSets, "web")["status"]["availableReplicas"] == 2);
}

TEST_CASE("a late watch never leads to too many pods, nor to too many deletions") {
  TroubledWorld world;
  world.transport.delay = 20s;
  world.begin();
  world.create(api::kReplicaSets, WorkloadWorld::workload("ReplicaSet", "web", 20, "nginx"));
  for (int i = 0; i < 30; ++i) {
    world.run_for(1s);
    // Something happens to the set all the time.
    world.patch(api::kReplicaSets, "web", fmt::format(R"({{"metadata":{{"annotations":{{"i":"{}"}}}}}})", i));
    CHECK(world.live_pods().size() <= 20);
  }
  world.run_for(120s);
  CHECK(world.live_pods().size() == 20);
  CHECK(world.transport.creations == 20);
  world.scale(api::kReplicaSets, "web", 15);
  for (int i = 0; i < 30; ++i) {
    world.run_for(1s);
    world.patch(api::kReplicaSets, "web", fmt::format(R"({{"metadata":{{"annotations":{{"i":"{}"}}}}}})", i));
    CHECK(world.live_pods().size() >= 15);
  }
  world.run_for(120s);
  CHECK(world.live_pods().size() == 15);
  CHECK(world.transport.creations == 20);
}

TEST_CASE("refused creations: one try a turn, told by event and condition, and made good later") {
  TroubledWorld world;
  world.transport.refuses = true;
  world.begin();
  world.create(api::kReplicaSets, WorkloadWorld::workload("ReplicaSet", "web", 10, "nginx"));
  world.run_for(1ms * 12);
  CHECK(world.transport.creations <= 3);  // the first batch is one pod; then 5 ms, 10 ms, ...
  world.run_for(10s);
  auto set = world.get(api::kReplicaSets, "web");
  CHECK(world.conditions(set) == WorkloadWorld::Strings{"ReplicaFailure True FailedCreate"});
  CHECK(world.condition(set, "ReplicaFailure")["message"] == "exceeded quota: q");
  CHECK(world.transport.creations < 15);
  CHECK(world.events("default", "web")["Warning FailedCreate Error creating: exceeded quota: q "
                                       "(replicaset-controller)"] > 1);
  world.transport.refuses = false;
  world.run_for(30s);
  CHECK(world.live_pods().size() == 10);
  CHECK(world.conditions(world.get(api::kReplicaSets, "web")).empty());
}

TEST_CASE("a thousand pods: each is made once, and turns do not multiply") {
  WorkloadWorld world;
  world.begin();
  int before = world.life->transport.writes;
  world.create(api::kReplicaSets, WorkloadWorld::workload("ReplicaSet", "web", 1000, "nginx"));
  world.run_for(30s);
  CHECK(world.live_pods().size() == 1000);
  CHECK(world.get(api::kReplicaSets, "web")["status"]["replicas"] == 1000);
  int writes = world.life->transport.writes - before;
  CHECK(writes >= 1000);
  // What is more is status: far fewer than pods.
  CHECK(writes < 1400);
  world.scale(api::kReplicaSets, "web", 0);
  world.run_for(30s);
  CHECK(world.live_pods().empty());
}
