// A document that is being read, and everything that is wrong with it: findings with a code (lint_codes.hpp), a place
// and what was meant. Guarantees that one mistake makes one finding: what would only follow from another is left out.
// Owned by whoever parses (scenario files, check files); the parsers report through it and go on.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/api/codec/yaml.hpp"
#include "simulator/scenario/lint_finding.hpp"

namespace kubeloop::simulator {

class Source {
 public:
  // `document` outlives this.
  Source(std::string file, const api::YamlDocument& read) : path(std::move(file)), document(read) {}

  std::string path;
  const api::YamlDocument& document;

  // "path:line:column" of a JSON pointer; of the nearest value around it when it is not there itself.
  std::string where(const std::string& pointer) const;
  int line(const std::string& pointer) const;

  // An error at the value `pointer`. Without a code it is KL100; `meant` is what probably should stand there.
  void fail(const std::string& pointer, const std::string& message);
  void fail(const std::string& code, const std::string& pointer, const std::string& message,
            const std::string& meant = "");
  // The same at the key itself, not at its value: for keys that should not be there.
  void fail_key(const std::string& pointer, const std::string& message);
  void fail_key(const std::string& code, const std::string& pointer, const std::string& message,
                const std::string& meant = "");
  // Something that can be run, but hardly is what was meant.
  void warn(const std::string& code, const std::string& pointer, const std::string& message,
            const std::string& meant = "");
  // What was found in another file that this one names.
  void add(LintFinding finding);

  // Fields::finish tells what a mapping knows, and which of its keys it does not know.
  void know(const std::string& pointer, const std::string& what, const std::set<std::string>& keys);
  void unknown_key(const std::string& pointer, const std::string& mapping, const std::string& key);
  // All mappings that were read, by what they are called ("a wait step"), with the keys that were asked for.
  const std::map<std::string, std::set<std::string>>& known_keys() const { return known_keys_; }

  bool has_error() const;
  // Whether something is wrong at this value or inside of it.
  bool has_error_at(const std::string& pointer) const;
  // Everything that was found, in order of position (this file first).
  std::vector<LintFinding> findings() const;
  // The first error, as one line of text; nothing when there are only warnings.
  std::optional<Status> first_error() const;

 private:
  struct Entry {
    LintFinding finding;
    std::string pointer;
    std::string unknown;  // the key, when it is one that is not known
    std::string mapping;  // the pointer of the mapping it stands in
    bool is_at_key = false;
  };
  struct Mapping {
    std::string what;
    std::set<std::string> keys;
  };

  void note(Entry entry);
  bool is_follow_up(const Entry& entry) const;
  std::string meant_by_unknown(const Entry& entry) const;

  std::vector<Entry> entries_;
  std::map<std::string, Mapping> mappings_;  // by pointer
  std::map<std::string, std::set<std::string>> known_keys_;
};

// What `text`, a JSON pointer's step, is when written into one.
std::string escape_pointer(const std::string& key);

}  // namespace kubeloop::simulator
