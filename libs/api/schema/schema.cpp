#include "libs/api/schema/schema.hpp"

#include <cstdio>
#include <cstdlib>

#include "libs/api/schema/embedded_tables.hpp"
#include "libs/api/schema/table_parser.hpp"

namespace kubeloop::api {

struct Schema::Tables : ParsedTables {};

const Field* Type::find(std::string_view json_name) const {
  for (const Field& field : fields) {
    if (field.is_inline) {
      if (const Field* inner = field.type->find(json_name)) return inner;
    } else if (field.name == json_name) {
      return &field;
    }
  }
  return nullptr;
}

Schema::Schema() : tables_(std::make_unique<Tables>()) {}
Schema::~Schema() = default;

const Schema& Schema::builtin() {
  static const std::unique_ptr<Schema> schema = [] {
    auto parsed = parse(embedded_tables());
    if (!parsed) {
      std::fprintf(stderr, "built-in schema: %s\n", parsed.error().message.c_str());
      std::abort();
    }
    return std::move(*parsed);
  }();
  return *schema;
}

Result<std::unique_ptr<Schema>> Schema::parse(const std::vector<std::pair<std::string, std::string>>& named_texts) {
  auto parsed = parse_tables(named_texts);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  for (auto& kind : parsed->kinds) {
    kind->full_name = kind->group.empty() ? kind->plural : kind->plural + "." + kind->group;
  }
  std::unique_ptr<Schema> schema(new Schema());
  static_cast<ParsedTables&>(*schema->tables_) = std::move(*parsed);
  return schema;
}

const Type* Schema::find_type(std::string_view name) const {
  auto at = tables_->types.find(name);
  return at == tables_->types.end() ? nullptr : at->second.get();
}

const KindInfo* Schema::find_resource(std::string_view group, std::string_view version, std::string_view plural) const {
  for (const auto& kind : tables_->kinds) {
    if (!kind->is_served || kind->plural != plural) continue;
    if (kind->group == group && kind->version == version) return kind.get();
  }
  return nullptr;
}

const KindInfo* Schema::find_kind(std::string_view group, std::string_view version, std::string_view kind) const {
  for (const auto& info : tables_->kinds) {
    if (info->group == group && info->version == version && info->kind == kind) return info.get();
  }
  return nullptr;
}

const std::vector<std::unique_ptr<KindInfo>>& Schema::kinds() const { return tables_->kinds; }
const std::map<std::string, std::unique_ptr<Type>, std::less<>>& Schema::types() const { return tables_->types; }

}  // namespace kubeloop::api
