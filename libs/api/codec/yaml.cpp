#include "libs/api/codec/yaml.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "libs/api/codec/yaml_scalar.hpp"
#include "libs/api/field_error.hpp"

namespace kubeloop::api {
namespace {

using nlohmann::json;

constexpr std::string_view kYamlTag = "tag:yaml.org,2002:";

// How the builder leaves yaml-cpp's parser; never leaves parse_yaml.
struct Refusal {
  Position position;
  std::string message;
};

Position position_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

void append_step(std::string& pointer, std::string_view step) {
  pointer += '/';
  for (char c : step) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

// One value of `tag`: "?" is a plain scalar, "!" a quoted one.
json scalar_value(const Position& at, const std::string& tag, const std::string& text) {
  if (tag == "!" || tag == std::string(kYamlTag) + "str") return text;
  auto value = resolve_plain_scalar(text);
  if (!value) throw Refusal{at, fmt::format("{} cannot be written as a JSON number", text)};
  if (tag == "?" || tag.empty()) return std::move(*value);
  if (!tag.starts_with(kYamlTag)) throw Refusal{at, fmt::format("tag {} is not supported", tag)};
  std::string name = tag.substr(kYamlTag.size());
  bool is_right = (name == "int" && value->is_number_integer()) || (name == "float" && value->is_number()) ||
                  (name == "bool" && value->is_boolean()) || (name == "null" && value->is_null());
  if (!is_right) throw Refusal{at, fmt::format("cannot read {} as !!{}", go_quoted(text), name)};
  return std::move(*value);
}

// The JSON name of a key that is no string.
std::string key_text(const Position& at, const json& key) {
  if (key.is_string()) return key.get<std::string>();
  if (key.is_boolean() || key.is_number()) return key.dump();
  throw Refusal{at, "a key must be a scalar"};
}

// What it costs to hold: its values, and one more for every 64 bytes of text.
std::size_t count_values(const json& value) {
  std::size_t count = 1;
  if (value.is_string()) return count + value.get_ref<const std::string&>().size() / 64;
  if (value.is_structured()) {
    for (const auto& inner : value) count += count_values(inner);
  }
  return count;
}

int depth_of(const json& value) {
  int depth = 0;
  if (value.is_structured()) {
    for (const auto& inner : value) depth = std::max(depth, 1 + depth_of(inner));
  }
  return depth;
}

// Builds one document from the parser's events.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(std::size_t& values_left) : values_left_(values_left) {}

  std::optional<YamlDocument> take() {
    if (document_.value.is_null()) return std::nullopt;
    return std::move(document_);
  }

  // Where the document begins, and the last scalar in it that is not empty.
  const YAML::Mark& start() const { return start_; }
  const YAML::Mark& last_scalar() const { return last_scalar_; }

  void OnDocumentStart(const YAML::Mark& mark) override { start_ = mark; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    value(position_of(mark), anchor, json(), false);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    Position at = position_of(mark);
    last_scalar_ = mark;
    value(at, anchor, scalar_value(at, tag, text), tag == "?" && text == "<<");
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Position at = position_of(mark);
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refusal{at, "an alias may not stand inside of what it refers to"};
    spend(at, count_values(found->second));
    if (static_cast<int>(frames_.size()) + depth_of(found->second) > kMaxYamlDepth) throw too_deep(at);
    value(at, 0, found->second, false);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(position_of(mark), tag, anchor, json::array());
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(position_of(mark), tag, anchor, json::object());
  }
  void OnMapEnd() override {
    Frame& frame = frames_.back();
    for (const auto& merged : frame.merged) frame.value.insert(merged.begin(), merged.end());
    close();
  }

 private:
  // A list or map that is still open.
  struct Frame {
    json value;
    YAML::anchor_t anchor = 0;
    std::size_t pointer_size = 0;  // of the path to it
    bool is_key_next = false;
    bool is_merge = false;  // the value that comes belongs to "<<"
    std::string key;
    std::vector<json> merged;  // what "<<" brought: the map's own keys win
  };

  static Refusal too_deep(const Position& at) {
    return Refusal{at, fmt::format("nested deeper than {} levels", kMaxYamlDepth)};
  }

  void spend(const Position& at, std::size_t values) {
    if (values > values_left_) throw Refusal{at, fmt::format("more than {} values", kMaxYamlValues)};
    values_left_ -= values;
  }

  // Copies what has an anchor for its aliases; a copy costs as much as the value itself.
  void keep(const Position& at, YAML::anchor_t anchor, const json& value) {
    if (anchor == 0) return;
    spend(at, count_values(value));
    anchors_[anchor] = value;
  }

  bool is_key_next() const { return !frames_.empty() && frames_.back().is_key_next; }

  // Goes down the path to the value that comes next, and notes where it stands.
  void enter(const Position& at) {
    if (!frames_.empty()) {
      const Frame& frame = frames_.back();
      pointer_.resize(frame.pointer_size);
      append_step(pointer_, frame.value.is_array() ? std::to_string(frame.value.size()) : frame.key);
      if (frame.is_merge) return;
    }
    document_.positions[pointer_] = at;
  }

  void open(const Position& at, const std::string& tag, YAML::anchor_t anchor, json empty) {
    spend(at, 1);
    if (is_key_next()) throw Refusal{at, "a key must be a scalar"};
    if (frames_.size() >= static_cast<std::size_t>(kMaxYamlDepth)) throw too_deep(at);
    bool is_plain =
        tag.empty() || tag == "?" || tag == "!" || tag == std::string(kYamlTag) + (empty.is_array() ? "seq" : "map");
    if (!is_plain) throw Refusal{at, fmt::format("tag {} is not supported", tag)};
    enter(at);
    Frame frame;
    frame.is_key_next = empty.is_object();
    frame.value = std::move(empty);
    frame.anchor = anchor;
    frame.pointer_size = pointer_.size();
    positions_of_open_.push_back(at);
    frames_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(frames_.back());
    Position at = positions_of_open_.back();
    frames_.pop_back();
    positions_of_open_.pop_back();
    keep(at, frame.anchor, frame.value);
    place(at, std::move(frame.value));
  }

  void value(const Position& at, YAML::anchor_t anchor, json read, bool is_merge_mark) {
    spend(at, 1);
    keep(at, anchor, read);
    if (!is_key_next()) {
      enter(at);
      place(at, std::move(read));
      return;
    }
    Frame& frame = frames_.back();
    frame.is_key_next = false;
    frame.is_merge = is_merge_mark;
    frame.key = key_text(at, read);
    if (is_merge_mark) return;
    if (frame.value.contains(frame.key)) {
      throw Refusal{at, fmt::format("key {} already set in map", go_quoted(frame.key))};
    }
    pointer_.resize(frame.pointer_size);
    append_step(pointer_, frame.key);
    document_.key_positions[pointer_] = at;
  }

  // Puts a complete value where it belongs.
  void place(const Position& at, json read) {
    if (frames_.empty()) {
      document_.value = std::move(read);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.value.is_array()) {
      frame.value.push_back(std::move(read));
      return;
    }
    frame.is_key_next = true;
    if (!std::exchange(frame.is_merge, false)) {
      frame.value[frame.key] = std::move(read);
    } else if (read.is_object()) {
      frame.merged.push_back(std::move(read));
    } else {
      if (!read.is_array()) throw Refusal{at, "map merge requires map or sequence of maps as the value"};
      for (auto& map : read) {
        if (!map.is_object()) throw Refusal{at, "map merge requires map or sequence of maps as the value"};
        frame.merged.push_back(std::move(map));
      }
    }
  }

  std::size_t& values_left_;
  YAML::Mark start_ = YAML::Mark::null_mark();
  YAML::Mark last_scalar_ = YAML::Mark::null_mark();
  YamlDocument document_;
  std::vector<Frame> frames_;
  std::vector<Position> positions_of_open_;
  std::map<YAML::anchor_t, json> anchors_;
  std::string pointer_;
};

std::unexpected<Status> refused(std::string_view name, const Position& at, std::string_view message) {
  return failure(400, "BadRequest", fmt::format("{}:{}:{}: {}", name, at.line, at.column, message));
}

// The length of the UTF-8 sequence at the front of `text`; 0 when there is none or YAML does not allow the character.
std::size_t character_length(std::string_view text) {
  auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  unsigned first = byte(0);
  if (first < 0x80) return first >= 0x20 ? first != 0x7f : first == '\t' || first == '\n' || first == '\r';
  std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  bool is_overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  bool is_beyond = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
  return is_overlong || is_beyond ? 0 : length;
}

// The first place that is no text; nothing when all is well.
std::optional<Position> find_bad_character(std::string_view text) {
  Position at{1, 1};
  while (!text.empty()) {
    std::size_t length = character_length(text);
    if (length == 0) return at;
    at = text.front() == '\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + static_cast<int>(length)};
    text.remove_prefix(length);
  }
  return std::nullopt;
}

// Whether the text ends inside the quoted scalar that begins here, perhaps behind a tag or an anchor. yaml-cpp would
// take it as it is.
bool is_cut_off(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  while (!text.empty() && (text.front() == '&' || text.front() == '!')) {
    text.remove_prefix(std::min(text.find_first_of(kSpaces), text.size()));
    text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  }
  if (text.empty() || (text.front() != '"' && text.front() != '\'')) return false;
  char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      bool is_doubled = quote == '\'' && i + 1 < text.size() && text[i + 1] == quote;
      if (!is_doubled) return false;
      ++i;
    }
  }
  return true;
}

