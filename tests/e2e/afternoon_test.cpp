// A real user's afternoon with a small cluster, as one script, with every kubectl that is found: Deployments and their
// rollouts, Services, Jobs, configuration, an application of ten objects, a drain under a budget, the ways of deleting,
// and a namespace that goes away. One cluster a version; the versions work side by side.
#include <doctest/doctest.h>

#include <thread>

#include "tests/e2e/kubectl_session.hpp"

namespace kubeloop::tests {
namespace {

const char* kApplication = R"(apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: shop, namespace: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {color: blue, size: "7"}
---
apiVersion: v1
kind: Secret
metadata: {name: token, namespace: shop}
data: {password: aHVudGVyMg==}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: front, namespace: shop, labels: {app: front}}
spec:
  replicas: 2
  selector: {matchLabels: {app: front}}
  template:
    metadata: {labels: {app: front}}
    spec:
      containers:
      - name: front
        image: nginx:1.27
        ports: [{name: http, containerPort: 8080}]
        env: [{name: COLOR, value: blue}]
        resources: {requests: {cpu: 50m, memory: 16Mi}, limits: {memory: 64Mi}}
        readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
      priorityClassName: shop
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: shop}
spec:
  selector: {app: front}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: shop}
value: 1000
description: what customers see
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: shop}
spec: {hard: {pods: "20", configmaps: "20"}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: shop}
spec: {limits: [{type: Container, default: {cpu: 500m}, defaultRequest: {cpu: 10m}}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: shop}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:1.36", command: [sh, -c, "exit 0"]}]}
)";

void deploy_and_scale(Session& s) {
  s.expect(s.ok({"create", "deployment", "web", "--image=nginx:1.26", "--replicas=3"}),
           "^deployment\\.apps/web created\n$");
  s.expect(s.ok({"rollout", "status", "deployment/web", "--timeout=60s"}),
           "deployment \"web\" successfully rolled out\n");
  s.expect(s.ok({"get", "deployment", "web"}), "NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +3/3 +3 +3 +[0-9a-z]+\n");
  s.expect(s.ok({"get", "deploy", "-o", "wide"}),
           "CONTAINERS +IMAGES +SELECTOR\nweb .* nginx +nginx:1\\.26 +app=web\n");
  s.expect(s.ok({"get", "rs"}), "NAME +DESIRED +CURRENT +READY +AGE\nweb-[a-z0-9]+ +3 +3 +3 ");
  s.expect(s.ok({"scale", "deployment/web", "--replicas=4"}), "^deployment\\.apps/web scaled\n$");
  s.ok({"rollout", "status", "deployment/web", "--timeout=60s"});
  s.expect(s.ok({"get", "deployment", "web"}), "web +4/4 +4 +4 ");
  s.expect(s.ok({"scale", "deployment/web", "--current-replicas=4", "--replicas=3"}), "scaled");
  auto refused = s.run({"scale", "deployment/web", "--current-replicas=9", "--replicas=1"});
  CHECK(refused.code != 0);
  s.expect(refused.err, "Expected replicas to be 9, was 3");
  s.expect(s.ok({"get", "deployment", "web", "--subresource=scale", "-o", "jsonpath={.status.selector}"}), "^app=web$");
  std::string described = s.ok({"describe", "deployment", "web"});
  s.expect(described, "Replicas: +3 desired \\| 3 updated \\| ");
  s.expect(described, "RollingUpdateStrategy: +25% max unavailable, 25% max surge\n");
  s.expect(described, "Available +True +MinimumReplicasAvailable");
  s.expect(described, "NewReplicaSet: +web-[a-z0-9]+ \\(3/3 replicas created\\)");
  s.expect(described, "ScalingReplicaSet .*Scaled up replica set web-[a-z0-9]+ ");
}

void roll_out(Session& s) {
  s.expect(s.ok({"set", "image", "deployment/web", "nginx=nginx:1.27"}), "^deployment\\.apps/web image updated\n$");
  s.ok({"rollout", "status", "deployment/web", "--timeout=90s"});
  s.expect(s.ok({"get", "deploy", "web", "-o", "wide"}), "nginx:1\\.27");
  s.expect(s.ok({"rollout", "history", "deployment/web"}), "REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>\n");
  s.expect(s.ok({"rollout", "history", "deployment/web", "--revision=1"}), "Image:\tnginx:1\\.26\n");
  s.expect(s.ok({"rollout", "undo", "deployment/web"}), "^deployment\\.apps/web rolled back\n$");
  s.ok({"rollout", "status", "deployment/web", "--timeout=90s"});
  s.expect(s.ok({"rollout", "history", "deployment/web"}), "REVISION +CHANGE-CAUSE\n2 +<none>\n3 +<none>\n");
  s.expect(s.ok({"get", "deploy", "web", "-o", "wide"}), "nginx:1\\.26");
  s.expect(s.ok({"rollout", "pause", "deployment/web"}), "paused\n");
  s.ok({"set", "env", "deployment/web", "COLOR=green"});
  s.expect(s.ok({"rollout", "history", "deployment/web"}), "\n3 +<none>\n(?!4)");
  CHECK(s.run({"rollout", "undo", "deployment/web"}).code != 0);
  s.expect(s.ok({"rollout", "resume", "deployment/web"}), "resumed\n");
  s.ok({"rollout", "status", "deployment/web", "--timeout=90s"});
  s.expect(s.ok({"rollout", "history", "deployment/web"}), "\n4 +<none>\n");
  s.expect(s.ok({"rollout", "restart", "deployment/web"}), "restarted\n");
  s.ok({"rollout", "status", "deployment/web", "--timeout=90s"});
  s.expect(s.ok({"get", "pods", "-l", "app=web"}), "(web-[a-z0-9]+-[a-z0-9]{5} +1/1 +Running +0 .*\n?){3}");
}

