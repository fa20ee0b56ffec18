// The strict parser, decoding with Kubernetes' messages and warnings, and the defaults of the table.
#include <doctest/doctest.h>

#include <string>

#include "libs/api/codec/json.hpp"

using namespace kubeloop;
using namespace kubeloop::api;
using nlohmann::json;

namespace {

const KindInfo& kind(std::string_view name, std::string_view group = "", std::string_view version = "v1") {
  const KindInfo* info = Schema::builtin().find_kind(group, version, name);
  REQUIRE(info != nullptr);
  return *info;
}

Result<Decoded> pod(std::string_view text) {
  return decode_object(Schema::builtin(), kind("Pod"), text);
}

std::string pod_error(std::string_view text) {
  auto decoded = pod(text);
  if (decoded) return "";
  CHECK(decoded.error().code == 400);
  CHECK(decoded.error().reason == "BadRequest");
  return decoded.error().message;
}

// What the message says after `Pod in version "v1" cannot be handled as a Pod: `.
std::string pod_why(std::string_view text) {
  const std::string message = pod_error(text);
  const std::string prefix = "Pod in version \"v1\" cannot be handled as a Pod: ";
  REQUIRE_MESSAGE(message.starts_with(prefix), message);
  return message.substr(prefix.size());
}

}  // namespace

TEST_CASE("parse_json is strict and bounded") {
  CHECK(parse_json(R"({"a":[1,-2,1.5,true,null,"x"]})").value() == json::parse(R"({"a":[1,-2,1.5,true,null,"x"]})"));
  CHECK(parse_json("9223372036854775807").value() == json(INT64_MAX));
  CHECK(parse_json("18446744073709551615").value().is_number_unsigned());
  CHECK(parse_json("18446744073709551616").value().is_number_float());
  CHECK(parse_json("{").error().message == "unexpected end of JSON input");
  CHECK(parse_json("").error().code == 400);
  CHECK(parse_json("{} x").error().message == "invalid character 'x' after top-level value");
  CHECK(parse_json("{\"a\":01}").error().code == 400);
  CHECK(parse_json("[1,]").error().code == 400);
  CHECK(parse_json("\"\xff\"").error().message == "invalid byte 0xff at offset 1");
  CHECK(parse_json("\"\xed\xa0\x80\"").error().code == 400);
  CHECK(parse_json(std::string(100, '[') + std::string(100, ']')).has_value());
  CHECK(parse_json(std::string(101, '[') + std::string(101, ']')).error().message == "nested deeper than 100 levels");
  CHECK(parse_json(std::string(2'000'000, '[')).error().code == 400);
  CHECK(parse_json(std::string(kMaxJsonBytes + 1, ' ')).error().code == 413);
  CHECK(parse_json(std::string(kMaxJsonBytes + 1, ' ')).error().message ==
        "Request entity too large: limit is 3145728");
  std::string many = "[";
  for (std::size_t i = 0; i < kMaxJsonValues; ++i) many += "0,";
  CHECK(parse_json(many + "0]").error().code == 400);
}

TEST_CASE("parse_json collects duplicate keys") {
  std::vector<std::string> duplicates;
  auto value = parse_json(R"({"a":1,"b":[{"c":1,"c":2}],"a":3})", &duplicates);
  REQUIRE(value.has_value());
  CHECK(*value == json::parse(R"({"a":3,"b":[{"c":2}]})"));
  CHECK(duplicates == std::vector<std::string>{"duplicate field \"b[0].c\"", "duplicate field \"a\""});
}

TEST_CASE("unknown and duplicate fields, in the order of the document") {
  auto decoded = pod(R"({"kind":"Pod","apiVersion":"v1","zzz":1,"metadata":{"name":"a","labels":{"x":"1","x":"2"}},
    "spec":{"foo":{"bar":1},"containers":[{"name":"a","immage":"b"},{"name":"c","name":"d"}],
    "nodeName":"n","nodeName":"m","aaa":1}})");
  REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message);
  CHECK(decoded->warnings ==
        std::vector<std::string>{"unknown field \"zzz\"", "duplicate field \"metadata.labels.x\"",
                                 "unknown field \"spec.foo\"", "unknown field \"spec.containers[0].immage\"",
                                 "duplicate field \"spec.containers[1].name\"", "duplicate field \"spec.nodeName\"",
                                 "unknown field \"spec.aaa\""});
  CHECK(decoded->object["spec"]["nodeName"] == "m");
  CHECK_FALSE(decoded->object["spec"].contains("foo"));
  CHECK(decoded->object["metadata"]["labels"]["x"] == "2");
}

