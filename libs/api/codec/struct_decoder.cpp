#include "libs/api/codec/struct_decoder.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "libs/api/quantity.hpp"
#include "libs/api/time.hpp"
#include "libs/base/crypto/base64.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;
using Kind = JsonNode::Kind;

// "core/v1.PodSpec" is PodSpec to a reader, and v1.PodSpec as a type.
std::string_view short_name(const Type& type) {
  return std::string_view(type.name).substr(type.name.find('.') + 1);
}
std::string_view shown_name(const Type& type) {
  return std::string_view(type.name).substr(type.name.find('/') + 1);
}

std::string_view scalar_name(Scalar scalar) {
  switch (scalar) {
    case Scalar::kInt32: return "int32";
    case Scalar::kInt64: return "int64";
    case Scalar::kBool: return "bool";
    case Scalar::kDouble: return "float64";
    case Scalar::kBytes: return "[]uint8";
    case Scalar::kQuantity: return "resource.Quantity";
    case Scalar::kIntOrString: return "intstr.IntOrString";
    case Scalar::kTime: return "v1.Time";
    case Scalar::kMicroTime: return "v1.MicroTime";
    case Scalar::kDuration: return "v1.Duration";
    default: return "string";
  }
}

std::string element_name(const Field& field) {
  return field.type != nullptr ? std::string(shown_name(*field.type)) : std::string(scalar_name(field.scalar));
}

// The type as messages write it: []v1.Container, map[string]string, v1.PullPolicy.
std::string type_name(const Field& field) {
  if (field.shape == Shape::kList) return "[]" + (field.alias.empty() ? element_name(field) : field.alias);
  if (!field.alias.empty()) return field.alias;
  return field.shape == Shape::kMap ? "map[string]" + element_name(field) : element_name(field);
}

// The kind of Go value that a strategic merge holds for it.
std::string_view go_kind(const JsonNode& node) {
  switch (node.kind) {
    case Kind::kInteger: return "int64";
    case Kind::kNumber: return "float64";
    case Kind::kList: return "slice";
    case Kind::kObject: return "map";
    default: return json_kind_name(node);
  }
}

// Why a value cannot become a scalar: Go could turn some numbers into the type but the converter will not, and others
// not even Go (source: fromUnstructured of apimachinery's converter).
std::string unconvertible(const JsonNode& node, Scalar scalar, std::string_view wanted) {
  const bool is_whole = node.kind == Kind::kInteger, is_number = is_whole || node.kind == Kind::kNumber;
  const bool is_integer = scalar == Scalar::kInt32 || scalar == Scalar::kInt64;
  if ((is_whole && scalar == Scalar::kString) || (is_number && is_integer)) {
    return fmt::format("cannot convert {} to {}", go_kind(node), wanted);
  }
  if (scalar == Scalar::kBytes) return fmt::format("cannot restore slice from {}", go_kind(node));
  return fmt::format("unrecognized type: {}", scalar_name(scalar));
}

// Whether Kubernetes' encoder leaves the value out of an omitempty field: structs and quantities are never empty.
bool is_empty(const Field& field, const json& value) {
  if (field.shape != Shape::kOne) return value.empty();
  switch (field.scalar) {
    case Scalar::kString:
    case Scalar::kBytes: return value.get_ref<const std::string&>().empty();
    case Scalar::kInt32:
    case Scalar::kInt64: return value.get<std::int64_t>() == 0;
    case Scalar::kBool: return !value.get<bool>();
    case Scalar::kDouble: return value.get<double>() == 0;
    default: return false;
  }
}

class StructDecoder {
 public:
  explicit StructDecoder(Wording wording) : is_converter_(wording == Wording::kStrategicMerge) {}

  Result<Decoded> run(const Type& type, JsonNode node) {
    Decoded decoded;
    decoded.object = json::object();
    if (node.kind != Kind::kObject) {
      fail(fmt::format("json: cannot unmarshal {} into Go value of type {}", json_kind_name(node), shown_name(type)));
    } else {
      decode_members(type, node, decoded.object);
    }
    if (error_) return failure(400, "BadRequest", std::move(*error_));
    decoded.warnings = std::move(warnings_);
    return decoded;
  }

 private:
  // The place in the document, shortened again when the guard goes.
  class Step {
   public:
    Step(std::string& path, const std::string& part) : path_(path), size_(path.size()) { path += part; }
    ~Step() { path_.resize(size_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string& path_;
    std::size_t size_;
  };

  static std::string dotted(const std::string& path, const std::string& key) { return path.empty() ? key : "." + key; }

  void fail(std::string message) {
    if (!error_) error_ = std::move(message);
  }

  void mismatch(std::string_view found, std::string_view wanted) {
    fail(fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}", found, struct_, fields_,
                     wanted));
  }

  void warn(std::string_view what, const std::string& key) {
    std::string text = fmt::format("{} field \"{}{}\"", what, path_, dotted(path_, key));
    if (warnings_.size() >= kMaxWarnings || std::ranges::find(warnings_, text) != warnings_.end()) return;
    warnings_.push_back(std::move(text));
  }

