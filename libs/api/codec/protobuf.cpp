#include "libs/api/codec/protobuf.hpp"

#include <bit>
#include <chrono>

#include <fmt/format.h>

#include "libs/api/codec/json_tree.hpp"
#include "libs/api/codec/protobuf_wire.hpp"
#include "libs/api/time.hpp"
#include "libs/base/crypto/base64.hpp"

namespace kubeloop::api {
namespace {

constexpr std::string_view kMagic("k8s\0", 4);

Status bad(std::string message) { return Status(400, "BadRequest", std::move(message)); }

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + size > text.size()) return false;
    std::uint32_t point = lead & (0xffu >> (size + 1));
    for (std::size_t k = 1; k < size; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      if ((byte & 0xc0) != 0x80) return false;
      point = (point << 6) | (byte & 0x3fu);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[size] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    i += size;
  }
  return true;
}

// "1h5m0s", as Go writes durations; fractions of a second in decimal.
std::string go_duration(std::int64_t nanos) {
  if (nanos == 0) return "0s";
  const bool is_negative = nanos < 0;
  const std::uint64_t size = is_negative ? 0 - static_cast<std::uint64_t>(nanos) : static_cast<std::uint64_t>(nanos);
  const std::uint64_t seconds = size / 1'000'000'000;
  std::string fraction = fmt::format("{:09}", size % 1'000'000'000);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  std::string text = is_negative ? "-" : "";
  if (seconds >= 3600) text += fmt::format("{}h", seconds / 3600);
  if (seconds >= 60) text += fmt::format("{}m", seconds / 60 % 60);
  return text + fmt::format("{}{}{}s", seconds % 60, fraction.empty() ? "" : ".", fraction);
}

const Field* find_number(const Type& type, int number) {
  for (const Field& field : type.fields) {
    if (field.number == number) return &field;
  }
  return nullptr;
}

// Transcodes messages to document trees, in which decode_tree then checks values. Stops at the first error.
class Transcoder {
 public:
  Result<JsonNode> run(const Type& type, std::string_view message) {
    JsonNode object = JsonNode::make_object();
    read_struct(type, message, object, 1);
    if (!error_.empty()) return failure(bad(std::move(error_)));
    return object;
  }

 private:
  bool fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
    return false;
  }

  bool malformed(const Type& type) { return fail(fmt::format("protobuf: malformed message {}", type.name)); }

  bool count() {
    if (++values_ > kMaxJsonValues) return fail(fmt::format("protobuf: more than {} values", kMaxJsonValues));
    return true;
  }

  // Fields of the message become members of `object`; those of an embedded struct too.
  bool read_struct(const Type& type, std::string_view message, JsonNode& object, int depth) {
    if (depth > kMaxJsonDepth) return fail(fmt::format("protobuf: nested deeper than {} levels", kMaxJsonDepth));
    WireReader reader(message);
    while (auto wire = reader.next()) {
      const Field* field = find_number(type, wire->number);
      if (field == nullptr) continue;
      if (!read_field(*field, *wire, object, depth)) return error_.empty() ? malformed(type) : false;
    }
    return reader.failed() ? malformed(type) : true;
  }

  // False also when the wire type does not fit the field.
  bool read_field(const Field& field, const WireField& wire, JsonNode& object, int depth) {
    if (field.is_inline) {
      return wire.wire_type == 2 && read_struct(*field.type, wire.bytes, object, depth + 1);
    }
    JsonNode* slot = object.member(field.name);
    if (field.shape == Shape::kOne) {
      JsonNode value;
      if (!read_value(field, wire, value, depth)) return false;
      if (slot == nullptr) {
        object.add(field.name, std::move(value));
      } else {
        value.key = field.name;
        *slot = std::move(value);
      }
      return true;
    }
    if (slot == nullptr) {
      slot = &object.add(field.name, field.shape == Shape::kList ? JsonNode::make_list() : JsonNode::make_object());
    }
    if (field.shape == Shape::kList) return read_element(field, wire, *slot, depth);
    return read_entry(field, wire, *slot, depth);
  }

  bool read_element(const Field& field, const WireField& wire, JsonNode& list, int depth) {
    const bool is_whole = field.scalar == Scalar::kInt32 || field.scalar == Scalar::kInt64;
    if (is_whole && wire.wire_type == 2) {  // packed
      WireReader numbers(wire.bytes);
      while (!numbers.at_end() && !numbers.failed()) {
        if (!count()) return false;
        list.children.push_back(whole_number(field, numbers.varint()));
      }
      return !numbers.failed();
    }
    JsonNode value;
    if (!read_value(field, wire, value, depth)) return false;
    list.children.push_back(std::move(value));
    return true;
  }

  // A map travels as a list of messages {1: key, 2: value}; an absent value is the zero value.
  bool read_entry(const Field& field, const WireField& wire, JsonNode& map, int depth) {
    if (wire.wire_type != 2) return false;
    WireReader reader(wire.bytes);
    std::string key;
    JsonNode value;
    while (auto part = reader.next()) {
      if (part->number == 1) {
        if (part->wire_type != 2 || !is_utf8(part->bytes)) return false;
        key = part->bytes;
      } else if (part->number == 2 && !read_value(field, *part, value, depth)) {
        return false;
      }
    }
    if (reader.failed() || !count()) return false;
    map.add(std::move(key), std::move(value));
    return true;
  }

  static JsonNode whole_number(const Field& field, std::uint64_t value) {
    if (field.scalar == Scalar::kInt32) return JsonNode::make_integer(static_cast<std::int32_t>(value));
    return JsonNode::make_integer(static_cast<std::int64_t>(value));
  }

  bool read_value(const Field& field, const WireField& wire, JsonNode& out, int depth) {
    if (!count()) return false;
    switch (field.scalar) {
      case Scalar::kInt32:
      case Scalar::kInt64: out = whole_number(field, wire.value); return wire.wire_type == 0;
      case Scalar::kBool: out = JsonNode::make_bool(wire.value != 0); return wire.wire_type == 0;
      case Scalar::kDouble:
        out.kind = JsonNode::Kind::kNumber;
        out.text = nlohmann::json(std::bit_cast<double>(wire.value)).dump();
        return wire.wire_type == 1 && out.text != "null";  // null: not finite
      default: break;
    }
    if (wire.wire_type != 2) return false;
    switch (field.scalar) {
      case Scalar::kNone: out = JsonNode::make_object(); return read_struct(*field.type, wire.bytes, out, depth + 1);
      case Scalar::kString:
        if (!is_utf8(wire.bytes)) return fail(fmt::format("protobuf: {} is not valid UTF-8", field.name));
        out = JsonNode::make_string(std::string(wire.bytes));
        return true;
      case Scalar::kBytes: out = JsonNode::make_string(crypto::base64_encode(wire.bytes)); return true;
      case Scalar::kQuantity: return read_quantity(wire.bytes, out);
      case Scalar::kIntOrString: return read_int_or_string(wire.bytes, out);
      case Scalar::kTime:
      case Scalar::kMicroTime: return read_time(field, wire.bytes, out);
      case Scalar::kDuration: return read_duration(wire.bytes, out);
      case Scalar::kRaw: return read_raw(wire.bytes, out);
      default: return false;
    }
  }

  bool read_quantity(std::string_view message, JsonNode& out) {
    out = JsonNode::make_string("0");
    WireReader reader(message);
    while (auto part = reader.next()) {
      if (part->number != 1) continue;
      if (part->wire_type != 2 || !is_utf8(part->bytes)) return false;
      out.text = part->bytes.empty() ? "0" : std::string(part->bytes);
    }
    return !reader.failed();
  }

  // {1: 0 number or 1 string, 2: the number, 3: the string}
  bool read_int_or_string(std::string_view message, JsonNode& out) {
    bool is_string = false;
    std::int32_t number = 0;
    std::string_view text;
    WireReader reader(message);
    while (auto part = reader.next()) {
      if (part->number == 1) is_string = part->value != 0;
      if (part->number == 2) number = static_cast<std::int32_t>(part->value);
      if (part->number == 3) text = part->bytes;
    }
    if (reader.failed() || !is_utf8(text)) return false;
    out = is_string ? JsonNode::make_string(std::string(text)) : JsonNode::make_integer(number);
    return true;
  }

  // {1: seconds since 1970, 2: nanoseconds}; both zero is no time at all.
  bool read_time(const Field& field, std::string_view message, JsonNode& out) {
    std::int64_t seconds = 0;
    std::int64_t nanos = 0;
    WireReader reader(message);
    while (auto part = reader.next()) {
      if (part->number == 1) seconds = static_cast<std::int64_t>(part->value);
      if (part->number == 2) nanos = static_cast<std::int32_t>(part->value);
    }
    if (reader.failed()) return false;
    out = JsonNode();
    if (seconds == 0 && nanos == 0) return true;
    constexpr std::int64_t kLargest = 9'000'000'000;  // what fits a count of nanoseconds: the years 1684 to 2255
    if (seconds < -kLargest || seconds > kLargest || nanos < 0 || nanos >= 1'000'000'000) {
      return fail(fmt::format("protobuf: {} is out of range", field.name));
    }
    const WallTime time{std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanos)};
    out = JsonNode::make_string(field.scalar == Scalar::kTime ? format_time(time) : format_micro_time(time));
    return true;
  }

  bool read_duration(std::string_view message, JsonNode& out) {
    std::int64_t nanos = 0;
    WireReader reader(message);
    while (auto part = reader.next()) {
      if (part->number == 1) nanos = static_cast<std::int64_t>(part->value);
    }
    out = JsonNode::make_string(go_duration(nanos));
    return !reader.failed();
  }

  // {1: JSON text}
  bool read_raw(std::string_view message, JsonNode& out) {
    out = JsonNode();
    WireReader reader(message);
    while (auto part = reader.next()) {
      if (part->number != 1 || part->bytes.empty()) continue;
      // A value takes at least two bytes of text, so this keeps the whole document within the bound.
      values_ += part->bytes.size() / 2;
      if (!count()) return false;
      auto tree = parse_json_tree(part->bytes);
      if (!tree) return fail(tree.error().message);
      out = std::move(*tree);
    }
    return !reader.failed();
  }

  std::string error_;
  std::size_t values_ = 0;
};

