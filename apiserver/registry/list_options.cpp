#include "apiserver/registry/list_options.hpp"

#include <charconv>

#include "apiserver/registry/event_conversion.hpp"
#include "apiserver/registry/object_header.hpp"
#include "libs/api/status.hpp"

namespace kubeloop::apiserver {
namespace {

constexpr std::string_view kSpecHost = "spec.host";  // the old name of spec.nodeName

Result<std::int64_t> read_integer(const RequestContext& ctx, std::string_view name) {
  auto text = ctx.url.get(name);
  if (text.empty()) return 0;
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  return failure(api::bad_request("strconv.ParseInt: parsing " + api::go_quoted(text) + ": invalid syntax"));
}

bool read_bool(std::string_view text) {
  return text != "false" && text != "0" && text != "False" && text != "FALSE";
}

void check_list(const ListOptions& options, FieldErrors& errors) {
  const char* path = "resourceVersionMatch";
  const auto& match = options.revision_match;
  if (!match.empty()) {
    if (options.resource_version.empty()) {
      errors.push_back(
          api::field::forbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (!options.continue_token.empty()) {
      errors.push_back(api::field::forbidden(path, "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (match != "Exact" && match != "NotOlderThan") {
      errors.push_back(api::field::not_supported(path, match, {"Exact", "NotOlderThan", ""}));
    }
    if (match == "Exact" && options.resource_version == "0") {
      errors.push_back(
          api::field::forbidden(path, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
    }
  }
  if (options.send_initial_events) {
    errors.push_back(api::field::forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
}

void check_watch(const ListOptions& options, FieldErrors& errors) {
  const char* path = "resourceVersionMatch";
  const auto& match = options.revision_match;
  if (options.send_initial_events && match != "NotOlderThan") {
    errors.push_back(
        api::field::forbidden(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  }
  if (match.empty()) return;
  if (!options.send_initial_events) {
    errors.push_back(api::field::forbidden(
        path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  }
  if (match != "NotOlderThan") errors.push_back(api::field::not_supported(path, match, {"NotOlderThan"}));
}

Result<void> read_selectors(const RequestContext& ctx, const Endpoint& endpoint, ListOptions& out) {
  auto labels = api::parse_label_selector(ctx.url.get("labelSelector"));
  if (!labels) return std::unexpected(labels.error());
  out.labels = std::move(*labels);
  auto fields = api::parse_field_selector(ctx.url.get("fieldSelector"));
  if (!fields) return std::unexpected(fields.error());
  auto selectable = endpoint.kind->selectable_fields;
  if (endpoint.kind->plural == "pods") selectable.emplace_back(kSpecHost);
  if (auto ok = api::check_fields(*fields, selectable); !ok) return ok;
  out.fields = std::move(*fields);
  out.is_converted = endpoint.is_converted();
  return {};
}

Result<void> read_numbers(const RequestContext& ctx, ListOptions& out) {
  auto limit = read_integer(ctx, "limit");
  if (!limit) return std::unexpected(limit.error());
  out.limit = std::max<std::int64_t>(*limit, 0);
  auto timeout = read_integer(ctx, "timeoutSeconds");
  if (!timeout) return std::unexpected(timeout.error());
  out.timeout_seconds = *timeout;
  return {};
}

}  // namespace

bool ListOptions::matches(const Header& header) const {
  if (!labels.is_everything() && !labels.matches(header.labels)) return false;
  if (fields.is_everything()) return true;
  auto lookup = [&](std::string_view field) {
    if (is_converted) return header_field(header, core_event_field(field));
    return header_field(header, field == kSpecHost ? std::string_view("spec.nodeName") : field);
  };
  return fields.matches(lookup);
}

Result<Revision> parse_revision(std::string_view text) {
  Revision value = 0;
  if (text.empty()) return value;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  auto quoted = api::go_quoted(text);
  const char* why = error == std::errc::result_out_of_range ? "value out of range" : "invalid syntax";
  return failure(500, "",
                 "resourceVersion: Invalid value: " + quoted + ": strconv.ParseUint: parsing " + quoted + ": " + why);
}

Result<ListOptions> read_list_options(const RequestContext& ctx, const Endpoint& endpoint) {
  ListOptions out;
  if (auto ok = read_numbers(ctx, out); !ok) return std::unexpected(ok.error());
  if (auto ok = read_selectors(ctx, endpoint, out); !ok) return std::unexpected(ok.error());
  out.continue_token = ctx.url.get("continue");
  out.resource_version = ctx.url.get("resourceVersion");
  out.revision_match = ctx.url.get("resourceVersionMatch");
  out.allow_bookmarks = ctx.url.has("allowWatchBookmarks") && read_bool(ctx.url.get("allowWatchBookmarks"));
  if (ctx.url.has("sendInitialEvents")) out.send_initial_events = read_bool(ctx.url.get("sendInitialEvents"));
  bool is_watch = ctx.info.verb == "watch";
  FieldErrors errors;
  if (is_watch) {
    check_watch(out, errors);
  } else {
    check_list(out, errors);
  }
  if (!errors.empty()) return failure(api::invalid("ListOptions.meta.k8s.io", "", std::move(errors)));
  auto revision = parse_revision(out.resource_version);
  if (!revision) {
    if (is_watch) return std::unexpected(revision.error());
    return failure(api::bad_request("invalid resource version: " + revision.error().message));
  }
  out.revision = *revision;
  return out;
}

}  // namespace kubeloop::apiserver
