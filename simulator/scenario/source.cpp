#include "simulator/scenario/source.hpp"

#include <algorithm>
#include <tuple>

#include "simulator/scenario/did_you_mean.hpp"

namespace kubeloop::simulator {
namespace {

using nlohmann::json;

constexpr const char* kOther = "KL100";
constexpr const char* kUnknownKey = "KL101";
constexpr const char* kMissingKey = "KL102";
constexpr const char* kWrongType = "KL103";

// A file can be wrong in more places than anybody would read.
constexpr std::size_t kMaxEntries = 1000;

const api::Position* find_position(const api::YamlDocument& document, std::string pointer) {
  for (;;) {
    auto it = document.positions.find(pointer);
    if (it != document.positions.end()) return &it->second;
    if (pointer.empty()) return nullptr;
    pointer.resize(pointer.rfind('/') == std::string::npos ? 0 : pointer.rfind('/'));
  }
}

const json* find_value(const json& document, const std::string& pointer) {
  try {
    json::json_pointer path(pointer);
    return document.contains(path) ? &document.at(path) : nullptr;
  } catch (const json::exception&) {
    return nullptr;
  }
}

std::string parent_of(const std::string& pointer) {
  auto slash = pointer.rfind('/');
  return slash == std::string::npos ? "" : pointer.substr(0, slash);
}

std::string last_of(const std::string& pointer) {
  auto slash = pointer.rfind('/');
  return slash == std::string::npos ? pointer : pointer.substr(slash + 1);
}

bool mentions(const std::string& message, const std::string& key) {
  return message.find("\"" + key + "\"") != std::string::npos;
}

}  // namespace

std::string escape_pointer(const std::string& key) {
  std::string out;
  for (char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string to_line(const LintFinding& finding) {
  std::string text = finding.path;
  if (finding.line > 0) text += ":" + std::to_string(finding.line) + ":" + std::to_string(finding.column);
  text += ": " + finding.message + " (" + finding.code + ")";
  if (finding.meant.empty()) return text;
  bool is_word = finding.meant.find(' ') == std::string::npos;
  return text + ": " + (is_word ? "did you mean \"" + finding.meant + "\"?" : finding.meant);
}

std::string Source::where(const std::string& pointer) const {
  const auto* position = find_position(document, pointer);
  if (!position) return path;
  return path + ":" + std::to_string(position->line) + ":" + std::to_string(position->column);
}

int Source::line(const std::string& pointer) const {
  const auto* position = find_position(document, pointer);
  return position ? position->line : 0;
}

void Source::fail(const std::string& pointer, const std::string& message) {
  fail(kOther, pointer, message);
}

void Source::fail(const std::string& code, const std::string& pointer, const std::string& message,
                  const std::string& meant) {
  Entry entry;
  entry.finding.code = code;
  entry.finding.message = message;
  entry.finding.meant = meant;
  entry.pointer = pointer;
  note(std::move(entry));
}

void Source::fail_key(const std::string& pointer, const std::string& message) {
  fail_key(kOther, pointer, message);
}

void Source::fail_key(const std::string& code, const std::string& pointer, const std::string& message,
                      const std::string& meant) {
  Entry entry;
  entry.finding.code = code;
  entry.finding.message = message;
  entry.finding.meant = meant;
  entry.pointer = pointer;
  entry.is_at_key = true;
  note(std::move(entry));
}

void Source::warn(const std::string& code, const std::string& pointer, const std::string& message,
                  const std::string& meant) {
  Entry entry;
  entry.finding.code = code;
  entry.finding.message = message;
  entry.finding.meant = meant;
  entry.finding.is_warning = true;
  entry.pointer = pointer;
  note(std::move(entry));
}

void Source::add(LintFinding finding) {
  Entry entry;
  entry.finding = std::move(finding);
  entry.pointer = "!";  // in no mapping of this document
  if (entries_.size() < kMaxEntries) entries_.push_back(std::move(entry));
}

void Source::know(const std::string& pointer, const std::string& what, const std::set<std::string>& keys) {
  mappings_[pointer].what = what;
  mappings_[pointer].keys.insert(keys.begin(), keys.end());
  known_keys_[what].insert(keys.begin(), keys.end());
}

void Source::unknown_key(const std::string& pointer, const std::string& mapping, const std::string& key) {
  Entry entry;
  entry.finding.code = kUnknownKey;
  entry.pointer = pointer;
  entry.unknown = key;
  entry.mapping = mapping;
  entry.is_at_key = true;
  note(std::move(entry));
}

bool Source::is_follow_up(const Entry& entry) const {
  const json* value = find_value(document.value, entry.pointer);
  const std::string inside = entry.pointer + "/";
  std::string there = entry.pointer;
  while (!there.empty() && !find_value(document.value, there)) there = parent_of(there);
  for (const auto& known : entries_) {
    if (known.finding.is_warning) continue;
    bool is_same_place = known.pointer == there && known.is_at_key == entry.is_at_key;
    // About something that is not there, where something was already missing or wrong.
    if (!value && known.pointer == there) return true;
    // About a scalar that was already refused, or about a mapping that was none.
    if (is_same_place && value && !value->is_structured()) return true;
    if (is_same_place && known.finding.code == kWrongType) return true;
    if (is_same_place && known.finding.message == entry.finding.message && known.unknown == entry.unknown) return true;
    // "needs "count"", where there is a count that was refused.
    bool is_inside = known.pointer.starts_with(inside) && known.pointer.find('/', inside.size()) == std::string::npos;
    if (is_inside && mentions(entry.finding.message, last_of(known.pointer))) return true;
  }
  return false;
}

void Source::note(Entry entry) {
  if (entries_.size() >= kMaxEntries || is_follow_up(entry)) return;
  entry.finding.path = path;
  const auto* position = find_position(document, entry.pointer);
  auto key = document.key_positions.find(entry.pointer);
  if (entry.is_at_key && key != document.key_positions.end()) position = &key->second;
  if (position) {
    entry.finding.line = position->line;
    entry.finding.column = position->column;
  }
  entries_.push_back(std::move(entry));
}

bool Source::has_error() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return !entry.finding.is_warning; });
}

