#include "simulator/scenario/parse_labels.hpp"

#include <fmt/format.h>

#include "libs/api/names.hpp"

namespace kubeloop::simulator {

std::map<std::string, std::string> parse_labels(Source& source, Fields& fields, const std::string& key) {
  std::map<std::string, std::string> labels;
  const auto* value = fields.get(key);
  if (!value) return labels;
  std::string pointer = fields.pointer(key);
  if (!value->is_object() || value->size() > kMaxLabels) {
    source.fail("KL103", pointer, fmt::format("\"{}\" is a mapping of at most {} texts", key, kMaxLabels));
    return labels;
  }
  for (const auto& [name, text] : value->items()) {
    std::string at = pointer + "/" + escape_pointer(name);
    if (auto wrong = api::check_qualified_name(name); !wrong.empty()) {
      source.fail_key(at, "\"" + name + "\" is no key of a label: " + wrong.front());
    } else if (!text.is_string()) {
      source.fail("KL103", at, "the value of a label is a text, it is " + shown(text),
                  text.is_structured() ? "" : "\"" + text.dump() + "\"");
    } else if (auto bad = api::check_label_value(text.get<std::string>()); !bad.empty()) {
      source.fail(at, "\"" + text.get<std::string>() + "\" is no value of a label: " + bad.front());
    } else {
      labels[name] = text.get<std::string>();
    }
  }
  return labels;
}

}  // namespace kubeloop::simulator
