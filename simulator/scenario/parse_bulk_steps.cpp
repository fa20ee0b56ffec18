#include "simulator/scenario/parse_bulk_steps.hpp"

#include <fmt/format.h>

#include <charconv>

#include "simulator/scenario/did_you_mean.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr const char* kTemplates = "/spec/templates";

bool is_manifest(const json& value) {
  return value.is_object() && value.contains("apiVersion") && value["apiVersion"].is_string() &&
         value.contains("kind") && value["kind"].is_string() && value.value("metadata", json::object()).is_object();
}

const json* find_template(const json& document, const std::string& name) {
  json::json_pointer at(kTemplates);
  if (!document.contains(at) || !document[at].is_object()) return nullptr;
  auto found = document[at].find(name);
  return found == document[at].end() ? nullptr : &*found;
}

std::vector<std::string> template_names(const json& document) {
  std::vector<std::string> names;
  json::json_pointer at(kTemplates);
  if (!document.contains(at) || !document[at].is_object()) return names;
  for (const auto& [name, value] : document[at].items()) names.push_back(name);
  return names;
}

// The manifest that "template" names or "object" is.
void parse_manifest(Source& source, Fields& fields, const std::string& pointer, ObjectTemplate& what,
                    std::string& template_name) {
  const json* object = fields.get("object");
  template_name = fields.text("template");
  if ((object != nullptr) == fields.has("template")) {
    source.fail("KL107", pointer, "needs either \"template\" or \"object\"");
    return;
  }
  if (object) {
    if (!is_manifest(*object)) source.fail("KL201", fields.pointer("object"), "a manifest needs apiVersion and kind");
    if (is_manifest(*object)) what.manifest = *object;
    return;
  }
  const json* found = find_template(source.document.value, template_name);
  if (found && is_manifest(*found)) {
    what.manifest = *found;
  } else if (!found && !template_name.empty()) {
    auto names = template_names(source.document.value);
    std::string known;
    for (const auto& name : names) known += (known.empty() ? "" : ", ") + name;
    source.fail("KL308", fields.pointer("template"), "there is no template \"" + template_name + "\" in spec.templates",
                names.empty() ? "" : did_you_mean(template_name, names));
  }
}

// {spec.replicas: 3, "metadata.labels.tier": front}
void parse_overrides(Source& source, Fields& fields, ObjectTemplate& what) {
  const json* set = fields.get("set");
  if (!set) return;
  std::string pointer = fields.pointer("set");
  if (!set->is_object() || set->size() > kMaxOverrides) {
    source.fail("KL103", pointer,
                fmt::format("\"set\" is a mapping of at most {} fields and their values", kMaxOverrides));
    return;
  }
  for (const auto& [name, value] : set->items()) {
    std::string at = pointer + "/" + escape_pointer(name);
    auto path = parse_field_path(name);
    if (!path) {
      source.fail_key(at,
                      "\"" + name + "\" is no path of a field, like spec.containers[0].image: " + path.error().message);
      continue;
    }
    json tried = what.manifest;
    auto done = set_field(tried, *path, value);
    if (!done && !what.manifest.is_null()) source.fail_key(at, "\"" + name + "\": " + done.error().message);
    what.overrides.push_back({std::move(*path), value});
  }
}

// What both steps have. `is_one`: a single object, which needs no number in its name.
ObjectTemplate parse_object_template(Source& source, Fields& fields, const std::string& pointer, bool is_one) {
  ObjectTemplate what;
  std::string template_name;
  parse_manifest(source, fields, pointer, what, template_name);
  what.name = fields.text("name");
  what.namespace_ = fields.text("namespace");
  parse_overrides(source, fields, what);
  if (what.manifest.is_null()) return what;
  const json& metadata = what.manifest.value("metadata", json::object());
  bool is_given = fields.has("name");
  if (!is_given && is_one && metadata.value("name", json()).is_string()) what.name = metadata["name"];
  if (!is_given && what.name.empty() && !template_name.empty()) what.name = template_name + "-{i}";
  bool has_number = what.name.find("{i}") != std::string::npos;
  if (what.name.empty()) {
    source.fail("KL102", pointer, "needs \"name\", like \"web-{i}\"");
  } else if (!is_one && !has_number) {
    source.fail(fields.pointer("name"), "many objects cannot all be named \"" + what.name + "\": {i} is the number");
  }
  return what;
}

std::string kind_of(const ObjectTemplate& what) {
  return what.manifest.is_object() ? what.manifest["kind"].get<std::string>() : "?";
}

