#include "apiserver/registry/body.hpp"

#include <algorithm>
#include <charconv>

#include "apiserver/strategies/strategy.hpp"
#include "libs/api/codec/protobuf.hpp"
#include "libs/api/codec/yaml.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::apiserver {
namespace {

std::string media_type(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  std::string out(type);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

Result<api::Decoded> decode(const RequestContext& ctx, BodyType type, const api::Schema& schema,
                            const api::KindInfo& kind) {
  const auto& body = ctx.request.body;
  if (body.size() > api::kMaxJsonBytes) {
    return failure(api::too_large("limit is " + std::to_string(api::kMaxJsonBytes)));
  }
  switch (type) {
    case BodyType::kProtobuf:
      return api::decode_protobuf(schema, kind, body);
    case BodyType::kYaml: {
      auto documents = api::parse_yaml(body, "body");
      if (!documents) return std::unexpected(documents.error());
      if (documents->size() != 1) return failure(api::bad_request("the body must hold one YAML document"));
      return api::decode_document(schema, kind, std::move(documents->front().value));
    }
    case BodyType::kJson:
      break;
  }
  return api::decode_object(schema, kind, body);
}

Status invalid_options(std::string_view kind, StatusCause cause) {
  std::vector<StatusCause> causes;
  causes.push_back(std::move(cause));
  return api::invalid(std::string(kind) + ".meta.k8s.io", "", std::move(causes));
}

Result<void> check_dry_run(const std::string& value, std::string_view kind) {
  if (value.empty() || value == "All") return {};
  return failure(invalid_options(kind, api::field::not_supported("dryRun", value, {"All"})));
}

Result<std::optional<std::int64_t>> read_integer(const RequestContext& ctx, std::string_view name) {
  auto text = ctx.url.get(name);
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return failure(api::bad_request("strconv.ParseInt: parsing " + api::go_quoted(text) + ": invalid syntax"));
  }
  return value;
}

Result<DeleteOptions> delete_options_of_query(const RequestContext& ctx) {
  DeleteOptions out;
  auto grace = read_integer(ctx, "gracePeriodSeconds");
  if (!grace) return std::unexpected(grace.error());
  out.grace_seconds = *grace;
  out.propagation_policy = ctx.url.get("propagationPolicy");
  if (ctx.url.has("orphanDependents")) out.orphan_dependents = ctx.url.get("orphanDependents") != "false";
  std::string dry_run(ctx.url.get("dryRun"));
  if (auto ok = check_dry_run(dry_run, "DeleteOptions"); !ok) return std::unexpected(ok.error());
  out.is_dry_run = !dry_run.empty();
  return out;
}

Result<void> check_propagation(const DeleteOptions& options) {
  const auto& policy = options.propagation_policy;
  if (!policy.empty() && options.orphan_dependents) {
    return failure(invalid_options("DeleteOptions",
                                   api::field::invalid("propagationPolicy", policy,
                                                       "orphanDependents and deletionPropagation cannot be both set")));
  }
  if (policy.empty() || policy == "Foreground" || policy == "Background" || policy == "Orphan") return {};
  return failure(invalid_options(
      "DeleteOptions",
      api::field::not_supported("propagationPolicy", policy, {"Foreground", "Background", "Orphan", "nil"})));
}

}  // namespace

Result<DeleteOptions> delete_options_of(const Json& body) {
  DeleteOptions out;
  if (const auto& grace = member(body, "gracePeriodSeconds"); grace.is_number_integer()) {
    out.grace_seconds = grace.get<std::int64_t>();
  }
  out.propagation_policy = text_at(body, "propagationPolicy");
  if (const auto& orphan = member(body, "orphanDependents"); orphan.is_boolean()) {
    out.orphan_dependents = orphan.get<bool>();
  }
  const auto& preconditions = member(body, "preconditions");
  if (const auto& uid = member(preconditions, "uid"); uid.is_string()) out.uid = uid.get<std::string>();
  if (const auto& rv = member(preconditions, "resourceVersion"); rv.is_string()) {
    out.resource_version = rv.get<std::string>();
  }
  for (const auto& one : member(body, "dryRun")) {
    std::string value = one.is_string() ? one.get<std::string>() : "";
    if (auto ok = check_dry_run(value, "DeleteOptions"); !ok) return std::unexpected(ok.error());
    out.is_dry_run = true;
  }
  if (auto ok = check_propagation(out); !ok) return std::unexpected(ok.error());
  return out;
}

