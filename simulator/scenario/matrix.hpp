// The parameters of a scenario file: spec.matrix lists values for each, every combination is a scenario of its own, and
// ${name} anywhere in the file stands for the value. Values are put into the parsed document, so that positions in
// errors stay those of the file. Pure.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/api/codec/yaml.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {

inline constexpr std::size_t kMaxParameters = 10;
inline constexpr std::size_t kMaxCombinations = 100;
inline constexpr std::size_t kMaxCombinedValues = 1'000'000;  // YAML values of all combinations together

struct Combination {
  api::YamlDocument document;                                   // with the values in place of the parameters
  std::vector<std::pair<std::string, std::string>> parameters;  // by name
};

// All combinations, the last parameter (by name) changing fastest; the document itself when it has no matrix. A
// parameter that `settings` names has that value only; settings for others are left alone. What is wrong goes into
// `source`, of the document as it was read. In a file with a matrix an unknown ${name} is an error, and $${ is written
// where ${ is meant.
std::vector<Combination> expand_matrix(Source& source, const Settings& settings);

// "web[replicas=3,image=a]"
std::string name_with_parameters(const std::string& name,
                                 const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace kubeloop::simulator
