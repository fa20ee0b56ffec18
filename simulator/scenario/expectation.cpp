#include "simulator/scenario/expectation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libs/api/schema/schema.hpp"
#include "libs/http/url.hpp"
#include "simulator/scenario/match.hpp"
#include "simulator/scenario/secret_text.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// "Ready" asks for True; "Ready=False" for that.
std::string check_condition(const json& object, const std::string& condition) {
  auto equals = condition.find('=');
  std::string type = condition.substr(0, equals);
  std::string wanted = equals == std::string::npos ? "True" : condition.substr(equals + 1);
  const json conditions = object.value("status", json::object()).value("conditions", json::array());
  for (const auto& entry : conditions) {
    if (entry.value("type", "") != type) continue;
    std::string status = entry.value("status", "");
    if (status == wanted) return "";
    std::string why = entry.value("message", entry.value("reason", ""));
    return fmt::format("condition {} is {}{}{}, expected {}", type, status, why.empty() ? "" : ": ", why, wanted);
  }
  return fmt::format("has no condition {} yet (phase {})", type,
                     object.value("status", json::object()).value("phase", "none"));
}

bool is_about(const json& event, const Expectation& expected, const std::string& kind) {
  const json about = event.value("involvedObject", json::object());
  return about.value("name", "") == expected.object.name && lower(about.value("kind", "")) == kind &&
         event.value("reason", "") == expected.event_reason &&
         event.value("message", "").find(expected.event_message) != std::string::npos;
}

awaitable<Result<std::string>> check_events(client::ApiClient& client, const Expectation& expected,
                                            std::string namespace_) {
  client::ListOptions options;
  options.namespace_ = namespace_.empty() ? "default" : namespace_;
  options.field_selector = "involvedObject.name=" + expected.object.name;
  auto text = co_await client.list(api::kEvents, options);
  if (!text) co_return std::unexpected(text.error());
  auto list = json::parse(*text, nullptr, false);
  if (!list.is_object()) co_return failure(500, "InternalError", "the server's list of events cannot be read");
  auto resource = find_resource(expected.object.kind);
  std::string kind = resource ? lower(std::string(resource->kind)) : "";
  std::int64_t count = 0;
  std::string reasons;
  for (const auto& event : list.value("items", json::array())) {
    if (is_about(event, expected, kind)) {
      ++count;
    } else {
      reasons += (reasons.empty() ? "" : "; ") + event.value("reason", "") + ": " + event.value("message", "");
    }
  }
  if (!expected.event_count && count > 0) co_return std::string();
  if (expected.event_count && count == *expected.event_count) co_return std::string();
  std::string wanted = expected.event_count ? fmt::format("{}", *expected.event_count) : "at least one";
  co_return fmt::format("has {} events {} \"{}\", expected {} (others: {})", count, expected.event_reason,
                        expected.event_message, wanted, reasons.empty() ? "none" : reasons);
}

// "" when the object is as asked.
std::string check_object(const json& object, const Expectation& expected) {
  std::string problem;
  if (!expected.condition.empty()) problem = check_condition(object, expected.condition);
  if (problem.empty() && expected.matches) {
    problem = without_secret_values(expected.object.kind, match_partially(object, *expected.matches));
  }
  return problem;
}

// How many of a kind are as asked; the answer names the first that is not.
awaitable<Result<Finding>> check_count(client::ApiClient& client, const Expectation& expected, api::Resource resource) {
  client::ListOptions options;
  if (resource.is_namespaced) options.namespace_ = expected.object.namespace_;
  options.label_selector = expected.selector;
  auto text = co_await client.list(resource, options);
  if (!text) co_return std::unexpected(text.error());
  auto list = json::parse(*text, nullptr, false);
  if (!list.is_object() || !list["items"].is_array()) {
    co_return failure(500, "InternalError", "the server's list cannot be read");
  }
  std::int64_t count = 0;
  std::string first_problem;
  for (const auto& object : list["items"]) {
    std::string problem = check_object(object, expected);
    if (problem.empty()) {
      ++count;
    } else if (first_problem.empty()) {
      first_problem = fmt::format("; {}: {}", object["metadata"].value("name", ""), problem);
    }
  }
  std::size_t size = list["items"].size();
  if (count == *expected.count) co_return Finding("", size);
  co_return Finding(
      fmt::format("{} {} are so, of {}, expected {}{}", count, resource.plural, size, *expected.count, first_problem),
      size);
}

}  // namespace

Result<api::Resource> find_resource(const std::string& kind) {
  std::string wanted = lower(kind);
  for (const auto& info : api::Schema::builtin().kinds()) {
    if (!info->is_served) continue;
    bool is_short = std::ranges::find(info->short_names, wanted) != info->short_names.end();
    if (wanted == lower(info->kind) || wanted == info->plural || wanted == info->singular || is_short) {
      return api::Resource{info->group, info->version, info->plural, info->kind, info->is_namespaced};
    }
  }
  return failure(400, "BadRequest", "the server knows no kind \"" + kind + "\"");
}

awaitable<Result<Finding>> check(client::ApiClient& client, const Expectation& expected) {
  auto resource = find_resource(expected.object.kind);
  if (!resource) co_return std::unexpected(resource.error());
  if (expected.count) co_return co_await check_count(client, expected, *resource);
  std::string namespace_ = expected.object.namespace_;
  if (resource->is_namespaced && namespace_.empty()) namespace_ = "default";
  client::Cause cause;
  auto text = co_await client.get(*resource, namespace_, expected.object.name, cause);
  std::string name = expected.object.text();
  if (!text && text.error().code != 404) co_return std::unexpected(text.error());
  if (expected.is_absent) co_return text ? Finding(name + " is still there") : Finding();
  bool asks_object = !expected.condition.empty() || expected.matches || expected.event_reason.empty();
  if (!text && asks_object) co_return Finding(name + " does not exist");
  if (text && asks_object) {
    auto object = json::parse(*text, nullptr, false);
    if (!object.is_object()) co_return failure(500, "InternalError", "the server's answer cannot be read");
    std::string problem = check_object(object, expected);
    if (!problem.empty()) co_return Finding(name + ": " + problem);
  }
  if (expected.event_reason.empty()) co_return Finding();
  auto events = co_await check_events(client, expected, namespace_);
  if (!events) co_return std::unexpected(events.error());
  co_return events->empty() ? Finding() : Finding(name + " " + *events);
}

}  // namespace kubeloop::simulator