// "50/s", "10/m", "3/h", "2/10s"
void parse_rate(Source& source, Fields& fields, LoadStep& load) {
  fields.require("rate");
  if (!fields.has("rate")) return;
  std::string text = fields.text("rate");
  if (text.empty()) return;
  auto slash = text.find('/');
  std::int64_t count = 0;
  const char* end = text.data() + std::min(slash, text.size());
  auto read = std::from_chars(text.data(), end, count);
  std::string unit = slash == std::string::npos ? "" : text.substr(slash + 1);
  if (unit == "s" || unit == "m" || unit == "h") unit = "1" + unit;
  auto per = parse_duration(unit);
  bool is_rate = read.ec == std::errc() && read.ptr == end && count > 0 && per && *per >= std::chrono::milliseconds(1);
  if (!is_rate) {
    source.fail(fields.pointer("rate"), "\"" + text + "\" is no rate like 50/s, 10/m or 2/10s");
  } else if (count > kMaxCreated || *per / count < Duration(std::chrono::seconds(1)) / kMaxArrivalsPerSecond) {
    source.fail("KL105", fields.pointer("rate"), fmt::format("more than {} in a second", kMaxArrivalsPerSecond));
  } else {
    load.arrivals = count;
    load.per = *per;
  }
}

// "30s", "30s±10s", "30s+-10s"
void parse_lifetime(Source& source, Fields& fields, LoadStep& load) {
  if (!fields.has("lifetime")) return;
  std::string text = fields.text("lifetime");
  std::string spread;
  for (const std::string sign : {"±", "+-"}) {
    auto at = text.find(sign);
    if (at == std::string::npos) continue;
    spread = text.substr(at + sign.size());
    text.resize(at);
    break;
  }
  auto middle = parse_duration(text);
  auto around = spread.empty() ? std::optional(Duration::zero()) : parse_duration(spread);
  if (!middle || !around) {
    source.fail("KL104", fields.pointer("lifetime"), "\"lifetime\" is a duration like 30s or 30s±10s");
  } else if (*around > *middle) {
    source.fail(fields.pointer("lifetime"), "the spread of \"lifetime\" is more than the lifetime");
  } else {
    load.lifetime = *middle;
    load.lifetime_spread = *around;
  }
}

std::string describe(const LoadStep& load, const std::string& rate, const std::string& lifetime) {
  std::string text = fmt::format("load of {} {}, {}", kind_of(load.what), load.what.name, rate);
  if (load.distribution == LoadStep::Distribution::kPoisson) text += " poisson";
  if (load.distribution == LoadStep::Distribution::kUniform) text += " uniform";
  text += ", for " + format_duration(load.length);
  if (!lifetime.empty()) text += ", each lives " + lifetime;
  if (load.is_in_background) text += ", in the background";
  return text;
}

}  // namespace

void parse_templates(Source& source, Fields& spec) {
  const json* templates = spec.get("templates");
  if (!templates) return;
  if (!templates->is_object() || templates->size() > kMaxTemplates) {
    source.fail("KL103", kTemplates, fmt::format("\"templates\" is a mapping of at most {} manifests", kMaxTemplates));
    return;
  }
  for (const auto& [name, manifest] : templates->items()) {
    if (is_manifest(manifest)) continue;
    source.fail("KL201", std::string(kTemplates) + "/" + escape_pointer(name),
                "template \"" + name + "\" is no manifest: it needs apiVersion and kind");
  }
}

Step parse_create(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a create step");
  CreateStep create;
  create.count = fields.integer("count", 1, kMaxCreated).value_or(1);
  create.what = parse_object_template(source, fields, pointer, create.count == 1);
  fields.finish();
  Step step;
  std::string first = numbered(create.what.name, 1), last = numbered(create.what.name, create.count);
  step.text = create.count == 1
                  ? fmt::format("create {} {}", kind_of(create.what), first)
                  : fmt::format("create {} {}s, {} to {}", create.count, kind_of(create.what), first, last);
  step.action = std::move(create);
  return step;
}

Step parse_load(Source& source, const json& value, const std::string& pointer) {
  Fields fields(source, value, pointer, "a load step");
  LoadStep load;
  load.what = parse_object_template(source, fields, pointer, false);
  parse_rate(source, fields, load);
  std::string distribution = fields.one_of("distribution", {"constant", "poisson", "uniform"});
  if (distribution == "poisson") load.distribution = LoadStep::Distribution::kPoisson;
  if (distribution == "uniform") load.distribution = LoadStep::Distribution::kUniform;
  load.length = fields.required_duration("for");
  if (load.length > (load.per * (kMaxCreated / load.arrivals))) {
    source.fail("KL105", fields.pointer("for"), fmt::format("more than {} objects", kMaxCreated));
  }
  parse_lifetime(source, fields, load);
  load.is_in_background = fields.boolean("background");
  std::string rate = fields.has("rate") ? fields.text("rate") : "";
  std::string lifetime = fields.has("lifetime") ? fields.text("lifetime") : "";
  fields.finish();
  Step step;
  step.text = describe(load, rate, lifetime);
  step.action = std::move(load);
  return step;
}

}  // namespace kubeloop::simulator
