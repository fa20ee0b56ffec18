// Protobuf bodies of the workload kinds: what kubectl 1.33 sends (captured from its commands), and objects in which
// every field that the tables know is set, written here by the tables' field numbers.
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

json decoded(std::string_view group, std::string_view kind, std::string_view body) {
  const KindInfo* info = Schema::builtin().find_kind(group, "v1", kind);
  REQUIRE(info != nullptr);
  auto result = decode_protobuf(Schema::builtin(), *info, body);
  REQUIRE_MESSAGE(result.has_value(), result.error().message);
  CHECK(result->warnings.empty());
  return result->object;
}

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(value);
}
std::string bytes(int field, const std::string& value) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(value.size()) + value;
}

// A value in both forms. `wire` is the field's content: a varint, or what stands behind the length.
struct Sample {
  json value;
  std::string wire;
  bool is_varint = false;
};

Sample full_object(const Type& type);

Sample sample_of(const Field& field) {
  const auto n = static_cast<std::uint64_t>(field.number);
  switch (field.scalar) {
    case Scalar::kNone:
      return full_object(*field.type);
    case Scalar::kInt32:
    case Scalar::kInt64:
      return {n + 1000, varint(n + 1000), true};
    case Scalar::kBool:
      return {true, varint(1), true};
    case Scalar::kBytes:
      return {"eP8=", "x\xff"};
    case Scalar::kQuantity:
      return {std::to_string(n), bytes(1, std::to_string(n))};
    case Scalar::kIntOrString:
      return {"25%", number(1, 1) + number(2, 0) + bytes(3, "25%")};
    case Scalar::kTime:
      return {"2026-01-01T00:00:00Z", number(1, 1767225600)};
    case Scalar::kMicroTime:
      return {"2026-01-01T00:00:00.000005Z", number(1, 1767225600) + number(2, 5000)};
    case Scalar::kRaw:
      return {json::parse(R"({"f:a":{}})"), bytes(1, R"({"f:a":{}})")};
    default:
      break;
  }
  REQUIRE(field.scalar == Scalar::kString);
  return {"v" + std::to_string(n), "v" + std::to_string(n)};
}

// An object with every field of the type: lists have one element, maps one entry.
Sample full_object(const Type& type) {
  Sample out;
  out.value = json::object();
  for (const Field& field : type.fields) {
    if (field.is_inline) {
      if (field.number == 0) continue;  // apiVersion and kind: not in the message
      Sample inner = full_object(*field.type);
      out.value.update(inner.value);
      out.wire += bytes(field.number, inner.wire);
      continue;
    }
    Sample one = sample_of(field);
    if (field.shape == Shape::kMap) {
      REQUIRE_FALSE(one.is_varint);
      out.wire += bytes(field.number, bytes(1, "key") + bytes(2, one.wire));
      out.value[field.name]["key"] = one.value;
      continue;
    }
    out.wire += one.is_varint ? varint(static_cast<std::uint64_t>(field.number) << 3) + one.wire
                              : bytes(field.number, one.wire);
    if (field.shape == Shape::kList) {
      out.value[field.name].push_back(one.value);
    } else {
      out.value[field.name] = one.value;
    }
  }
  return out;
}

std::size_t count_fields(const json& value) {
  std::size_t count = 0;
  if (!value.is_structured()) return 1;
  for (const json& part : value) count += count_fields(part);
  return count;
}

}  // namespace

TEST_CASE("a deployment and a job as kubectl 1.33 sends them") {
  // create deployment pb --image=nginx:1.25 --replicas=2 --port=80
  CHECK(
      decoded(
          "apps", "Deployment",
          from_hex("6b3873000a150a07617070732f7631120a4465706c6f796d656e7412b9010a1d0a02706212001a0022002a0032003800"
                   "42005a090a036170701202706212890108021"
                   "20b0a090a03617070120270621a700a1b0a0012001a0022002a003200380042005a090a0361707012027062125112330a05"
                   "6e67696e78120a6e67696e783a312e32352a00320a0a00100018502200"
                   "2a0042006a0072008001008801009001"
                   "00a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a00280038001a0c080010001800"
                   "2000280038001a002200")) == json::parse(R"({
    "apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"pb","labels":{"app":"pb"}},"spec":{"replicas":2,
    "selector":{"matchLabels":{"app":"pb"}},"strategy":{},"template":{"metadata":{"labels":{"app":"pb"}},"spec":{
    "containers":[{"name":"nginx","image":"nginx:1.25","ports":[{"containerPort":80}],"resources":{}}]}}},
    "status":{}})"));
  // create job pbj --image=busybox:1.36 -- sh -c 'exit 0'
  CHECK(decoded("batch", "Job",
                from_hex(
                    "6b3873000a0f0a0862617463682f763112034a6f621291010a130a0370626a12001a0022002a003200380042001270"
                    "326e0a100a0012001a0022002a00320038004200125a12370a0370626a120c62757379626f783a312e33361a0273681a02"
                    "2d631a06657869742030"
                    "2a0042006a0072008001008801009001"
                    "00a201001a054e65766572320042004a0052005800600068008201008a01009a0100c201001a082000280030003a00"
                    "1a002200")) == json::parse(R"({
    "apiVersion":"batch/v1","kind":"Job","metadata":{"name":"pbj"},"spec":{"template":{"metadata":{},"spec":{
    "containers":[{"name":"pbj","image":"busybox:1.36","command":["sh","-c","exit 0"],"resources":{}}],
    "restartPolicy":"Never"}}},"status":{}})"));
}

TEST_CASE("every field of the workload kinds comes through") {
  struct Case {
    const char* group;
    const char* kind;
    std::size_t least;  // so many values, or the sample is not what it is meant to be
  };
  for (const Case& one : {Case{"apps", "Deployment", 600}, Case{"apps", "ReplicaSet", 600}, Case{"batch", "Job", 600},
                          Case{"autoscaling", "Scale", 20}}) {
    const KindInfo* info = Schema::builtin().find_kind(one.group, "v1", one.kind);
    REQUIRE(info != nullptr);
    Sample sample = full_object(*info->type);
    CHECK(count_fields(sample.value) > one.least);
    json expected = sample.value;
    expected["apiVersion"] = info->api_version();
    expected["kind"] = one.kind;
    const std::string body = std::string("k8s\0", 4) + bytes(1, bytes(1, info->api_version()) + bytes(2, one.kind)) +
                             bytes(2, sample.wire) + bytes(3, "") + bytes(4, "");
    json object = decoded(one.group, one.kind, body);
    CHECK(json::diff(expected, object).dump() == "[]");
  }
}
