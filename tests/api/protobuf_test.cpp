// Protobuf bodies: what real kubectl 1.33 sends (captured from its commands), and hostile bytes.
#include <doctest/doctest.h>

#include <string>

#include "libs/api/codec/protobuf.hpp"

using namespace kubeloop;
using namespace kubeloop::api;
using nlohmann::json;

namespace {

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

Result<Decoded> decode(std::string_view body, std::string_view kind, std::string_view group = "") {
  const KindInfo* info = Schema::builtin().find_kind(group, "v1", kind);
  REQUIRE(info != nullptr);
  return decode_protobuf(Schema::builtin(), *info, body);
}

json object_of(std::string_view hex, std::string_view kind, std::string_view group = "") {
  auto decoded = decode(from_hex(hex), kind, group);
  REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message);
  CHECK(decoded->warnings.empty());
  return decoded->object;
}

// Writers for messages of our own.
std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) { return varint(field << 3) + varint(value); }
std::string bytes(int field, const std::string& value) { return varint(field << 3 | 2) + varint(value.size()) + value; }
std::string envelope(const std::string& kind, const std::string& raw, const std::string& version = "v1") {
  return std::string("k8s\0", 4) + bytes(1, bytes(1, version) + bytes(2, kind)) + bytes(2, raw) + bytes(3, "") +
         bytes(4, "");
}

std::string error_of(const std::string& body, std::string_view kind) {
  auto decoded = decode(body, kind);
  if (decoded) return "";
  CHECK(decoded.error().code == 400);
  return decoded.error().message;
}

}  // namespace

TEST_CASE("bodies that kubectl 1.33 sends") {
  // create namespace demo
  CHECK(object_of("6b3873000a0f0a02763112094e616d657370616365121c0a140a0464656d6f12001a0022002a003200380042001200"
                  "1a020a001a002200",
                  "Namespace") ==
        json::parse(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"demo"},"spec":{},"status":{}})"));
  // create configmap c --from-literal=a=1 --from-literal=b=
  CHECK(object_of("6b3873000a0f0a0276311209436f6e6669674d617012220a110a016312001a0022002a0032003800420012060a0161120131"
                  "12050a016212001a002200",
                  "ConfigMap") ==
        json::parse(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1","b":""}})"));
  // create configmap d --from-file=bin (the bytes 'x' 0xff)
  CHECK(object_of("6b3873000a0f0a0276311209436f6e6669674d6170121e0a110a016412001a0022002a003200380042001a090a0362696e12"
                  "0278ff1a002200",
                  "ConfigMap")["binaryData"] == json::parse(R"({"bin":"eP8="})"));
  // create token robot --duration=10m
  CHECK(object_of("6b3873000a280a1861757468656e7469636174696f6e2e6b38732e696f2f7631120c546f6b656e52657175657374121d0a10"
                  "0a0012001a0022002a00320038004200120320d8041a040a0012001a002200",
                  "TokenRequest", "authentication.k8s.io") ==
        json::parse(R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","metadata":{},
                        "spec":{"expirationSeconds":600},"status":{"token":""}})"));
  // drain --grace-period=7 --disable-eviction: the body of a DELETE
  CHECK(object_of("6b3873000a130a027631120d44656c6574654f7074696f6e73120208071a002200", "DeleteOptions") ==
        json::parse(R"({"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":7})"));
}

TEST_CASE("the pod of kubectl 1.33 debug node/n1") {
  const json pod = object_of(
      "6b3873000a090a0276311203506f6412d9010a260a166e6f64652d64656275676765722d6e312d736436373212001a002200"
      "2a003200380042001299010a120a09686f73742d726f6f7412050a030a012f124f0a08646562756767657212076275737962"
      "6f781a05736c6565701a01312a0042004a180a09686f73742d726f6f7410001a052f686f7374220032006a00720080010088"
      "0100900100a2010446696c651a054e65766572320042004a0052026e315801600168018201008a01009a0100b2010e0a0012"
      "064578697374731a002200c201001a130a001a0022002a0032004a005a0072008801001a002200",
      "Pod");
  CHECK(pod == json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"node-debugger-n1-sd672"},"spec":{
    "volumes":[{"name":"host-root","hostPath":{"path":"/"}}],
    "containers":[{"name":"debugger","image":"busybox","command":["sleep","1"],"resources":{},
      "volumeMounts":[{"name":"host-root","mountPath":"/host"}],"terminationMessagePolicy":"File"}],
    "restartPolicy":"Never","nodeName":"n1","hostNetwork":true,"hostPID":true,"hostIPC":true,
    "tolerations":[{"operator":"Exists"}]},"status":{}})"));
}