void expose_it(Session& s) {
  s.expect(s.ok({"expose", "deployment", "web", "--port=80", "--target-port=8080"}), "^service/web exposed\n$");
  s.expect(s.ok({"get", "svc"}), "NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\\(S\\) +AGE\n");
  s.expect(s.ok({"get", "svc"}), "kubernetes +ClusterIP +10\\.96\\.0\\.1 +<none> +443/TCP ");
  s.expect(s.ok({"get", "svc", "web"}), "web +ClusterIP +10\\.(9[6-9]|10[0-9]|11[01])\\.[0-9.]+ +<none> +80/TCP ");
  s.wait_for({"get", "endpointslices", "-l", "kubernetes.io/service-name=web"},
             "web-[a-z0-9]+ +IPv4 +8080 +10\\.[0-9.]+,10\\.[0-9.]+,10\\.[0-9.]+ ");
  s.wait_for({"get", "endpoints", "web"}, "web +(10\\.[0-9.]+:8080,?){3} ");
  s.expect(s.ok({"describe", "svc", "web"}), "Endpoints: +10\\.[0-9.]+:8080,");
  s.expect(s.ok({"create", "service", "nodeport", "outside", "--tcp=80:8080", "--node-port=30080"}), "created");
  s.expect(s.ok({"get", "svc", "outside"}), "outside +NodePort +10\\.[0-9.]+ +<none> +80:30080/TCP ");
  auto taken = s.run({"create", "service", "nodeport", "again", "--tcp=80:8080", "--node-port=30080"});
  CHECK(taken.code != 0);
  s.expect(taken.err, "provided port is already allocated");
}

void run_jobs(Session& s) {
  s.expect(s.ok({"create", "job", "once", "--image=busybox:1.36", "--", "sh", "-c", "exit 0"}),
           "^job\\.batch/once created\n$");
  s.ok({"wait", "--for=condition=complete", "job/once", "--timeout=60s"});
  s.expect(s.ok({"get", "job", "once"}), "(Complete +)?1/1 +[0-9]+s ");
  s.expect(s.ok({"get", "pods", "-l", "job-name=once"}), "once-[a-z0-9]{5} +0/1 +Completed +0 ");
  s.expect(s.ok({"describe", "job", "once"}), "Completed .*Job completed");
}

void configure(Session& s) {
  s.expect(s.ok({"create", "secret", "generic", "db", "--from-literal=user=me", "--from-literal=password=x"}),
           "^secret/db created\n$");
  s.expect(s.ok({"get", "secret", "db"}), "NAME +TYPE +DATA +AGE\ndb +Opaque +2 ");
  s.expect(s.ok({"get", "secret", "db", "-o", "jsonpath={.data.user}"}), "^bWU=$");
  s.expect(s.ok({"describe", "secret", "db"}), "password: +1 bytes\n");
  s.expect(s.ok({"create", "configmap", "settings", "--from-literal=a=1"}), "^configmap/settings created\n$");
  s.expect(s.ok({"create", "ns", "team"}), "^namespace/team created\n$");
  s.expect(s.ok({"create", "sa", "robot", "-n", "team"}), "^serviceaccount/robot created\n$");
  s.expect(s.ok({"create", "quota", "small", "-n", "team", "--hard=pods=2,services=1"}),
           "^resourcequota/small created\n$");
  s.expect(s.ok({"describe", "ns", "team"}), "Resource Quotas\n +Name: +small\n");
  s.expect(s.ok({"create", "priorityclass", "high", "--value=1000"}), "created");
  s.expect(s.ok({"get", "priorityclasses"}), "system-node-critical +2000001000 +false ");
  s.expect(s.ok({"create", "pdb", "web", "--selector=app=web", "--min-available=2"}), "created");
  s.wait_for({"get", "pdb", "web"}, "web +2 +N/A +1 ");
}