  void decode_members(const Type& type, JsonNode& node, json& out) {
    const std::string_view outer = struct_;
    std::vector<const Field*> seen;
    for (JsonNode& child : node.children) {
      const Field* field = type.find(child.key);
      if (field == nullptr) {
        warn("unknown", child.key);
        continue;
      }
      if (std::ranges::find(seen, field) != seen.end()) {
        warn("duplicate", child.key);
      } else {
        seen.push_back(field);
      }
      struct_ = short_name(type);
      decode_field(*field, child, out);
      if (error_) return;
    }
    struct_ = outer;
  }

  void decode_field(const Field& field, JsonNode& node, json& out) {
    if (node.kind == Kind::kNull) {
      out.erase(field.name);
      return;
    }
    Step in_document(path_, dotted(path_, field.name));
    Step in_struct(fields_, dotted(fields_, field.name));
    json value;
    if (field.shape == Shape::kList) {
      value = decode_list(field, node);
    } else if (field.shape == Shape::kMap) {
      value = decode_map(field, node);
    } else {
      value = decode_value(field, node);
    }
    if (error_) return;
    const bool is_no_time = value.is_null() && field.scalar == Scalar::kTime;
    if (is_no_time || (field.is_omitted_when_empty && !field.is_pointer && is_empty(field, value))) {
      out.erase(field.name);
    } else {
      out[field.name] = std::move(value);
    }
  }

  json decode_list(const Field& field, JsonNode& node) {
    json list = json::array();
    if (node.kind != Kind::kList) {
      if (is_converter_) fail(fmt::format("cannot restore slice from {}", go_kind(node)));
      mismatch(json_kind_name(node), type_name(field));
      return list;
    }
    const std::string_view outer = struct_;
    for (std::size_t i = 0; i < node.children.size() && !error_; ++i) {
      Step in_document(path_, fmt::format("[{}]", i));
      list.push_back(decode_element(field, node.children[i]));
      struct_ = outer;
    }
    return list;
  }

  json decode_map(const Field& field, JsonNode& node) {
    json map = json::object();
    if (node.kind != Kind::kObject) {
      if (is_converter_) fail(fmt::format("cannot restore map from {}", go_kind(node)));
      mismatch(json_kind_name(node), type_name(field));
      return map;
    }
    for (JsonNode& child : node.children) {
      if (map.contains(child.key)) warn("duplicate", child.key);
      Step in_document(path_, dotted(path_, child.key));
      json value = decode_element(field, child);
      if (error_) break;
      map[child.key] = std::move(value);
    }
    return map;
  }

  // A null element is the type's zero value, as it is in Go.
  json decode_element(const Field& field, JsonNode& node) {
    if (node.kind != Kind::kNull) return decode_value(field, node);
    switch (field.scalar) {
      case Scalar::kNone: return json::object();
      case Scalar::kInt32:
      case Scalar::kInt64:
      case Scalar::kDouble:
      case Scalar::kIntOrString: return json(0);
      case Scalar::kBool: return json(false);
      case Scalar::kQuantity: return json("0");
      case Scalar::kString:
      case Scalar::kBytes: return json("");
      default: return json(nullptr);
    }
  }

  json decode_value(const Field& field, JsonNode& node) {
    switch (field.scalar) {
      case Scalar::kNone: {
        json object = json::object();
        if (node.kind == Kind::kObject) {
          decode_members(*field.type, node, object);
        } else {
          if (is_converter_) fail(fmt::format("cannot restore struct from: {}", go_kind(node)));
          mismatch(json_kind_name(node), shown_name(*field.type));
        }
        return object;
      }
      case Scalar::kString:
        if (node.kind == Kind::kString) return json(std::move(node.text));
        break;
      case Scalar::kBool:
        if (node.kind == Kind::kBool) return json(node.boolean);
        break;
      case Scalar::kInt32:
      case Scalar::kInt64: return decode_integer(field, node);
      case Scalar::kDouble:
        if (node.kind == Kind::kInteger || node.kind == Kind::kNumber) return from_tree(std::move(node));
        break;
      case Scalar::kBytes: return decode_bytes(field, node);
      case Scalar::kQuantity: return decode_quantity(field, node);
      case Scalar::kIntOrString: return decode_int_or_string(node);
      case Scalar::kTime:
      case Scalar::kMicroTime: return decode_time(field, node);
      case Scalar::kDuration:
        if (node.kind == Kind::kString) return json(std::move(node.text));
        fail(fmt::format("json: cannot unmarshal {} into Go value of type string", json_kind_name(node)));
        return json();
      case Scalar::kRaw: return from_tree(std::move(node));
    }
    const bool has_own_name = !field.alias.empty() && field.shape != Shape::kMap;
    const auto wanted = has_own_name ? field.alias : element_name(field);
    if (is_converter_) fail(unconvertible(node, field.scalar, wanted));
    mismatch(json_kind_name(node), wanted);
    return json();
  }