bool Source::has_error_at(const std::string& pointer) const {
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    bool is_inside = entry.pointer == pointer || entry.pointer.starts_with(pointer + "/");
    return is_inside && !entry.finding.is_warning;
  });
}

// A typing error; else a key of a mapping nearby: of one around it, of one inside it, or of a neighbour.
std::string Source::meant_by_unknown(const Entry& entry) const {
  auto own = mappings_.find(entry.mapping);
  if (own != mappings_.end()) {
    std::string near = did_you_mean(entry.unknown, own->second.keys);
    if (!near.empty()) return near;
  }
  std::string around = entry.mapping;
  while (!around.empty()) {
    around = parent_of(around);
    auto found = mappings_.find(around);
    if (found == mappings_.end() || !found->second.keys.contains(entry.unknown)) continue;
    return "it is a key of " + found->second.what + ", further out";
  }
  for (const auto& [pointer, mapping] : mappings_) {
    bool is_inside = pointer != entry.mapping && pointer.starts_with(entry.mapping + "/");
    if (is_inside && mapping.keys.contains(entry.unknown)) return "it is a key of " + mapping.what + ", further in";
  }
  return "";
}

std::vector<LintFinding> Source::findings() const {
  std::vector<Entry> entries = entries_;
  for (auto& entry : entries) {
    if (entry.unknown.empty()) continue;
    auto mapping = mappings_.find(entry.mapping);
    std::string what = mapping == mappings_.end() ? "this mapping" : mapping->second.what;
    entry.finding.message = "unknown key \"" + entry.unknown + "\" in " + what;
    entry.finding.meant = meant_by_unknown(entry);
    if (!entry.finding.meant.empty() || mapping == mappings_.end()) continue;
    std::string list;
    // "true" is how YAML 1.1 reads the key "on".
    for (const auto& name : mapping->second.keys) {
      if (name != "true") list += (list.empty() ? "" : ", ") + name;
    }
    entry.finding.meant = list.empty() ? "it takes no keys" : "it takes " + list;
  }
  // A key that is only misspelled is not missing as well.
  auto is_misspelled = [&entries](const Entry& missing) {
    return missing.finding.code == kMissingKey && std::ranges::any_of(entries, [&](const Entry& other) {
             return !other.unknown.empty() && other.mapping == missing.pointer &&
                    mentions(missing.finding.message, other.finding.meant);
           });
  };
  std::vector<LintFinding> found;
  for (const auto& entry : entries) {
    if (!is_misspelled(entry)) found.push_back(entry.finding);
  }
  // What stands in another file comes after this one.
  auto key = [this](const LintFinding& f) {
    return std::tuple(f.path != path, f.path, f.line, f.column, f.is_warning, f.code, f.message);
  };
  std::ranges::sort(found, [&key](const LintFinding& a, const LintFinding& b) { return key(a) < key(b); });
  return found;
}

std::optional<Status> Source::first_error() const {
  for (const auto& finding : findings()) {
    if (!finding.is_warning) return Status(400, "BadRequest", to_line(finding));
  }
  return std::nullopt;
}

}  // namespace kubeloop::simulator
