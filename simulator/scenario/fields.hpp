// Reads the members of one YAML mapping, strictly: what is not asked for by the end is an unknown key. Collects the
// first error, with file, line and column. Used by the scenario parser only.
#pragma once
#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <string>

#include "libs/api/codec/yaml.hpp"
#include "simulator/scenario/scenario.hpp"

namespace kubeloop::simulator {

// The document being read, and its first error.
struct Source {
  std::string path;
  const api::YamlDocument& document;
  std::optional<Status> error;

  // "path:line:column" of a JSON pointer.
  std::string where(const std::string& pointer) const;
  int line(const std::string& pointer) const;
  void fail(const std::string& pointer, const std::string& message);
  // The same at the key itself, not at its value: for keys that should not be there.
  void fail_key(const std::string& pointer, const std::string& message);
};

class Fields {
 public:
  // `what` names the mapping in errors: "a wait step".
  Fields(Source& source, const nlohmann::json& value, std::string pointer, std::string what);

  bool has(const std::string& key);
  const nlohmann::json* get(const std::string& key);  // null when absent
  std::string text(const std::string& key);           // "" when absent
  std::string required_text(const std::string& key);
  std::optional<std::int64_t> integer(const std::string& key);
  bool boolean(const std::string& key);
  std::optional<Duration> duration(const std::string& key);
  Duration required_duration(const std::string& key);
  std::optional<ObjectPath> object(const std::string& key);
  std::string pointer(const std::string& key) const;
  // Call last: whatever was not read is an unknown key.
  void finish();

 private:
  Source& source_;
  const nlohmann::json& value_;
  std::string pointer_;
  std::string what_;
  std::set<std::string> known_;
};

}  // namespace kubeloop::simulator
