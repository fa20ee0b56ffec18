// Stock kubectl, every version that is found, against a real cluster of three nodes: what the commands print is what
// they print against a real one (sources: kubectl's printers and describers; versions 1.27 to 1.33 measured).
#include <doctest/doctest.h>

#include "tests/e2e/kubectl_session.hpp"

namespace kubeloop::tests {
namespace {

constexpr const char* kManifest = R"(apiVersion: v1
kind: Pod
metadata:
  name: applied
  labels: {app: applied}
spec:
  containers:
  - name: nginx
    image: nginx:1.27
    resources: {requests: {cpu: 100m}}
)";

void look_at_nodes(Session& s) {
  std::string nodes = s.ok({"get", "nodes"});
  s.expect(nodes, "NAME +STATUS +ROLES +AGE +VERSION\n");
  s.expect(nodes, "node-1 +Ready +<none> +[0-9a-z]+ +v1\\.35\\.0\\+kubeloop\n");
  s.expect(nodes, "node-3 +Ready +<none> ");
  s.expect(s.ok({"get", "nodes", "-o", "wide"}),
           "INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME\n");
  s.expect(s.ok({"get", "ns"}), "default +Active ");
  s.expect(s.ok({"version"}), "Server Version: .*v1\\.35\\.0\\+kubeloop");
  s.expect(s.ok({"api-resources"}), "pods +po +v1 +true +Pod");
  s.expect(s.ok({"get", "sa"}), "NAME +(SECRETS +)?AGE\ndefault ");
  s.expect(s.ok({"get", "cm"}), "NAME +DATA +AGE\nkube-root-ca.crt +1 ");
  s.expect(s.ok({"get", "leases", "-n", "kube-node-lease"}), "NAME +HOLDER +AGE\nnode-1 +node-1 ");
}

void run_a_pod(Session& s) {
  s.expect(s.ok({"run", "web", "--image=nginx:1.27"}), "^pod/web created\n$");
  s.expect(s.ok({"wait", "--for=condition=Ready", "pod/web", "--timeout=30s"}), "^pod/web condition met\n$");
  s.expect(s.ok({"get", "pods"}), "NAME +READY +STATUS +RESTARTS +AGE\nweb +1/1 +Running +0 +[0-9a-z]+\n");
  s.expect(s.ok({"get", "pods", "-o", "wide"}), "IP +NODE +NOMINATED NODE +READINESS GATES\n");
  s.expect(s.ok({"get", "pods", "-o", "wide"}),
           "web +1/1 +Running +0 +[0-9a-z]+ +10\\.[0-9.]+ +node-[123] +<none> +<none>\n");
  s.expect(s.ok({"get", "pods", "-A"}), "NAMESPACE +NAME +READY");
  s.expect(s.ok({"get", "pod", "web", "-o", "jsonpath={.status.phase}"}), "^Running$");
  s.expect(s.ok({"get", "pod", "web", "-o", "yaml"}), "apiVersion: v1\nkind: Pod\nmetadata:\n");
  s.expect(s.ok({"get", "pod", "web", "-o", "name"}), "^pod/web\n$");
  s.expect(s.ok({"get", "pods", "--show-labels"}), "LABELS\nweb .* run=web\n");
  s.expect(s.ok({"get", "pods", "--field-selector", "status.phase=Running"}), "web ");
  s.expect(s.ok({"get", "pods", "-l", "run=nothing"}), "No resources found in default namespace\\.");
}

void describe_it(Session& s) {
  std::string pod = s.ok({"describe", "pod", "web"});
  s.expect(pod, "Name: +web\nNamespace: +default\nPriority: +0\nService Account: +default\nNode: +node-[123]/172\\.");
  s.expect(pod, "Status: +Running\n");
  s.expect(pod, "Conditions:\n +Type +Status\n");
  s.expect(pod, "kube-api-access-[a-z0-9]{5}:\n +Type: +Projected");
  s.expect(pod, "Tolerations: +node\\.kubernetes\\.io/not-ready:NoExecute op=Exists for 300s\n");
  s.expect(pod, "Normal +Scheduled +[0-9a-z]+ +default-scheduler +Successfully assigned default/web to node-[123]");
  s.expect(pod, "Normal +Started +.*kubelet +(spec\\.containers\\{web\\}: )?Container started");
  std::string node = s.ok({"describe", "node", "node-1"});
  s.expect(node, "Name: +node-1\n");
  s.expect(node, "Lease:\n +HolderIdentity: +node-1\n");
  s.expect(node, "Ready +True .* KubeletReady +kubelet is posting ready status");
  s.expect(node, "PodCIDR: +10\\.128\\.[0-9]+\\.0/24");
  s.expect(node, "Allocated resources:");
  s.expect(node, "NodeReady");
  s.expect(s.ok({"events"}), "Scheduled +Pod/web +Successfully assigned default/web to node-");
  s.expect(s.ok({"get", "events"}), "LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n");
}

void change_things(Session& s) {
  s.expect(s.ok({"label", "pod", "web", "tier=front"}), "^pod/web labeled\n$");
  s.expect(s.ok({"get", "pods", "-L", "tier"}), "TIER\nweb .* front\n");
  s.expect(s.ok({"label", "pod", "web", "tier-"}), "^pod/web unlabeled\n$");
  s.expect(s.ok({"annotate", "pod", "web", "note=hello"}), "^pod/web annotated?\n$");
  s.expect(s.ok({"taint", "node", "node-1", "key=value:NoSchedule"}), "^node/node-1 tainted\n$");
  s.expect(s.ok({"describe", "node", "node-1"}), "Taints: +key=value:NoSchedule\n");
  s.expect(s.ok({"taint", "node", "node-1", "key-"}), "^node/node-1 untainted\n$");
  s.expect(s.ok({"cordon", "node-2"}), "^node/node-2 cordoned\n$");
  s.expect(s.ok({"get", "node", "node-2"}), "Ready,SchedulingDisabled");
  s.expect(s.ok({"uncordon", "node-2"}), "^node/node-2 uncordoned\n$");
}

void apply_and_explain(Session& s) {
  s.expect(s.ok({"apply", "-f", "-"}, kManifest), "^pod/applied created\n$");
  s.expect(s.ok({"apply", "-f", "-"}, kManifest), "^pod/applied unchanged\n$");
  std::string changed = std::string(kManifest);
  changed.replace(changed.find("app: applied"), 12, "app: changed");
  s.expect(s.ok({"apply", "-f", "-"}, changed), "^pod/applied configured\n$");
  auto strict = s.run({"apply", "-f", "-"}, std::string(kManifest) + "  colour: blue\n");
  CHECK(strict.code != 0);
  s.expect(strict.err, "unknown field \"spec.colour\"");
  std::string explained = s.ok({"explain", "pod"});
  s.expect(explained, "KIND: +Pod\nVERSION: +v1\n");
  s.expect(explained, "\n +spec\t<PodSpec>");
  s.expect(s.ok({"explain", "pod.spec.containers"}), "\n +image\t<string>");
  s.expect(s.ok({"create", "configmap", "settings", "--from-literal=a=b"}), "^configmap/settings created\n$");
  s.expect(s.ok({"create", "namespace", "team"}), "^namespace/team created\n$");
  s.expect(s.ok({"create", "serviceaccount", "robot"}), "^serviceaccount/robot created\n$");
  s.expect(s.ok({"delete", "cm/settings", "sa/robot"}), "configmap \"settings\" deleted");
}

void errors(Session& s) {
  auto missing = s.run({"get", "pod", "nobody"});
  CHECK(missing.code == 1);
  s.expect(missing.err, "^Error from server \\(NotFound\\): pods \"nobody\" not found\n$");
  auto twice = s.run({"run", "web", "--image=nginx:1.27"});
  CHECK(twice.code == 1);
  s.expect(twice.err, "Error from server \\(AlreadyExists\\): pods \"web\" already exists");
  auto invalid = s.run({"run", "Bad_Name", "--image=nginx"});
  CHECK(invalid.code == 1);
  auto unknown = s.run({"get", "wombats"});
  s.expect(unknown.err, "the server doesn't have a resource type \"wombats\"");
}

void delete_all(Session& s) {
  s.expect(s.ok({"delete", "pod", "web"}), "^pod \"web\" deleted");
  s.expect(s.ok({"delete", "pod", "applied", "--force", "--grace-period=0"}), "pod \"applied\" force deleted");
  s.expect(s.ok({"wait", "--for=delete", "pod/applied", "--timeout=30s"}), "");
  s.expect(s.ok({"get", "pods"}), "No resources found in default namespace\\.");
}

TEST_CASE("a session with every kubectl") {
  auto kubectls = find_kubectls();
  if (kubectls.empty()) {
    MESSAGE("no kubectl 1.27 or newer is on this machine: nothing was tried (set KUBELOOP_KUBECTL_DIRS)");
    return;
  }
  for (const auto& kubectl : kubectls) {
    RunningCluster cluster({"--nodes", "3"});
    REQUIRE_MESSAGE(cluster.up.code == 0, cluster.up.all());
    MESSAGE("kubectl ", kubectl.version);
    Session session(cluster, kubectl);
    look_at_nodes(session);
    auto environment = cluster.home.environment();
    session.ok({"run", "marker", "--image=nginx:1.27"});
    RunningCommand watch({kubectl.path, "--kubeconfig", cluster.home.file("config"), "--cache-dir",
                          cluster.home.file("cache"), "get", "pods", "-w"},
                         environment);
    // Once it has printed what is there, nothing that comes after can be missed.
    CHECK_MESSAGE(watch.wait_for_output("marker"), kubectl.version, ": get -w printed\n", watch.output());
    session.ok({"delete", "pod", "marker", "--force", "--grace-period=0"});
    run_a_pod(session);
    CHECK_MESSAGE(watch.wait_for_output("web +1/1 +Running"), kubectl.version, ": get -w printed\n", watch.output());
    CHECK(contains(watch.output(), "web +0/1 +Pending"));
    describe_it(session);
    change_things(session);
    apply_and_explain(session);
    errors(session);
    delete_all(session);
  }
}

}  // namespace
}  // namespace kubeloop::tests