// Whether a document may begin at `at` behind another one: with "---", or after a line "...".
bool is_separated(std::string_view text, std::size_t at) {
  if (text.substr(at).starts_with("---")) return true;
  text = text.substr(0, at);
  for (;;) {
    auto line = text.substr(text.rfind('\n') + 1);
    auto first = line.find_first_not_of(" \t\r");
    bool is_blank = first == std::string_view::npos || line[first] == '#';
    if (!is_blank || line.size() == text.size()) return line.starts_with("...");
    text.remove_suffix(line.size() + 1);
  }
}

// What yaml-cpp lets pass although the document is not what was written; nothing when all is well.
std::optional<Refusal> find_misreading(std::string_view text, const Builder& builder, bool is_first) {
  auto offset = [&](const YAML::Mark& mark) {
    return mark.pos < 0 ? text.size() : std::min(static_cast<std::size_t>(mark.pos), text.size());
  };
  const YAML::Mark& start = builder.start();
  if (!is_first && !is_separated(text, offset(start))) {
    return Refusal{position_of(start), "expected the end of the document"};
  }
  // A comma at the start reads as an empty document, again and again.
  if (text.substr(offset(start)).starts_with(',')) return Refusal{position_of(start), "unexpected comma"};
  const YAML::Mark& last = builder.last_scalar();
  if (is_cut_off(text.substr(offset(last)))) {
    return Refusal{position_of(last), "the text ends inside a quoted scalar"};
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<YamlDocument>> parse_yaml(std::string_view text, std::string_view name) {
  if (text.size() > kMaxYamlBytes) return refused(name, {1, 1}, fmt::format("larger than {} bytes", kMaxYamlBytes));
  if (auto bad = find_bad_character(text)) return refused(name, *bad, "control characters or bytes that are not UTF-8");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::vector<YamlDocument> documents;
  std::size_t values_left = kMaxYamlValues;
  bool is_first = true;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    for (;;) {
      Builder builder(values_left);
      if (!parser.HandleNextDocument(builder)) return documents;
      auto misread = find_misreading(text, builder, is_first);
      if (misread) return refused(name, misread->position, misread->message);
      is_first = false;
      if (auto document = builder.take()) documents.push_back(std::move(*document));
    }
  } catch (const Refusal& refusal) {
    return refused(name, refusal.position, refusal.message);
  } catch (const YAML::Exception& error) {
    return refused(name, position_of(error.mark), error.msg);
  }
}

}  // namespace kubeloop::api
