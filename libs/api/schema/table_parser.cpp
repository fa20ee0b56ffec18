#include "libs/api/schema/table_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <tuple>

#include <fmt/format.h>

namespace kubeloop::api {
namespace {

struct Place {
  std::string file;
  int line = 0;
};

// `alias ResourceList = map[string]quantity` and `alias Protocol = string one of TCP UDP`.
struct Alias {
  std::string type_text;
  std::string shown;  // "v1.Protocol"
  std::vector<std::string> values;
};

// A field whose type text waits until every table is read.
struct PendingField {
  Type* owner;
  std::size_t index;
  std::string type_text;
  std::string package;
  Place place;
};

struct PendingKind {
  KindInfo* kind;
  std::string type_name;
  Place place;
};

constexpr std::array kScalars{
    std::pair{std::string_view("string"), Scalar::kString},        std::pair{std::string_view("int32"), Scalar::kInt32},
    std::pair{std::string_view("int64"), Scalar::kInt64},          std::pair{std::string_view("bool"), Scalar::kBool},
    std::pair{std::string_view("double"), Scalar::kDouble},        std::pair{std::string_view("bytes"), Scalar::kBytes},
    std::pair{std::string_view("quantity"), Scalar::kQuantity},    std::pair{std::string_view("time"), Scalar::kTime},
    std::pair{std::string_view("micro-time"), Scalar::kMicroTime}, std::pair{std::string_view("raw"), Scalar::kRaw},
    std::pair{std::string_view("duration"), Scalar::kDuration},
    std::pair{std::string_view("int-or-string"), Scalar::kIntOrString},
};

constexpr std::array kStrategies{
    std::pair{std::string_view("replace"), MergeStrategy::kReplace},
    std::pair{std::string_view("merge"), MergeStrategy::kMerge},
    std::pair{std::string_view("retain-keys"), MergeStrategy::kRetainKeys},
    std::pair{std::string_view("merge-retain-keys"), MergeStrategy::kMergeRetainKeys},
};

template <class Table>
auto look_up(const Table& table, std::string_view name) -> std::optional<decltype(table[0].second)> {
  for (const auto& [key, value] : table) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// "map(a,b)" -> "map" and {"a","b"}; nothing when the bracket is not closed.
std::optional<std::pair<std::string, std::vector<std::string>>> split_call(std::string_view text) {
  const auto open = text.find('(');
  if (open == text.npos) return std::pair{std::string(text), std::vector<std::string>()};
  if (!text.ends_with(')')) return std::nullopt;
  return std::pair{std::string(text.substr(0, open)), split(text.substr(open + 1, text.size() - open - 2), ',')};
}

std::string after_slash(std::string_view package) { return std::string(package.substr(package.find('/') + 1)); }

class TableParser {
 public:
  Result<void> read(const std::string& file, std::string_view text) {
    place_ = Place{file, 0};
    package_.clear();
    end_block();
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      ++place_.line;
      if (auto done = read_line(text.substr(0, end)); !done) return done;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
  }

  Result<ParsedTables> finish() {
    for (const PendingField& pending : pending_fields_) {
      if (auto done = resolve(pending); !done) return std::unexpected(done.error());
    }
    for (const PendingKind& pending : pending_kinds_) {
      auto type = tables_.types.find(pending.type_name);
      place_ = pending.place;
      if (type == tables_.types.end()) return error(fmt::format("kind {} has no type", pending.kind->kind));
      pending.kind->type = type->second.get();
      if (pending.kind->is_served && pending.kind->plural.empty()) return error("a served kind needs a plural");
    }
    std::ranges::sort(tables_.kinds, {}, [](const auto& kind) {
      return std::tuple(kind->rank, kind->group, !kind->is_served, kind->plural, kind->version, kind->kind);
    });
    return std::move(tables_);
  }

 private:
  std::unexpected<Status> error(const std::string& what) const {
    return failure(500, "InternalError", fmt::format("{}:{}: {}", place_.file, place_.line, what));
  }

  void end_block() {
    type_ = nullptr;
    kind_ = nullptr;
    description_ = nullptr;
  }

  Result<void> read_line(std::string_view line) {
    const auto start = line.find_first_not_of(" \t");
    if (start == line.npos || line[start] == '#') return {};
    std::string_view rest = line.substr(start);
    if (rest.starts_with("--")) return describe(rest.substr(2));
    const auto words = split(rest, ' ');
    if (start == 0) return open_block(words);
    if (type_ != nullptr) return words[0] == "inline" ? add_inline(words) : add_field(words);
    if (kind_ != nullptr) return add_attribute(words);
    return error("an indented line outside a type or kind");
  }

  Result<void> describe(std::string_view text) {
    if (description_ == nullptr) return error("a description of nothing");
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (!description_->empty()) *description_ += ' ';
    *description_ += text;
    return {};
  }

  Result<void> open_block(const std::vector<std::string>& words) {
    end_block();
    if (words[0] == "package") return open_package(words);
    if (package_.empty()) return error("a table begins with its package");
    if (words[0] == "alias") return add_alias(words);
    if (words[0] == "type") return open_type(words);
    if (words[0] == "kind") return open_kind(words);
    return error(fmt::format("unknown statement \"{}\"", words[0]));
  }

  // package coordination/v1 serves coordination.k8s.io/v1 rank 16
  Result<void> open_package(const std::vector<std::string>& words) {
    if (words.size() < 2 || words[1].find('/') == std::string::npos) return error("package NAME/VERSION expected");
    package_ = words[1];
    group_.clear();
    version_ = after_slash(package_);
    rank_ = 0;
    for (std::size_t i = 2; i + 1 < words.size(); i += 2) {
      if (words[i] == "serves") {
        const auto slash = words[i + 1].find('/');
        group_ = slash == std::string::npos ? "" : words[i + 1].substr(0, slash);
        version_ = slash == std::string::npos ? words[i + 1] : words[i + 1].substr(slash + 1);
      } else if (auto rank = number(words[i + 1]); words[i] == "rank" && rank) {
        rank_ = *rank;
      } else {
        return error(fmt::format("unknown word \"{}\" after a package", words[i]));
      }
    }
    return {};
  }

  Result<void> add_alias(const std::vector<std::string>& words) {
    if (words.size() < 4 || words[2] != "=") return error("alias NAME = TYPE expected");
    Alias alias;
    alias.type_text = words[3];
    alias.shown = after_slash(package_) + "." + words[1];
    if (words.size() > 6 && words[4] == "one" && words[5] == "of") {
      for (std::size_t i = 6; i < words.size(); ++i) alias.values.push_back(words[i] == "\"\"" ? "" : words[i]);
    } else if (words.size() > 4) {
      return error("only `one of VALUES` may follow an alias");
    }
    const bool is_new = aliases_.emplace(package_ + "." + words[1], std::move(alias)).second;
    if (!is_new) return error("declared twice: " + words[1]);
    return {};
  }

  Result<void> open_type(const std::vector<std::string>& words) {
    if (words.size() < 2) return error("type NAME expected");
    auto type = std::make_unique<Type>();
    type->name = package_ + "." + words[1];
    for (std::size_t i = 2; i < words.size(); ++i) {
      if (words[i] == "atomic") {
        type->is_atomic = true;
      } else if (words[i].starts_with("default-member=")) {
        type->default_member = words[i].substr(words[i].find('=') + 1);
      } else {
        return error(fmt::format("unknown word \"{}\" after a type", words[i]));
      }
    }
    type_ = type.get();
    description_ = &type_->description;
    if (!tables_.types.emplace(type_->name, std::move(type)).second) return error("declared twice: " + words[1]);
    return {};
  }

  Result<void> add_inline(const std::vector<std::string>& words) {
    if (words.size() < 2 || words.size() > 3) return error("inline TYPE [NUMBER] expected");
    Field field;
    field.is_inline = true;
    if (words.size() == 3) {
      auto wire = number(words[2]);
      if (!wire) return error(fmt::format("\"{}\" is no field number", words[2]));
      field.number = *wire;
    }
    return keep(std::move(field), words[1]);
  }

  Result<void> add_field(const std::vector<std::string>& words) {
    if (words.size() < 3) return error("NAME TYPE NUMBER expected");
    Field field;
    field.name = words[0];
    auto wire = number(words[2]);
    if (!wire || *wire < 1) return error(fmt::format("\"{}\" is no field number", words[2]));
    field.number = *wire;
    for (const Field& other : type_->fields) {
      if (other.name == field.name && !other.is_inline) return error("declared twice: " + field.name);
      if (other.number == field.number) return error(fmt::format("number {} is taken by {}", field.number, other.name));
    }
    for (std::size_t i = 3; i < words.size(); ++i) {
      if (auto done = add_flag(field, words[i]); !done) return done;
    }
    return keep(std::move(field), words[1]);
  }

  Result<void> add_flag(Field& field, const std::string& word) {
    if (word == "pointer") return set(field.is_pointer);
    if (word == "required") return set(field.is_required);
    if (word == "omitempty") return set(field.is_omitted_when_empty);
    if (word.starts_with("default=")) {
      field.default_value = nlohmann::json::parse(word.substr(8), nullptr, /*allow_exceptions=*/false);
      if (field.default_value.is_discarded()) return error(fmt::format("the default {} is no JSON", word.substr(8)));
      return {};
    }
    auto call = split_call(word.starts_with("order=") ? std::string_view(word).substr(6) : std::string_view(word));
    if (!call) return error(fmt::format("unclosed bracket in \"{}\"", word));
    if (word.starts_with("order=")) {
      static constexpr std::array kOrders{"atomic", "set", "map", "granular"};
      if (std::ranges::find(kOrders, call->first) == kOrders.end()) {
        return error(fmt::format("unknown order \"{}\"", word));
      }
      if ((call->first == "map") == call->second.empty()) return error("order=map needs keys, and only it");
      field.list_type = call->first;
      field.list_map_keys = call->second;
      return {};
    }
    auto strategy = look_up(kStrategies, call->first);
    if (!strategy) return error(fmt::format("unknown flag \"{}\"", word));
    if (call->second.size() > 1) return error("a merge has one key");
    field.merge_strategy = *strategy;
    if (!call->second.empty()) field.merge_key = call->second[0];
    return {};
  }

  static Result<void> set(bool& flag) {
    flag = true;
    return {};
  }

  Result<void> keep(Field field, const std::string& type_text) {
    type_->fields.push_back(std::move(field));
    description_ = &type_->fields.back().description;
    pending_fields_.push_back(PendingField{type_, type_->fields.size() - 1, type_text, package_, place_});
    return {};
  }

  // kind Pod, or for one that has no REST path: kind DeleteOptions body
  Result<void> open_kind(const std::vector<std::string>& words) {
    if (words.size() < 2) return error("kind NAME expected");
    auto kind = std::make_unique<KindInfo>();
    kind->group = group_;
    kind->version = version_;
    kind->rank = rank_;
    kind->kind = words[1];
    kind->list_kind = words[1] + "List";
    kind->singular = words[1];
    std::ranges::transform(kind->singular, kind->singular.begin(), [](unsigned char c) { return std::tolower(c); });
    kind->is_served = !(words.size() == 3 && words[2] == "body");
    if (words.size() > 2 && kind->is_served) return error(fmt::format("unknown word \"{}\" after a kind", words[2]));
    for (const auto& other : tables_.kinds) {
      if (other->group == kind->group && other->version == kind->version && other->kind == kind->kind) {
        return error("declared twice: " + words[1]);
      }
    }
    kind_ = kind.get();
    pending_kinds_.push_back(PendingKind{kind_, package_ + "." + words[1], place_});
    tables_.kinds.push_back(std::move(kind));
    return {};
  }

  Result<void> add_attribute(const std::vector<std::string>& words) {
    const std::vector<std::string> values(words.begin() + 1, words.end());
    if (values.empty()) return error(fmt::format("{} needs a value", words[0]));
    if (words[0] == "plural") return set_plural(values[0]);
    if (words[0] == "singular") return set(kind_->singular, values[0]);
    if (words[0] == "storage") return set(kind_->storage_prefix, values[0]);
    if (words[0] == "short") return append(kind_->short_names, values);
    if (words[0] == "categories") return append(kind_->categories, values);
    if (words[0] == "verbs") return append(kind_->verbs, values);
    if (words[0] == "selectable") return append(kind_->selectable_fields, values);
    if (words[0] == "subresource") return add_subresource(values);
    if (words[0] == "scope") {
      if (values[0] != "cluster" && values[0] != "namespace") return error("scope is cluster or namespace");
      kind_->is_namespaced = values[0] == "namespace";
      return {};
    }
    return error(fmt::format("unknown attribute \"{}\"", words[0]));
  }

  Result<void> set_plural(const std::string& plural) {
    kind_->plural = plural;
    if (kind_->storage_prefix.empty()) kind_->storage_prefix = plural;
    return {};
  }

  static Result<void> set(std::string& target, const std::string& value) {
    target = value;
    return {};
  }

  static Result<void> append(std::vector<std::string>& target, const std::vector<std::string>& values) {
    target.insert(target.end(), values.begin(), values.end());
    return {};
  }

  // subresource status Pod get patch update; the kind of another group as policy/v1.Eviction
  Result<void> add_subresource(const std::vector<std::string>& words) {
    if (words.size() < 3) return error("subresource NAME KIND VERBS expected");
    SubresourceInfo info;
    info.name = words[0];
    const auto slash = words[1].find('/');
    const auto dot = words[1].find('.', slash == std::string::npos ? words[1].size() : slash);
    if ((slash == std::string::npos) != (dot == std::string::npos)) return error("KIND or GROUP/VERSION.KIND expected");
    info.group = slash == std::string::npos ? group_ : words[1].substr(0, slash);
    info.version = slash == std::string::npos ? version_ : words[1].substr(slash + 1, dot - slash - 1);
    info.kind = slash == std::string::npos ? words[1] : words[1].substr(dot + 1);
    info.verbs.assign(words.begin() + 2, words.end());
    kind_->subresources.push_back(std::move(info));
    return {};
  }

  Result<void> resolve(const PendingField& pending) {
    place_ = pending.place;
    Field& field = pending.owner->fields[pending.index];
    std::string text = pending.type_text;
    const auto find_alias = [&] {
      return aliases_.find(text.find('/') == std::string::npos ? pending.package + "." + text : text);
    };
    take_shape(field, text);
    if (auto alias = find_alias(); alias != aliases_.end()) {
      field.alias = alias->second.shown;
      field.enum_values = alias->second.values;
      text = alias->second.type_text;
      take_shape(field, text);
    }
    if (auto scalar = look_up(kScalars, text)) {
      field.scalar = *scalar;
      if (field.is_inline) return error("only a struct can be inline");
      return {};
    }
    auto type = tables_.types.find(text.find('/') == std::string::npos ? pending.package + "." + text : text);
    if (type == tables_.types.end()) return error(fmt::format("unknown type \"{}\"", pending.type_text));
    field.type = type->second.get();
    return {};
  }

  static void take_shape(Field& field, std::string& text) {
    constexpr std::string_view kMap = "map[string]";
    if (text.starts_with("[]")) {
      field.shape = Shape::kList;
      text.erase(0, 2);
    } else if (text.starts_with(kMap)) {
      field.shape = Shape::kMap;
      text.erase(0, kMap.size());
    }
  }

  static std::optional<int> number(const std::string& text) {
    int value = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
  }

  ParsedTables tables_;
  std::map<std::string, Alias> aliases_;
  std::vector<PendingField> pending_fields_;
  std::vector<PendingKind> pending_kinds_;
  // The reading position: the file's package, and the block that is open.
  Place place_;
  std::string package_, group_, version_;
  int rank_ = 0;
  Type* type_ = nullptr;
  KindInfo* kind_ = nullptr;
  std::string* description_ = nullptr;
};

}  // namespace

Result<ParsedTables> parse_tables(const std::vector<std::pair<std::string, std::string>>& named_texts) {
  TableParser parser;
  for (const auto& [name, text] : named_texts) {
    if (auto done = parser.read(name, text); !done) return std::unexpected(done.error());
  }
  return parser.finish();
}

}  // namespace kubeloop::api