Result<BodyType> body_type(const RequestContext& ctx) {
  auto type = media_type(ctx.request.headers.get("Content-Type"));
  if (type.empty() || type == "application/json") return BodyType::kJson;
  if (type == "application/yaml") return BodyType::kYaml;
  if (type == api::kProtobufMediaType) return BodyType::kProtobuf;
  return failure(
      api::unsupported_media_type({"application/json", "application/yaml", std::string(api::kProtobufMediaType)}));
}

Result<void> apply_field_validation(RequestContext& ctx, const api::KindInfo& kind,
                                    const std::vector<std::string>& warnings) {
  auto mode = ctx.url.get("fieldValidation");
  if (warnings.empty() || mode == "Ignore") return {};
  if (mode != "Strict") {
    ctx.warnings.insert(ctx.warnings.end(), warnings.begin(), warnings.end());
    return {};
  }
  std::string all = "strict decoding error: ";
  for (std::size_t i = 0; i < warnings.size(); ++i) all += (i == 0 ? "" : ", ") + warnings[i];
  return failure(api::cannot_be_handled(kind.kind, kind.version, kind, all));
}

Result<Json> decode_body(RequestContext& ctx, const api::Schema& schema, const api::KindInfo& kind) {
  auto type = body_type(ctx);
  if (!type) return std::unexpected(type.error());
  auto decoded = decode(ctx, *type, schema, kind);
  if (!decoded) return std::unexpected(decoded.error());
  if (auto ok = apply_field_validation(ctx, kind, decoded->warnings); !ok) return std::unexpected(ok.error());
  api::apply_defaults(*kind.type, decoded->object);
  return std::move(decoded->object);
}

Result<void> check_write_options(const RequestContext& ctx, const char* options_kind) {
  if (auto ok = check_dry_run(std::string(ctx.url.get("dryRun")), options_kind); !ok) return ok;
  std::string mode(ctx.url.get("fieldValidation"));
  if (!mode.empty() && mode != "Ignore" && mode != "Warn" && mode != "Strict") {
    return failure(invalid_options(
        options_kind, api::field::not_supported("fieldValidation", mode, {"", "Ignore", "Strict", "Warn"})));
  }
  constexpr std::size_t kMaxManager = 128;
  std::string manager(ctx.url.get("fieldManager"));
  if (manager.size() > kMaxManager) {
    return failure(invalid_options(options_kind, api::field::too_long("fieldManager", kMaxManager)));
  }
  bool is_printable = std::ranges::all_of(manager, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
  if (!is_printable) {
    return failure(invalid_options(
        options_kind, api::field::invalid("fieldManager", manager, "should only contain printable characters")));
  }
  return {};
}

Result<DeleteOptions> read_delete_options(RequestContext& ctx, const api::Schema& schema) {
  Result<DeleteOptions> options;
  if (ctx.request.body.empty()) {
    options = delete_options_of_query(ctx);
    if (!options) return options;
    if (auto ok = check_propagation(*options); !ok) return std::unexpected(ok.error());
  } else {
    const auto* kind = schema.find_kind("", "v1", "DeleteOptions");
    if (!kind) kind = schema.find_kind("meta.k8s.io", "v1", "DeleteOptions");
    if (!kind) return failure(api::internal_error("the schema has no DeleteOptions"));
    auto type = body_type(ctx);
    if (!type) return std::unexpected(type.error());
    auto decoded = decode(ctx, *type, schema, *kind);
    if (!decoded) return std::unexpected(decoded.error());
    options = delete_options_of(decoded->object);
  }
  return options;
}

}  // namespace kubeloop::apiserver