  json decode_integer(const Field& field, JsonNode& node) {
    constexpr std::int64_t kLow = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t kHigh = std::numeric_limits<std::int32_t>::max();
    const bool is_narrow = field.scalar == Scalar::kInt32;
    if (node.kind == Kind::kInteger && (!is_narrow || (node.integer >= kLow && node.integer <= kHigh))) {
      return json(node.integer);
    }
    if (is_converter_) fail(unconvertible(node, field.scalar, element_name(field)));
    if (node.kind == Kind::kInteger) {
      mismatch(fmt::format("number {}", node.integer), element_name(field));
    } else if (node.kind == Kind::kNumber) {
      mismatch("number " + node.text, element_name(field));
    } else {
      mismatch(json_kind_name(node), element_name(field));
    }
    return json();
  }

  json decode_bytes(const Field& field, JsonNode& node) {
    if (node.kind != Kind::kString) {
      if (is_converter_) fail(unconvertible(node, field.scalar, ""));
      mismatch(json_kind_name(node), element_name(field));
      return json();
    }
    // Line breaks are legal in base64 and leave no trace.
    std::erase_if(node.text, [](char c) { return c == '\n' || c == '\r'; });
    if (!crypto::base64_decode(node.text)) {
      static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
      fail(fmt::format("{}illegal base64 data at input byte {}", is_converter_ ? "error decoding from json: " : "",
                       std::min(node.text.find_first_not_of(kAlphabet), node.text.size())));
    }
    return json(std::move(node.text));
  }

  json decode_quantity(const Field& field, JsonNode& node) {
    std::string text;
    if (node.kind == Kind::kInteger) {
      text = std::to_string(node.integer);
    } else if (node.kind == Kind::kString || node.kind == Kind::kNumber) {
      text = std::move(node.text);
      const auto start = text.find_first_not_of(" \t\n\r");
      text = start == std::string::npos ? "" : text.substr(start, text.find_last_not_of(" \t\n\r") - start + 1);
    } else {
      text = json_kind_name(node);
    }
    auto quantity = parse_quantity(text);
    if (!quantity) {
      fail(quantity.error().message);
      return json();
    }
    // Amounts of cpu, memory and the like are kept to a thousandth.
    const bool is_resource = field.shape == Shape::kMap && field.alias == "v1.ResourceList";
    return json(is_resource ? quantity->rounded_up_to_milli().text() : quantity->text());
  }

  json decode_int_or_string(JsonNode& node) {
    if (node.kind == Kind::kString) return json(std::move(node.text));
    constexpr std::int64_t kLow = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t kHigh = std::numeric_limits<std::int32_t>::max();
    if (node.kind == Kind::kInteger && node.integer >= kLow && node.integer <= kHigh) return json(node.integer);
    std::string found(json_kind_name(node));
    if (node.kind == Kind::kInteger) found += fmt::format(" {}", node.integer);
    if (node.kind == Kind::kNumber) found += " " + node.text;
    fail(fmt::format("json: cannot unmarshal {} into Go value of type int32", found));
    return json();
  }

  // Years that a count of nanoseconds cannot hold; such a time is kept as it was written.
  static bool is_outside_clock(const std::string& text) {
    return text.size() > 4 && (text < "1700" || text > "2200") &&
           std::ranges::all_of(text.substr(0, 4), [](unsigned char c) { return std::isdigit(c) != 0; });
  }

  json decode_time(const Field& field, JsonNode& node) {
    if (node.kind != Kind::kString) {
      fail(fmt::format("json: cannot unmarshal {} into Go value of type string", json_kind_name(node)));
      return json();
    }
    if (is_outside_clock(node.text) && parse_time("2000" + node.text.substr(4))) {
      // Go's zero time is written as null.
      return node.text == "0001-01-01T00:00:00Z" ? json(nullptr) : json(std::move(node.text));
    }
    auto time = is_outside_clock(node.text) ? std::nullopt : parse_time(node.text);
    const bool is_micro = field.scalar == Scalar::kMicroTime;
    if (!time) {
      fail(fmt::format("parsing time \"{}\" as \"2006-01-02T15:04:05{}Z07:00\": cannot parse \"{}\" as \"2006\"",
                       node.text, is_micro ? ".000000" : "", node.text));
      return json();
    }
    return json(is_micro ? format_micro_time(*time) : format_time(*time));
  }

  std::optional<std::string> error_;
  std::vector<std::string> warnings_;
  std::string path_;          // spec.containers[0].image, for warnings
  std::string fields_;        // spec.containers.image, for errors
  std::string_view struct_;   // Container: the struct whose field is being decoded
  bool is_converter_;         // complains in the converter's words, not the JSON decoder's
};

}  // namespace

std::string_view json_kind_name(const JsonNode& node) {
  switch (node.kind) {
    case Kind::kNull: return "null";
    case Kind::kBool: return "bool";
    case Kind::kInteger:
    case Kind::kNumber: return "number";
    case Kind::kString: return "string";
    case Kind::kList: return "array";
    case Kind::kObject: return "object";
  }
  return "";
}

Result<Decoded> decode_struct(const Type& type, JsonNode value, Wording wording) {
  StructDecoder decoder(wording);
  return decoder.run(type, std::move(value));
}

}  // namespace kubeloop::api
