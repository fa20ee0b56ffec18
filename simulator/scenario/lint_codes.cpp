#include "simulator/scenario/lint_codes.hpp"

#include <algorithm>

namespace kubeloop::simulator {

namespace {

constexpr LintCode kCodes[] = {
    {"KL001", "the file is no YAML", "mend the syntax at the place that is named", "steps: [{sleep: 1s}",
     "steps: [{sleep: 1s}]"},
    {"KL002", "the file is empty", "write a scenario: apiVersion, kind, metadata, spec", "", ""},
    {"KL003", "the file has more than one document", "one scenario a file; manifests go into files of their own",
     "---\nkind: Scenario\n---\nkind: Scenario", "kind: Scenario"},
    {"KL004", "the file is too large, too deep, or its aliases grow too much",
     "make it smaller; make many objects with a create step", "", ""},
    {"KL005", "the file has bytes that are no text", "save it as UTF-8", "", ""},
    {"KL006", "a key stands twice in a mapping", "join the two", "cluster: {nodes: 3}\ncluster: {nodes: 4}",
     "cluster: {nodes: 4}"},
    {"KL007", "a tab where YAML wants spaces", "indent with spaces, two for a level", "", ""},
    {"KL100", "a value is not as it must be", "see what the message asks for", "rate: fast", "rate: 10/s"},
    {"KL101", "a key that is not known there", "mend the name, or move the key to the mapping it belongs to",
     "wait: {object: pod/default/web, conditon: Ready, within: 30s}",
     "wait: {object: pod/default/web, condition: Ready, within: 30s}"},
    {"KL102", "a key is missing", "add it", "wait: {object: pod/default/web}",
     "wait: {object: pod/default/web, within: 30s}"},
    {"KL103", "a value of the wrong type", "write a text, a number, a list or a mapping as the message asks",
     "cluster: {nodes: three}", "cluster: {nodes: 3}"},
    {"KL104", "no duration", "a number and its unit: ms, s, m or h, also together", "sleep: 10", "sleep: 10s"},
    {"KL105", "a number out of range", "stay within the limits that the message names", "cluster: {nodes: 100000}",
     "cluster: {nodes: 1000}"},
    {"KL106", "none of the words that are possible", "choose one of those that the message lists",
     "component: {kill: schedular}", "component: {kill: scheduler}"},
    {"KL107", "keys that do not go together, or one of several that is needed", "keep the one that is meant",
     "node: {stop: node-1, start: node-1}", "node: {stop: node-1}"},
    {"KL108", "there is no such step", "mend the name", "sleeep: 10s", "sleep: 10s"},
    {"KL109", "a step that is not one key and its value", "one step for each \"- \"",
     "- sleep: 1s\n  node: {stop: node-1}", "- sleep: 1s\n- node: {stop: node-1}"},
    {"KL110", "no name of an object", "kind/namespace/name, or kind/name for kinds without namespaces",
     "wait: {object: pods.web, within: 5s}", "wait: {object: pod/default/web, within: 5s}"},
    {"KL111", "no label selector", "write it as kubectl -l takes it", "selector: app in (web",
     "selector: app in (web)"},
    {"KL201", "a manifest that does not say what it is", "apiVersion, kind and metadata.name are needed",
     "apply: {inline: {kind: Pod}}", "apply: {inline: {apiVersion: v1, kind: Pod, metadata: {name: web}}}"},
    {"KL202", "a kind that the server does not have", "mend the kind or its apiVersion",
     "apiVersion: v1\nkind: Deployment", "apiVersion: apps/v1\nkind: Deployment"},
    {"KL203", "a field that the kind does not have", "mend the name, or move the field", "spec: {replica: 3}",
     "spec: {replicas: 3}"},
    {"KL204", "a value of the wrong type in a manifest",
     "labels, annotations and variables are texts: put numbers and true or false in quotes", "labels: {version: 2}",
     "labels: {version: \"2\"}"},
    {"KL205", "a field that the kind needs is missing", "add it", "kind: Pod\nspec: {}",
     "kind: Pod\nspec: {containers: [{name: a, image: b}]}"},
    {"KL206", "a value that the field never has", "choose one of those that the message lists",
     "matches: {status: {phase: running}}", "matches: {status: {phase: Running}}"},
    {"KL207", "a match asks for a field that the kind does not have", "mend the name, or move the field",
     "matches: {status: {phaze: Running}}", "matches: {status: {phase: Running}}"},
    {"KL208", "a match asks for a value that the field can never equal",
     "write it as the server stores it: numbers without quotes, quantities in their short form",
     "matches: {spec: {replicas: \"3\"}}", "matches: {spec: {replicas: 3}}"},
    {"KL209", "a condition that objects of the kind never have",
     "mend its name; after \"=\" stands True, False or Unknown", "condition: Runing", "condition: Ready"},
    {"KL210", "a namespace for an object that has none", "leave it out", "object: node/default/node-1",
     "object: node/node-1"},
    {"KL211", "a workload's selector does not select its own pods", "make the template's labels and the selector agree",
     "", ""},
    {"KL212", "a selector finds none of the scenario's pods", "make the selector and the pods' labels agree",
     "selector: {app: web}  # the pods: app=webs", "selector: {app: webs}"},
    {"KL213", "pods are counted that nothing makes", "mend the selector or the namespace", "", ""},
    {"KL214", "the same object twice in one step", "give each its own name", "", ""},
    {"KL216", "an object in a namespace that nothing makes", "apply the Namespace first", "", ""},
    {"KL217", "the server will refuse the manifest", "the message is the server's own: do what it asks for",
     "metadata: {name: Web_1}", "metadata: {name: web-1}"},
    {"KL218", "the step cannot be done to this kind", "choose a kind that can be scaled, or a Deployment to undo",
     "scale: {object: pod/default/web, replicas: 2}", "scale: {object: deployment/default/web, replicas: 2}"},
    {"KL219", "a wish that this cluster does not act on", "place the pods by other means: node affinity, taints, names",
     "", ""},
    {"KL301", "a node that the cluster does not have",
     "mend the name, raise cluster.nodes, or start it first: node: {start: NAME}",
     "cluster: {nodes: 3}\nnode: {stop: node-4}", "node: {stop: node-3}"},
    {"KL302", "a start of what runs already", "kill or stop it first", "component: {start: scheduler}",
     "component: {kill: scheduler}\ncomponent: {start: scheduler}"},
    {"KL303", "a kill or stop of what is dead already", "start it in between", "", ""},
    {"KL304", "a step about an object that nothing makes", "mend the name, or apply the object before", "", ""},
    {"KL305", "no time at all",
     "give it some: things take a moment even in virtual time; an assert step asks about now", "within: 0s",
     "within: 30s"},
    {"KL306", "something that the declared kind of time does not have", "change spec.times",
     "times: [virtual]\nsteps: [{exec: {...}}]", "times: [real]\nsteps: [{exec: {...}}]"},
    {"KL307", "the horizon comes before the steps can be over", "raise spec.horizon",
     "horizon: 10s\nsteps: [{sleep: 1m}]", "horizon: 5m\nsteps: [{sleep: 1m}]"},
    {"KL308", "a template or parameter that is not defined", "define it in spec.templates or spec.matrix",
     "image: ${img}", "matrix: {img: [a, b]}\nimage: ${img}"},
    {"KL309", "a template or parameter that is never used", "use it or take it away", "", ""},
    {"KL310", "nothing is checked, so nothing can fail", "add a wait or assert step, or spec.checks", "", ""},
    {"KL311", "waiting for something to go that was never there", "mend the name", "", ""},
    {"KL312", "a step that does nothing", "take it away", "sleep: 0s", "sleep: 1s"},
    {"KL313", "two things of the same name", "rename one", "nodePools: [{name: a, count: 1}, {name: a, count: 2}]",
     "nodePools: [{name: a, count: 1}, {name: b, count: 2}]"},
    {"KL401", "a file that cannot be read", "paths are relative to the scenario file; regular files up to 8 MiB",
     "apply: {file: nosuch.yaml}", "apply: {file: web.yaml}"},
    {"KL402", "a manifest file that is no YAML", "mend the syntax at the place that is named", "", ""},
    {"KL403", "a manifest file without an object", "put a manifest into it", "", ""}};

}  // namespace

const std::vector<LintCode>& lint_codes() {
  static const std::vector<LintCode> kAll(std::begin(kCodes), std::end(kCodes));
  return kAll;
}

const LintCode* find_lint_code(std::string_view code) {
  std::string wanted(code);
  for (char& c : wanted) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  const auto& codes = lint_codes();
  auto found = std::ranges::find(codes, wanted, &LintCode::code);
  return found == codes.end() ? nullptr : &*found;
}

std::string explain(const LintCode& code) {
  std::string text = std::string(code.code) + ": " + std::string(code.meaning) + "\n\n" + std::string(code.fix) + ".\n";
  auto indented = [](std::string_view yaml) {
    std::string out = "  ";
    for (char c : yaml) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
    return out + "\n";
  };
  if (!code.wrong.empty()) text += "\nwrong:\n" + indented(code.wrong);
  if (!code.right.empty()) text += "right:\n" + indented(code.right);
  return text;
}

}  // namespace kubeloop::simulator
