// Reads what a request carries: its body (JSON, YAML or protobuf) as an object of a kind, and the options of writes.
// Errors are Kubernetes': 400, 413, 415, 422. Pure but for the warnings it adds to the request.
#pragma once
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "apiserver/request_context.hpp"
#include "libs/api/codec/json.hpp"
#include "libs/api/schema/schema.hpp"
#include "libs/base/result.hpp"

namespace kubeloop::apiserver {

enum class BodyType { kJson, kYaml, kProtobuf };

// From Content-Type; none means JSON. 415 for what we do not read.
Result<BodyType> body_type(const RequestContext& ctx);

// The body as an object of `kind`, with the schema's defaults. Unknown and duplicate fields become an error or warnings
// by ?fieldValidation.
Result<nlohmann::json> decode_body(RequestContext& ctx, const api::Schema& schema, const api::KindInfo& kind);

// Warns about `warnings`, or refuses them, by ?fieldValidation (Warn when absent).
Result<void> apply_field_validation(RequestContext& ctx, const api::KindInfo& kind,
                                    const std::vector<std::string>& warnings);

// dryRun, fieldValidation, fieldManager of a create, update or patch. `options_kind`: CreateOptions, ...
Result<void> check_write_options(const RequestContext& ctx, const char* options_kind);

struct DeleteOptions {
  std::optional<std::int64_t> grace_seconds;
  std::string propagation_policy;  // "", Orphan, Background, Foreground
  std::optional<bool> orphan_dependents;
  std::optional<std::string> uid, resource_version;  // preconditions
  bool is_dry_run = false;

  DeleteOptions() = default;
};
// From the body when there is one, else from the query.
Result<DeleteOptions> read_delete_options(RequestContext& ctx, const api::Schema& schema);
// From a decoded DeleteOptions object; null has no options.
Result<DeleteOptions> delete_options_of(const nlohmann::json& object);

}  // namespace kubeloop::apiserver