TEST_CASE("types are checked with Kubernetes' messages") {
  CHECK(pod_why(R"({"spec":{"priority":"high"}})") ==
        "json: cannot unmarshal string into Go struct field PodSpec.spec.priority of type int32");
  CHECK(pod_why(R"({"spec":{"containers":{}}})") ==
        "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container");
  CHECK(pod_why(R"({"spec":{"containers":[{"image":1}]}})") ==
        "json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string");
  CHECK(pod_why(R"({"spec":{"containers":[{"imagePullPolicy":true}]}})") ==
        "json: cannot unmarshal bool into Go struct field Container.spec.containers.imagePullPolicy of type "
        "v1.PullPolicy");
  CHECK(pod_why(R"({"spec":[]})") == "json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec");
  CHECK(pod_why(R"({"metadata":{"labels":{"a":1}}})") ==
        "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string");
  CHECK(pod_why(R"({"metadata":{"labels":[]}})") ==
        "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string");
  CHECK(pod_why(R"({"spec":{"terminationGracePeriodSeconds":9223372036854775808}})") ==
        "json: cannot unmarshal number 9223372036854775808 into Go struct field "
        "PodSpec.spec.terminationGracePeriodSeconds of type int64");
  CHECK(pod_why(R"({"spec":{"priority":2147483648}})") ==
        "json: cannot unmarshal number 2147483648 into Go struct field PodSpec.spec.priority of type int32");
  CHECK(pod_why(R"({"spec":{"priority":1.0}})") ==
        "json: cannot unmarshal number 1.0 into Go struct field PodSpec.spec.priority of type int32");
  CHECK(pod_why(R"({"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":true}}}]}})") ==
        "json: cannot unmarshal bool into Go value of type int32");
  CHECK(pod_why(R"({"metadata":{"creationTimestamp":5}})") ==
        "json: cannot unmarshal number into Go value of type string");
  CHECK(pod_why(R"({"metadata":{"creationTimestamp":"soon"}})").starts_with("parsing time \"soon\" as "));
  const std::string why = pod_why(R"({"spec":{"containers":[{"resources":{"limits":{"cpu":"two"}}}]}})");
  CHECK(why.find("quantities must match the regular expression") != std::string::npos);
  auto bytes = decode_object(Schema::builtin(), kind("ConfigMap"), R"({"binaryData":{"a":"???"}})");
  REQUIRE_FALSE(bytes.has_value());
  CHECK(bytes.error().message ==
        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: illegal base64 data at input byte 0");
}

TEST_CASE("what is no JSON is told in the words of Go's scanner") {
  struct {
    const char *text, *expected;
  } const kCases[] = {
      {"{bad", "invalid character 'b' looking for beginning of object key string"},
      {R"({"a":1,})", "invalid character '}' looking for beginning of object key string"},
      {R"({"a" 1})", "invalid character '1' after object key"},
      {R"({"a":01})", "invalid character '1' after object key:value pair"},
      {R"({"a":})", "invalid character '}' looking for beginning of value"},
      {R"([[1],{"b":2} x])", "invalid character 'x' after array element"},
      {"[1,]", "invalid character ']' looking for beginning of value"},
      {"{}}", "invalid character '}' after top-level value"},
      {"\"a\nb\"", R"(invalid character '\n' in string literal)"},
      {R"("\q")", "invalid character 'q' in string escape code"},
      {R"("\u12g4")", R"(invalid character 'g' in \u hexadecimal character escape)"},
      {"-x", "invalid character 'x' in numeric literal"},
      {"1.e", "invalid character 'e' after decimal point in numeric literal"},
      {"1e+]", "invalid character ']' in exponent of numeric literal"},
      {"[tru]", "invalid character ']' in literal true (expecting 'e')"},
      {"'a'", R"(invalid character '\'' looking for beginning of value)"},
      {"\xc3\xa9", "invalid character '\xc3\x83' looking for beginning of value"},
      {R"({"a":"b)", "unexpected end of JSON input"},
      {"[1,{\"a\":", "unexpected end of JSON input"},
      {"-", "unexpected end of JSON input"},
      {"   ", "unexpected end of JSON input"},
  };
  for (const auto& one : kCases) {
    CAPTURE(std::string(one.text));
    CHECK(parse_json(one.text).error().message == one.expected);
  }
}

TEST_CASE("a value of the wrong type is told in the words of who converts it") {
  auto told = [](const char* name, const char* text, Wording wording) {
    const bool is_core = std::string_view(name) != "Deployment";
    auto decoded = decode_document(Schema::builtin(), kind(name, is_core ? "" : "apps"), json::parse(text), wording);
    return decoded ? std::string() : decoded.error().message;
  };
  auto merged = [&](const char* name, const char* text) { return told(name, text, Wording::kStrategicMerge); };
  CHECK(merged("Deployment", R"({"spec":{"replicas":"3"}})") == "unrecognized type: int32");
  CHECK(merged("Deployment", R"({"spec":{"replicas":1.5}})") == "cannot convert float64 to int32");
  CHECK(merged("Deployment", R"({"spec":{"replicas":[]}})") == "unrecognized type: int32");
  CHECK(merged("Deployment", R"({"spec":{"paused":1}})") == "unrecognized type: bool");
  CHECK(merged("Deployment", R"({"spec":[]})") == "cannot restore struct from: slice");
  CHECK(merged("ConfigMap", R"({"data":{"a":1}})") == "cannot convert int64 to string");
  CHECK(merged("ConfigMap", R"({"data":{"a":true}})") == "unrecognized type: string");
  CHECK(merged("ConfigMap", R"({"data":7})") == "cannot restore map from int64");
  CHECK(merged("Pod", R"({"spec":{"containers":{}}})") == "cannot restore slice from map");
  CHECK(merged("Pod", R"({"spec":{"dnsPolicy":1}})") == "cannot convert int64 to v1.DNSPolicy");
  CHECK(merged("Secret", R"({"data":{"a":{}}})") == "cannot restore slice from map");
  CHECK(merged("Secret", R"({"data":{"a":"?"}})") == "error decoding from json: illegal base64 data at input byte 0");
  CHECK(told("Deployment", R"({"spec":{"replicas":"3"}})", Wording::kPatchedDocument) ==
        "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32");
}

TEST_CASE("bodies that are no object of the kind") {
  CHECK(pod_error("nonsense") ==
        "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: "
        "invalid character 'o' in literal null (expecting 'u') (6e6f6e73656e7365)");
  CHECK(pod_error("").find("(<empty>)") != std::string::npos);
  CHECK(pod_error("[]").find("must be of type Pod") != std::string::npos);
  CHECK(pod_error(R"({"kind": "Pod", "apiVersion": "v1", )").ends_with(R"(({"kind": "Pod", "apiVersion":  ...))"));
  CHECK(pod_error(R"({"apiVersion":"v2","kind":"Pod"})") ==
        "the API version in the data (v2) does not match the expected API version (v1)");
  CHECK(pod_error(R"({"apiVersion":"v1","kind":"ConfigMap"})") ==
        "ConfigMap in version \"v1\" cannot be handled as a Pod: converting (v1.ConfigMap) to (core.Pod): "
        "unknown conversion");
  CHECK(pod_error(R"({"kind":"Foo"})") ==
        "Foo in version \"v1\" cannot be handled as a Pod: no kind \"Foo\" is registered for version \"v1\" in scheme "
        "\"kubeloop\"");
  CHECK(pod_error(R"({"kind":1})").find("json: cannot unmarshal number") != std::string::npos);
  // Options come under any group's version.
  auto options = decode_object(Schema::builtin(), kind("DeleteOptions"),
                               R"({"apiVersion":"policy/v1","kind":"DeleteOptions","gracePeriodSeconds":0})");
  REQUIRE(options.has_value());
  CHECK(options->object["gracePeriodSeconds"] == 0);
}

TEST_CASE("what a decoded object holds") {
  auto decoded = pod(R"({"metadata":{"name":"a","creationTimestamp":null,"generation":0,"labels":{},
      "deletionTimestamp":"2026-01-01T02:00:00.5+01:00"},
    "spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1000m","memory":"1024Mi","x/y":0.5}},
      "env":[{"name":"E","value":""}],"command":[],"stdin":false,
      "livenessProbe":{"httpGet":{"port":"http","path":""},"initialDelaySeconds":0}}],
      "nodeName":"","priority":0,"hostNetwork":false,"securityContext":{},"terminationGracePeriodSeconds":0},
    "status":{"containerStatuses":[{"name":"a","ready":false,"restartCount":0}]}})");
  REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message);
  CHECK(decoded->warnings.empty());
  CHECK(decoded->object == json::parse(R"({"apiVersion":"v1","kind":"Pod",
    "metadata":{"name":"a","deletionTimestamp":"2026-01-01T01:00:00Z"},
    "spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1","memory":"1Gi","x/y":"500m"}},
      "env":[{"name":"E"}],"livenessProbe":{"httpGet":{"port":"http"}}}],
      "priority":0,"securityContext":{},"terminationGracePeriodSeconds":0},
    "status":{"containerStatuses":[{"name":"a","ready":false,"restartCount":0}]}})"));
}

