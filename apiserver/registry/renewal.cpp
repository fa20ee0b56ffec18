#include "apiserver/registry/renewal.hpp"

#include <algorithm>
#include <charconv>

#include "apiserver/flow_stages.hpp"
#include "apiserver/registry/admit.hpp"
#include "apiserver/registry/commit.hpp"
#include "libs/api/codec/plain_json.hpp"
#include "libs/api/time.hpp"
#include "libs/base/find_text.hpp"

namespace kubeloop::apiserver {
namespace {

// "2026-01-01T00:00:00.000000Z"
constexpr std::size_t kMicroTime = 27;

bool is_canonical(std::string_view time) {
  return time.size() == kMicroTime && time.starts_with("20") && time[10] == 'T' && time.back() == 'Z' &&
         api::parse_time(time).has_value();
}

// Where the heartbeat's time begins in the stored form; npos when it has none. `,"spec":{` stands nowhere in the
// metadata: there only texts have names of the user's choice.
std::size_t find_time(std::string_view stored, std::size_t from, std::string_view field) {
  auto spec = find_text(stored, ",\"spec\":{", from);
  std::string name = "\"" + std::string(field) + "\":\"";
  auto at = stored.rfind(name);
  if (spec == std::string_view::npos || at == std::string_view::npos || at < spec) return std::string_view::npos;
  at += name.size();
  return stored.size() - at > kMicroTime && stored[at + kMicroTime] == '"' ? at : std::string_view::npos;
}

bool is_plain_put(const RequestContext& ctx, const Endpoint& endpoint) {
  return !endpoint.strategy->heartbeat.empty() && ctx.info.subresource.empty() && !endpoint.is_converted() &&
         ctx.url.query.empty() && ctx.request.headers.get("Content-Type") == "application/json";
}

}  // namespace

std::optional<Renewal> plan_renewal(const RequestContext& ctx, const Endpoint& endpoint, StoredObjectPtr current) {
  if (!is_plain_put(ctx, endpoint) || !current || !current->value) return std::nullopt;
  std::string_view stored = *current->value;
  std::string_view body = ctx.request.body;
  while (body.ends_with('\n')) body.remove_suffix(1);
  char digits[20];
  auto end = std::to_chars(digits, digits + sizeof digits, current->revision).ptr;
  std::string_view revision(digits, end);
  std::size_t hole = current->header->revision_offset;
  if (body.size() != stored.size() + revision.size() || hole > stored.size()) return std::nullopt;
  auto at = find_time(stored, hole, endpoint.strategy->heartbeat);
  // A write may be what an object that is being deleted waits for.
  bool is_deleting = find_text(stored, "\"deletionTimestamp\":") != std::string_view::npos;
  if (at == std::string_view::npos || is_deleting) return std::nullopt;
  auto rest = body.substr(hole + revision.size());  // what the stored form has from its hole on
  auto time = rest.substr(at - hole, kMicroTime);
  auto behind = at + kMicroTime;
  bool is_same = body.substr(0, hole) == stored.substr(0, hole) && body.substr(hole, revision.size()) == revision &&
                 rest.substr(0, at - hole) == stored.substr(hole, at - hole) &&
                 rest.substr(behind - hole) == stored.substr(behind);
  if (!is_same || time == stored.substr(at, kMicroTime) || !is_canonical(time)) return std::nullopt;
  std::string value(stored);
  value.replace(at, kMicroTime, time);
  Renewal renewal;
  renewal.current = std::move(current);
  renewal.value = std::make_shared<const std::string>(std::move(value));
  return renewal;
}

namespace {

// "2026-01-01T00:00:00Z"
constexpr std::size_t kTime = 20;

// Members and their values, all texts, as they stand in the document.
using TextMembers = std::vector<std::pair<std::string_view, std::string_view>>;

const std::string_view* find_member(const TextMembers& members, std::string_view name) {
  auto it = std::ranges::find(members, name, &TextMembers::value_type::first);
  return it == members.end() ? nullptr : &it->second;
}

// A list of objects whose members are all texts; false for any other.
bool read_text_objects(api::PlainJson& json, std::vector<TextMembers>& out) {
  if (!json.take('[')) return false;
  do {
    auto& members = out.emplace_back();
    if (!json.take('{')) return false;
    do {
      std::string_view name, value;
      if (json.peek() != '"' || !json.string(name) || !json.take(':')) return false;
      if (json.peek() != '"' || !json.string(value)) return false;
      members.emplace_back(name, value);
    } while (json.take(','));
    if (!json.take('}')) return false;
  } while (json.take(','));
  return json.take(']') && json.is_compact();  // compact: every text is a piece of the document itself
}

struct ConditionPatch {
  std::vector<TextMembers> order, conditions;
};

// {"status":{"$setElementOrder/conditions":[..],"conditions":[..]}}, nothing else.
bool read_condition_patch(std::string_view body, ConditionPatch& out) {
  api::PlainJson json(body);
  std::string_view name;
  if (!json.take('{') || json.peek() != '"' || !json.string(name) || name != "status") return false;
  if (!json.take(':') || !json.take('{')) return false;
  do {
    if (json.peek() != '"' || !json.string(name) || !json.take(':')) return false;
    bool is_order = name == "$setElementOrder/conditions";
    if (!is_order && name != "conditions") return false;
    auto& list = is_order ? out.order : out.conditions;
    if (!list.empty() || !read_text_objects(json, list)) return false;
  } while (json.take(','));
  return json.take('}') && json.take('}') && json.peek() == '\0' && json.at() == body.data() + body.size();
}

// The conditions in the stored form: the status comes last, and nothing before them in it has a member of their name.
bool read_stored_conditions(std::string_view stored, std::vector<TextMembers>& out) {
  constexpr std::string_view kName = "\"conditions\":";
  auto status = stored.rfind(",\"status\":{");
  auto at = status == std::string_view::npos ? status : stored.find(kName, status);
  if (at == std::string_view::npos) return false;
  api::PlainJson json(stored.substr(at + kName.size()));
  return read_text_objects(json, out);
}

// Whether the patch leaves the order as it is: it names every condition, and no other, in that order.
bool keeps_order(const std::vector<TextMembers>& order, const std::vector<TextMembers>& stored) {
  if (order.size() != stored.size()) return false;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto* type = find_member(stored[i], "type");
    if (order[i].size() != 1 || order[i][0].first != "type" || !type || order[i][0].second != *type) return false;
  }
  return true;
}

// Where the heartbeat stands that `patch` moves; nothing when it changes anything else, or comes out of order. `from`:
// the first condition that it can be of.
std::optional<std::string_view> moved_heartbeat(const TextMembers& patch, const std::vector<TextMembers>& stored,
                                                std::size_t& from, std::string_view heartbeat) {
  const auto* type = find_member(patch, "type");
  if (!type) return std::nullopt;
  auto has_type = [&](const TextMembers& one) {
    const auto* other = find_member(one, "type");
    return other && *other == *type;
  };
  auto it = std::find_if(stored.begin() + static_cast<std::ptrdiff_t>(from), stored.end(), has_type);
  if (it == stored.end()) return std::nullopt;
  from = static_cast<std::size_t>(it - stored.begin()) + 1;
  for (const auto& [name, value] : patch) {
    const auto* old = find_member(*it, name);
    if (!old || (name != heartbeat && *old != value)) return std::nullopt;
  }
  const auto* old = find_member(*it, heartbeat);
  return old ? std::optional(*old) : std::nullopt;
}

bool is_canonical_second(std::string_view time) {
  return time.size() == kTime && time.starts_with("20") && time[10] == 'T' && time.back() == 'Z' &&
         api::parse_time(time).has_value();
}

bool is_status_patch(const RequestContext& ctx, const Endpoint& endpoint) {
  return !endpoint.strategy->heartbeat.empty() && ctx.info.subresource == "status" && !endpoint.is_converted() &&
         ctx.url.query.empty() && ctx.request.headers.get("Content-Type") == "application/strategic-merge-patch+json";
}

}  // namespace

