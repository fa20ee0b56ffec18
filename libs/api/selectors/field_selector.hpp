// A field selector as it stands in a query string: "spec.nodeName=node-1,status.phase!=Succeeded". All terms must hold;
// one without any matches everything. Which fields a kind has is the schema's matter: check_fields() compares. A plain
// value. Source: apimachinery fields.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"

namespace kubeloop::api {

enum class FieldOperator : std::uint8_t { kEquals, kNotEquals };

struct FieldTerm {
  std::string field;
  FieldOperator op = FieldOperator::kEquals;
  std::string value;  // without escapes
};

class FieldSelector {
 public:
  // Matches everything.
  FieldSelector() = default;
  // Holds where `field` is `value`.
  static FieldSelector equals(std::string field, std::string value);

  // `lookup` gives the text of a field of the object in question; a field that the object lacks reads as "".
  bool matches(const std::function<std::string(std::string_view field)>& lookup) const;
  bool is_everything() const { return terms_.empty(); }
  const std::vector<FieldTerm>& terms() const { return terms_; }
  // The fields that it names, sorted, each once.
  std::vector<std::string> fields() const;
  // The value when a term demands `field` to equal it: lets a caller go to one object or use an index.
  std::optional<std::string> required_value(std::string_view field) const;

 private:
  friend Result<FieldSelector> parse_field_selector(std::string_view text);
  std::vector<FieldTerm> terms_;
};

// The error is a 400 with Kubernetes' message: "invalid selector: 'S'; can't understand 'P'".
Result<FieldSelector> parse_field_selector(std::string_view text);

// Refuses (400) a selector that names a field other than metadata.name, metadata.namespace and `selectable` (KindInfo's
// list), in the words that Kubernetes has for kinds with fields of their own ("field label not supported: X") and for
// kinds without.
Result<void> check_fields(const FieldSelector& selector, const std::vector<std::string>& selectable);

}  // namespace kubeloop::api
