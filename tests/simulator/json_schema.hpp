// Validates a document against a JSON Schema, as far as docs/scenario.schema.json uses the language: type, const, enum,
// required, properties, additionalProperties, items, the limits, pattern, anyOf, oneOf, $ref. For tests.
#pragma once
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace kubeloop::simulator {

// What is wrong, one line each: "/spec/steps/3: MESSAGE"; empty when the document is valid. A keyword that is not known
// here is a problem too: nothing is passed over.
std::vector<std::string> validate(const nlohmann::json& schema, const nlohmann::json& document);

}  // namespace kubeloop::simulator