TEST_CASE("the special forms of the wire") {
  const std::string raw_fields = bytes(1, R"({"f:a":{}})");
  const std::string entry = bytes(1, "me") + bytes(7, raw_fields) + bytes(4, number(1, 1767225600));
  const std::string meta = bytes(1, "p") + number(10, 0) + bytes(9, number(1, 1767225600) + number(2, 5)) +
                           bytes(17, entry) + bytes(11, bytes(1, "k") + bytes(2, "v")) + bytes(14, "f1") +
                           bytes(14, "f2") + bytes(99, "unknown");
  const std::string port = number(1, 1) + number(2, 0) + bytes(3, "http");
  const std::string probe = bytes(1, bytes(2, bytes(1, "/") + bytes(2, port))) + number(2, 0) + number(3, 1);
  const std::string limits = bytes(1, "cpu") + bytes(2, bytes(1, "1000m"));
  const std::string container = bytes(1, "c") + bytes(8, bytes(1, limits)) + bytes(10, probe);
  const std::string volume = bytes(1, "v") + bytes(2, bytes(2, bytes(2, bytes(1, "1Mi"))));
  const std::string security =
      bytes(4, varint(7) + varint(8)) + number(4, 9) + number(2, static_cast<std::uint64_t>(-1));
  const std::string spec = bytes(1, volume) + bytes(2, container) + number(4, 0) + number(25, 0) + bytes(10, "") +
                           number(11, 0) + bytes(14, security);
  auto decoded = decode(envelope("Pod", bytes(1, meta) + bytes(2, spec)), "Pod");
  REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message);
  CHECK(decoded->object == json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p",
      "deletionGracePeriodSeconds":0,"deletionTimestamp":"2026-01-01T00:00:00Z","labels":{"k":"v"},
      "finalizers":["f1","f2"],
      "managedFields":[{"manager":"me","time":"2026-01-01T00:00:00Z","fieldsV1":{"f:a":{}}}]},
    "spec":{"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Mi"}}],
      "containers":[{"name":"c","resources":{"limits":{"cpu":"1"}},
        "livenessProbe":{"httpGet":{"path":"/","port":"http"},"timeoutSeconds":1}}],
      "terminationGracePeriodSeconds":0,"priority":0,
      "securityContext":{"supplementalGroups":[7,8,9],"runAsUser":-1}}})"));
}

TEST_CASE("other bodies, and kinds that do not fit") {
  CHECK(error_of("{}", "Pod").find("must be of type Pod") != std::string::npos);
  CHECK(error_of("", "Pod").find("must be of type Pod") != std::string::npos);
  CHECK(error_of(envelope("ConfigMap", ""), "Pod").find("converting (v1.ConfigMap) to (core.Pod)") !=
        std::string::npos);
  CHECK(error_of(envelope("Pod", "", "v2"), "Pod").find("API version in the data (v2)") != std::string::npos);
  CHECK(error_of(envelope("Pod", bytes(2, bytes(2, bytes(1, "\xff")))), "Pod").find("not valid UTF-8") !=
        std::string::npos);
  const std::string quantity = bytes(1, "cpu") + bytes(2, bytes(1, "x"));
  CHECK(error_of(envelope("Node", bytes(3, bytes(1, quantity))), "Node").find("quantities must match") !=
        std::string::npos);
  CHECK(decode(envelope("Pod", ""), "Pod")->object == json::parse(R"({"apiVersion":"v1","kind":"Pod"})"));
}

TEST_CASE("hostile bytes are refused, never read past") {
  const std::string whole = envelope("Pod", bytes(1, bytes(1, "name") + bytes(11, bytes(1, "k") + bytes(2, "v"))));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    decode(whole.substr(0, size), "Pod");  // any outcome but a crash
  }
  for (std::size_t at = 4; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      decode(changed, "Pod");
    }
  }
  CHECK(error_of(envelope("Pod", std::string(20, '\xff')), "Pod").find("malformed") != std::string::npos);
  CHECK(error_of(envelope("Pod", number(1, 5)), "Pod").find("malformed") != std::string::npos);  // wrong wire type
  const std::string group("\x0b\x0c", 2);
  CHECK(error_of(envelope("Pod", group), "Pod").find("malformed") != std::string::npos);
  const std::string long_field = varint(1 << 3 | 2) + varint(1ull << 60);
  CHECK(error_of(envelope("Pod", long_field), "Pod").find("malformed") != std::string::npos);
  // Two bytes an element: bounded by the count of values, not by memory.
  std::string many;
  for (std::size_t i = 0; i <= kMaxJsonValues; ++i) many += bytes(2, "");
  CHECK(error_of(envelope("Pod", bytes(2, many)), "Pod").find("more than 500000 values") != std::string::npos);
  const std::string deep = bytes(1, std::string(200, '['));
  const std::string with_raw = envelope("Pod", bytes(1, bytes(17, bytes(7, deep))));
  CHECK(error_of(with_raw, "Pod").find("nested deeper") != std::string::npos);
  CHECK(decode(std::string(kMaxJsonBytes + 1, 'k'), "Pod").error().code == 413);
}