TEST_CASE("null elements, raw values, times beyond the clock") {
  auto decoded = pod(R"({"metadata":{"finalizers":[null],"annotations":{"a":null},
    "deletionTimestamp":"9999-12-31T23:59:59Z",
    "managedFields":[{"fieldsV1":{"f:a":{"f:b":{}}},"time":"0001-01-01T00:00:00Z"}]}})");
  REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message);
  const json& meta = decoded->object["metadata"];
  CHECK(meta["finalizers"] == json::parse(R"([""])"));
  CHECK(meta["annotations"]["a"] == "");
  CHECK(meta["deletionTimestamp"] == "9999-12-31T23:59:59Z");
  CHECK(meta["managedFields"] == json::parse(R"([{"fieldsV1":{"f:a":{"f:b":{}}}}])"));
  auto lease = decode_object(Schema::builtin(), kind("Lease", "coordination.k8s.io"),
                             R"({"spec":{"renewTime":"2026-01-01T00:00:00.123456Z","leaseDurationSeconds":40}})");
  REQUIRE(lease.has_value());
  CHECK(lease->object["spec"]["renewTime"] == "2026-01-01T00:00:00.123456Z");
  CHECK(lease->object["apiVersion"] == "coordination.k8s.io/v1");
}

TEST_CASE("decode_document takes what is parsed already") {
  auto document = json::parse(R"({"spec":{"unschedulable":false,"podCIDR":"10.0.0.0/24","x":1}})");
  auto node = decode_document(Schema::builtin(), kind("Node"), document);
  REQUIRE(node.has_value());
  CHECK(node->object["spec"] == json::parse(R"({"podCIDR":"10.0.0.0/24"})"));
  CHECK(node->warnings == std::vector<std::string>{"unknown field \"spec.x\""});
}

