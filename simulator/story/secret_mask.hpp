// Takes the values out of Secrets before anything is kept of them: a report must never show one. What remains says how
// long a value is and whether it is the same as before.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <map>
#include <string>

namespace kubeloop::simulator {

class SecretMask {
 public:
  // Replaces each value of `data` and `stringData` of `secret` (known as `key`) by "(hidden, 12 bytes, value 2)": the
  // first value that a field had is value 1, the next different one value 2. The annotation in which `kubectl apply`
  // keeps the manifest is replaced too.
  void hide(const std::string& key, nlohmann::json& secret);

 private:
  std::string masked(const std::string& field, const nlohmann::json& value, bool is_base64);

  // field -> hash of a value -> its number
  std::map<std::string, std::map<std::string, std::size_t>> numbers_;
};

}  // namespace kubeloop::simulator
