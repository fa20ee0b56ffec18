#include "libs/api/codec/json.hpp"

#include <fmt/format.h>

#include "libs/api/codec/json_tree.hpp"
#include "libs/api/codec/struct_decoder.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;

void note_duplicates(const JsonNode& node, const std::string& path, std::vector<std::string>& out) {
  if (node.kind == JsonNode::Kind::kList) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      note_duplicates(node.children[i], fmt::format("{}[{}]", path, i), out);
    }
    return;
  }
  std::map<std::string_view, bool> seen;
  for (const JsonNode& child : node.children) {
    const std::string child_path = path.empty() ? child.key : path + "." + child.key;
    const bool is_new = seen.emplace(child.key, true).second;
    if (!is_new && out.size() < kMaxWarnings) out.push_back(fmt::format("duplicate field \"{}\"", child_path));
    if (!child.children.empty()) note_duplicates(child, child_path, out);
  }
}

// The start of a body that could not be read, as Kubernetes quotes it (source: apimachinery's summarizeData).
std::string summary(std::string_view body) {
  constexpr std::size_t kShown = 30;
  if (body.empty()) return "<empty>";
  const std::string_view shown = body.substr(0, kShown);
  const char* const dots = body.size() > kShown ? " ..." : "";
  if (body[0] == '{') return fmt::format("{}{}", shown, dots);
  std::string hex;
  for (unsigned char byte : shown) hex += fmt::format("{:02x}", byte);
  return hex + dots;
}

Status bad_request(std::string message) {
  return Status(400, "BadRequest", std::move(message));
}

// A member of the type meta; empty when absent or null.
Result<std::string> type_meta(JsonNode& document, std::string_view name) {
  JsonNode* member = document.member(name);
  if (member == nullptr || member->kind == JsonNode::Kind::kNull) return std::string();
  if (member->kind == JsonNode::Kind::kString) return member->text;
  return failure(400, "BadRequest",
                 fmt::format("couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go struct "
                             "field .{} of type string",
                             json_kind_name(*member), name));
}

// Options such as DeleteOptions are sent under any group's version.
bool takes_any_version(const KindInfo& kind) {
  return kind.type->name.starts_with("meta/v1.");
}

// Whether the body is what the path expects. Kubernetes complains only when it converts the body, hence the wording.
Result<void> check_kind(const Schema& schema, const KindInfo& expected, std::string& api_version, std::string& kind) {
  if (api_version.empty()) api_version = expected.api_version();
  if (kind.empty()) kind = expected.kind;
  const auto slash = api_version.find('/');
  const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  const std::string version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  if (kind != expected.kind) {
    if (schema.find_kind(group, version, kind) == nullptr) {
      return failure(cannot_be_handled(
          kind, version, expected,
          fmt::format("no kind \"{}\" is registered for version \"{}\" in scheme \"kubeloop\"", kind, api_version)));
    }
    return failure(cannot_be_handled(kind, version, expected,
                                     fmt::format("converting ({}.{}) to ({}.{}): unknown conversion", version, kind,
                                                 expected.group.empty() ? "core" : expected.group, expected.kind)));
  }
  if (api_version != expected.api_version() && !takes_any_version(expected)) {
    return failure(400, "BadRequest",
                   fmt::format("the API version in the data ({}) does not match the expected API version ({})",
                               api_version, expected.api_version()));
  }
  return {};
}

}  // namespace

Status cannot_be_handled(std::string_view kind, std::string_view version, const KindInfo& expected,
                         std::string_view why) {
  return bad_request(
      fmt::format("{} in version \"{}\" cannot be handled as a {}: {}", kind, version, expected.kind, why));
}

Result<json> parse_json(std::string_view text, std::vector<std::string>* duplicates) {
  auto tree = parse_json_tree(text);
  if (!tree) return std::unexpected(std::move(tree.error()));
  if (duplicates != nullptr) note_duplicates(*tree, "", *duplicates);
  return from_tree(std::move(*tree));
}

Result<Decoded> decode_object(const Schema& schema, const KindInfo& kind, std::string_view text) {
  auto tree = parse_json_tree(text);
  if (tree && tree->kind != JsonNode::Kind::kObject) {
    tree = failure(400, "BadRequest",
                   fmt::format("json: cannot unmarshal {} into Go value of type struct", json_kind_name(*tree)));
  }
  if (!tree) {
    if (tree.error().code != 400) return std::unexpected(std::move(tree.error()));
    return failure(
        bad_request(fmt::format("the object provided is unrecognized (must be of type {}): "
                                "couldn't get version/kind; json parse error: {} ({})",
                                kind.kind, tree.error().message, summary(text))));
  }
  return decode_tree(schema, kind, std::move(*tree));
}

Result<Decoded> decode_document(const Schema& schema, const KindInfo& kind, json document, Wording wording) {
  auto tree = to_tree(std::move(document));
  if (!tree) return std::unexpected(cannot_be_handled(kind.kind, kind.version, kind, tree.error().message));
  return decode_tree(schema, kind, std::move(*tree), wording);
}

Result<Decoded> decode_tree(const Schema& schema, const KindInfo& kind, JsonNode document, Wording wording) {
  auto api_version = type_meta(document, "apiVersion");
  auto name = type_meta(document, "kind");
  if (!api_version) return std::unexpected(std::move(api_version.error()));
  if (!name) return std::unexpected(std::move(name.error()));
  if (auto checked = check_kind(schema, kind, *api_version, *name); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  auto decoded = decode_struct(*kind.type, std::move(document), wording);
  if (!decoded && wording != Wording::kRequest) return decoded;
  if (!decoded) return failure(cannot_be_handled(*name, kind.version, kind, decoded.error().message));
  decoded->object["apiVersion"] = std::move(*api_version);
  decoded->object["kind"] = std::move(*name);
  return decoded;
}

}  // namespace kubeloop::api