TEST_CASE("defaults of a pod") {
  auto decoded = pod(R"({"metadata":{"name":"a"},"spec":{
    "containers":[{"name":"a","image":"i","ports":[{"containerPort":80}],
      "readinessProbe":{"httpGet":{"port":80}},
      "env":[{"name":"N","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}],
    "volumes":[{"name":"v"},{"name":"s","secret":{"secretName":"x"}},{"name":"h","hostPath":{"path":"/x"}},
      {"name":"p","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]}})");
  REQUIRE(decoded.has_value());
  apply_defaults(*kind("Pod").type, decoded->object);
  CHECK(decoded->object == json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{
    "containers":[{"name":"a","image":"i","ports":[{"containerPort":80,"protocol":"TCP"}],"resources":{},
      "readinessProbe":{"httpGet":{"port":80,"path":"/","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,
        "successThreshold":1,"failureThreshold":3},
      "env":[{"name":"N","valueFrom":{"fieldRef":{"fieldPath":"metadata.name","apiVersion":"v1"}}}],
      "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],
    "volumes":[{"name":"v","emptyDir":{}},{"name":"s","secret":{"secretName":"x","defaultMode":420}},
      {"name":"h","hostPath":{"path":"/x","type":""}},
      {"name":"p","projected":{"defaultMode":420,
        "sources":[{"serviceAccountToken":{"path":"t","expirationSeconds":3600}}]}}],
    "dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},
    "terminationGracePeriodSeconds":30}})"));
  const json once = decoded->object;
  apply_defaults(*kind("Pod").type, decoded->object);
  CHECK(decoded->object == once);
}

TEST_CASE("defaults of absent structs, and values that are there") {
  json space = json::parse(R"({"metadata":{"name":"a"}})");
  apply_defaults(*kind("Namespace").type, space);
  CHECK(space == json::parse(R"({"metadata":{"name":"a"},"status":{"phase":"Active"}})"));
  json node = json::parse(R"({"metadata":{"name":"a"},"spec":{}})");
  apply_defaults(*kind("Node").type, node);
  CHECK(node == json::parse(R"({"metadata":{"name":"a"},"spec":{}})"));
  json given = json::parse(R"({"spec":{"restartPolicy":"Never","containers":[],"terminationGracePeriodSeconds":0}})");
  apply_defaults(*kind("Pod").type, given);
  CHECK(given["spec"]["restartPolicy"] == "Never");
  CHECK(given["spec"]["terminationGracePeriodSeconds"] == 0);
}