std::optional<Renewal> plan_condition_renewal(const RequestContext& ctx, const Endpoint& endpoint,
                                              StoredObjectPtr current) {
  if (!is_status_patch(ctx, endpoint) || !current || !current->value) return std::nullopt;
  std::string_view stored = *current->value;
  ConditionPatch patch;
  std::vector<TextMembers> conditions;
  if (!read_condition_patch(ctx.request.body, patch) || !read_stored_conditions(stored, conditions))
    return std::nullopt;
  bool is_deleting = find_text(stored, "\"deletionTimestamp\":") != std::string_view::npos;
  if (is_deleting || !keeps_order(patch.order, conditions)) return std::nullopt;
  auto heartbeat = endpoint.strategy->heartbeat;
  std::string value(stored);
  std::size_t from = 0;
  for (const auto& condition : patch.conditions) {
    auto old = moved_heartbeat(condition, conditions, from, heartbeat);
    const auto* time = find_member(condition, heartbeat);
    if (!old || !time || old->size() != kTime || !is_canonical_second(*time)) return std::nullopt;
    value.replace(static_cast<std::size_t>(old->data() - stored.data()), kTime, *time);
  }
  if (value == stored) return std::nullopt;
  Renewal renewal;
  renewal.current = std::move(current);
  renewal.value = std::make_shared<const std::string>(std::move(value));
  return renewal;
}

awaitable<Result<StoredObjectPtr>> commit_renewal(HubPtr hub, RequestPtr ctx, Endpoint endpoint, Renewal renewal) {
  // No plugin looks into such an object.
  Json none = Json::object();
  AdmissionAttributes attributes;
  attributes.operation = Operation::kUpdate;
  attributes.kind = endpoint.stored;
  attributes.namespace_ = endpoint.kind->is_namespaced ? ctx->info.namespace_ : "";
  attributes.name = ctx->info.name;
  attributes.subresource = ctx->info.subresource;
  attributes.object = &none;
  attributes.old_object = &none;
  attributes.user = &ctx->user;
  {
    StageTimer timer(hub, ctx, "decoding");
  }
  if (auto ok = run_mutating_admission(hub, ctx, attributes); !ok) co_return std::unexpected(ok.error());
  {
    StageTimer timer(hub, ctx, "validation");
  }
  if (auto ok = run_validating_admission(hub, ctx, attributes); !ok) co_return std::unexpected(ok.error());
  Write write;
  write.key = renewal.current->key;
  write.expected = renewal.current->revision;
  write.header = renewal.current->header;
  write.value = std::move(renewal.value);
  co_return co_await commit_write(hub, ctx, std::move(write));
}

}  // namespace kubeloop::apiserver