// Unknown{1: TypeMeta{1: apiVersion, 2: kind}, 2: raw, 3: contentEncoding, 4: contentType}
struct Envelope {
  std::string api_version;
  std::string kind;
  std::string_view raw;
};

Result<Envelope> open_envelope(std::string_view body) {
  if (!body.starts_with(kMagic)) return failure(bad("the body is no Kubernetes protobuf message: its prefix is wrong"));
  Envelope envelope;
  std::string_view type_meta;
  WireReader reader(body.substr(kMagic.size()));
  while (auto part = reader.next()) {
    if (part->number == 1) type_meta = part->bytes;
    if (part->number == 2) envelope.raw = part->bytes;
    if (part->number == 3 && !part->bytes.empty()) return failure(bad("encoded protobuf bodies are not supported"));
  }
  WireReader meta(type_meta);
  while (auto part = meta.next()) {
    if (part->number == 1) envelope.api_version = part->bytes;
    if (part->number == 2) envelope.kind = part->bytes;
  }
  const bool is_text = is_utf8(envelope.api_version) && is_utf8(envelope.kind);
  if (reader.failed() || meta.failed() || !is_text) return failure(bad("protobuf: malformed envelope"));
  return envelope;
}

}  // namespace

Result<Decoded> decode_protobuf(const Schema& schema, const KindInfo& kind, std::string_view body) {
  if (body.size() > kMaxJsonBytes) {
    return failure(413, "RequestEntityTooLarge",
                   fmt::format("Request entity too large: limit is {}", kMaxJsonBytes));
  }
  auto envelope = open_envelope(body);
  if (!envelope) {
    return failure(bad(fmt::format("the object provided is unrecognized (must be of type {}): {}", kind.kind,
                                   envelope.error().message)));
  }
  Transcoder transcoder;
  auto object = transcoder.run(*kind.type, envelope->raw);
  if (!object) return failure(cannot_be_handled(kind.kind, kind.version, kind, object.error().message));
  if (!envelope->api_version.empty()) {
    object->add("apiVersion", JsonNode::make_string(std::move(envelope->api_version)));
  }
  if (!envelope->kind.empty()) object->add("kind", JsonNode::make_string(std::move(envelope->kind)));
  auto decoded = decode_tree(schema, kind, std::move(*object));
  // Only a map can hold a key twice; protobuf lets the last one win.
  if (decoded) decoded->warnings.clear();
  return decoded;
}

}  // namespace kubeloop::api