void apply_an_application(Session& s) {
  std::string first = s.ok({"apply", "-f", "-"}, kApplication);
  s.expect(first, "^(.* created\n){10}$");
  s.ok({"-n", "shop", "rollout", "status", "deployment/front", "--timeout=60s"});
  s.ok({"-n", "shop", "wait", "--for=condition=complete", "job/migrate", "--timeout=60s"});
  s.expect(s.ok({"diff", "-f", "-"}, kApplication), "^$");
  s.expect(s.ok({"apply", "-f", "-"}, kApplication), "^(.* unchanged\n){10}$");
  std::string changed = kApplication;
  changed.replace(changed.find("replicas: 2"), 11, "replicas: 3");
  auto diff = s.run({"diff", "-f", "-"}, changed);
  CHECK(diff.code == 1);
  s.expect(diff.out, "\n-  replicas: 2\n\\+  replicas: 3\n");
  s.expect(s.ok({"apply", "-f", "-"}, changed), "deployment\\.apps/front configured\n");
  s.ok({"-n", "shop", "rollout", "status", "deployment/front", "--timeout=60s"});
  std::string all = s.ok({"get", "all", "-n", "shop"});
  for (const char* row : {"pod/front-", "service/front ", "deployment\\.apps/front +3/3", "replicaset\\.apps/front-",
                          "job\\.batch/migrate "}) {
    s.expect(all, row);
  }
}

void drain(Session& s) {
  s.expect(s.ok({"drain", "node-1", "--ignore-daemonsets", "--force", "--timeout=90s"}), "node/node-1 drained\n");
  s.expect(s.ok({"get", "node", "node-1"}), "Ready,SchedulingDisabled");
  s.expect(s.ok({"get", "pods", "-A", "--field-selector", "spec.nodeName=node-1,status.phase=Running"}),
           "No resources found");
  s.expect(s.ok({"uncordon", "node-1"}), "uncordoned");
  s.ok({"rollout", "status", "deployment/web", "--timeout=60s"});
  // With no room in the budget the drain gives up at its deadline, and everybody is still there.
  s.ok({"patch", "pdb", "web", "-p", R"({"spec":{"minAvailable":3}})"});
  s.wait_for({"get", "pdb", "web"}, "web +3 +N/A +0 ");
  std::string node = s.ok({"get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].spec.nodeName}"});
  auto blocked = s.run({"drain", node, "--ignore-daemonsets", "--force", "--timeout=3s", "--pod-selector=app=web"});
  CHECK(blocked.code != 0);
  s.expect(blocked.err, "Cannot evict pod as it would violate the pod's disruption budget");
  s.ok({"uncordon", node});
  s.expect(s.ok({"get", "deployment", "web"}), "web +3/3 ");
}

void delete_in_every_way(Session& s) {
  s.expect(s.ok({"delete", "deployment", "web", "--cascade=orphan"}), "\"web\" deleted");
  s.expect(s.ok({"get", "rs", "-l", "app=web"}), "web-[a-z0-9]+ +3 +3 +3 ");
  s.expect(s.ok({"delete", "rs", "-l", "app=web", "--cascade=foreground", "--timeout=60s"}), "deleted");
  s.wait_for({"get", "pods", "-l", "app=web"}, "No resources found");
  s.expect(s.ok({"create", "deployment", "back", "--image=nginx:1.27"}), "created");
  s.ok({"rollout", "status", "deployment/back", "--timeout=60s"});
  s.expect(s.ok({"delete", "deployment", "back"}), "\"back\" deleted");
  s.wait_for({"get", "pods,rs", "-l", "app=back"}, "No resources found");
  s.ok({"delete", "job", "once"});
  s.wait_for({"get", "pods", "-l", "job-name=once"}, "No resources found");
  s.ok({"delete", "svc", "web", "outside"});
  s.wait_for({"get", "endpointslices", "-l", "kubernetes.io/service-name=web"}, "No resources found");
  s.expect(s.ok({"delete", "ns", "shop", "team", "--timeout=90s"}), "namespace \"shop\" deleted");
  s.expect(s.ok({"get", "ns"}),
           "^NAME +STATUS +AGE\ndefault .*\nkube-node-lease .*\nkube-public .*\nkube-system .*\n$");
  s.expect(s.ok({"get", "pods", "-A"}), "No resources found");
}

TEST_CASE("a real user's afternoon") {
  auto kubectls = find_kubectls();
  if (kubectls.empty()) MESSAGE("no kubectl 1.27 or newer was found: nothing was tried");
  std::vector<std::unique_ptr<RunningCluster>> clusters;
  for (std::size_t i = 0; i < kubectls.size(); ++i) {
    clusters.push_back(std::make_unique<RunningCluster>());
    REQUIRE_MESSAGE(clusters.back()->up.code == 0, clusters.back()->up.all());
  }
  std::vector<std::jthread> users;
  for (std::size_t i = 0; i < kubectls.size(); ++i) {
    users.emplace_back([&cluster = *clusters[i], &kubectl = kubectls[i]] {
      Session s(cluster, kubectl);
      deploy_and_scale(s);
      roll_out(s);
      expose_it(s);
      run_jobs(s);
      configure(s);
      apply_an_application(s);
      drain(s);
      delete_in_every_way(s);
    });
  }
}

}  // namespace
}  // namespace kubeloop::tests
