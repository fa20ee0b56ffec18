// Reads the members of one YAML mapping, strictly: what is not asked for by the end is an unknown key. What is wrong
// goes into the Source, with its place; reading goes on with a value that does no harm. Used by all parsers of the
// language.
#pragma once
#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/api/codec/yaml.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/scenario/source.hpp"

namespace kubeloop::simulator {

class Fields {
 public:
  // `what` names the mapping in errors, with its article: "a wait step". One `what` is one set of keys.
  Fields(Source& source, const nlohmann::json& value, std::string pointer, std::string what);

  bool has(const std::string& key);
  const nlohmann::json* get(const std::string& key);  // null when absent
  std::string text(const std::string& key);           // "" when absent
  std::string required_text(const std::string& key);
  // One of `choices`; "" when absent or none of them.
  std::string one_of(const std::string& key, const std::vector<std::string>& choices);
  std::optional<std::int64_t> integer(const std::string& key);
  // Within [min, max], both included.
  std::optional<std::int64_t> integer(const std::string& key, std::int64_t min, std::int64_t max);
  std::optional<double> number(const std::string& key);
  bool boolean(const std::string& key);
  std::optional<Duration> duration(const std::string& key);
  Duration required_duration(const std::string& key);
  std::optional<ObjectPath> object(const std::string& key);
  std::string pointer(const std::string& key) const;
  // "WHAT needs "KEY"", unless something is there.
  void require(const std::string& key);
  // Call last: whatever was not read is an unknown key.
  void finish();

 private:
  Source& source_;
  const nlohmann::json& value_;
  std::string pointer_;
  std::string what_;
  std::set<std::string> known_;
};

// A value as a duration; what is none is reported at `pointer`, `what` names it there: "\"within\"", "sleep".
std::optional<Duration> read_duration(Source& source, const nlohmann::json& value, const std::string& pointer,
                                      const std::string& what);

// "pod/default/web" or "node/node-1"; nothing when it is written otherwise.
std::optional<ObjectPath> parse_object_path(const std::string& text);

// "text" in quotes as JSON has it, cut when long; for messages.
std::string shown(const nlohmann::json& value);

}  // namespace kubeloop::simulator
