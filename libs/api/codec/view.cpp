#include "libs/api/codec/view.hpp"

#include <nlohmann/json.hpp>

#include "libs/api/codec/json_text.hpp"
#include "libs/api/codec/plain_json.hpp"

namespace kubeloop::api {
namespace {

constexpr std::size_t kMaxDepth = 100;

std::string in_quotes(const std::string& text) {
  return json_text(nlohmann::json(text));
}

// Writes parse events back as compact JSON, until the value that it began with is complete.
class RawWriter {
 public:
  void start(std::string& out) { out_ = &out; }
  bool is_active() const { return out_ != nullptr; }

  void scalar(std::string_view text) {
    separate();
    *out_ += text;
    end_value();
  }
  void key(const std::string& name) {
    separate();
    *out_ += in_quotes(name);
    *out_ += ':';
    needs_comma_ = false;
  }
  void open(char bracket) {
    separate();
    *out_ += bracket;
    needs_comma_ = false;
    ++depth_;
  }
  void close(char bracket) {
    *out_ += bracket;
    --depth_;
    end_value();
  }
  std::size_t depth() const { return depth_; }

 private:
  void separate() {
    if (needs_comma_) *out_ += ',';
  }
  void end_value() {
    needs_comma_ = depth_ > 0;
    if (depth_ == 0) out_ = nullptr;
  }

  std::string* out_ = nullptr;
  std::size_t depth_ = 0;
  bool needs_comma_ = false;
};

class Reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Reader(const ViewType& type, void* at) : next_{&type, at} {}

  bool null() override {
    if (raw_.is_active()) return write("null");
    take();
    return true;
  }
  bool boolean(bool value) override {
    if (raw_.is_active()) return write(value ? "true" : "false");
    auto slot = take();
    if (begins_raw(slot)) return write(value ? "true" : "false");
    if (slot.type && slot.type->boolean) slot.type->boolean(slot.at, value);
    return true;
  }
  bool number_integer(number_integer_t value) override { return integer(value); }
  bool number_unsigned(number_unsigned_t value) override { return integer(static_cast<std::int64_t>(value)); }
  bool number_float(number_float_t value, const string_t& text) override {
    if (raw_.is_active()) return write(text);
    auto slot = take();
    if (begins_raw(slot)) return write(text);
    std::string copy = text;
    if (slot.type && slot.type->string) slot.type->string(slot.at, copy);
    return true;
  }
  bool string(string_t& value) override {
    if (raw_.is_active()) return write(in_quotes(value));
    auto slot = take();
    if (begins_raw(slot)) return write(in_quotes(value));
    if (slot.type && slot.type->string) slot.type->string(slot.at, value);
    return true;
  }
  bool binary(binary_t&) override { return true; }  // not in JSON

  bool start_object(std::size_t) override {
    if (raw_.is_active()) return open('{');
    auto slot = take();
    if (begins_raw(slot)) return open('{');
    if (slot.type && slot.type->member) slot.type->member(slot.at, "");
    return push(slot, slot.type && slot.type->member, false);
  }
  bool key(string_t& name) override {
    if (raw_.is_active()) {
      raw_.key(name);
      return true;
    }
    auto& top = stack_.back();
    next_ = top.slot.type ? top.slot.type->member(top.slot.at, name) : ViewType::Slot{};
    return true;
  }
  bool end_object() override { return pop('}'); }
  bool start_array(std::size_t) override {
    if (raw_.is_active()) return open('[');
    auto slot = take();
    if (begins_raw(slot)) return open('[');
    return push(slot, slot.type && slot.type->element, true);
  }
  bool end_array() override { return pop(']'); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
    error = e.what();
    return false;
  }

  std::string error;

 private:
  struct Frame {
    ViewType::Slot slot;  // no type: skipped
    bool is_array;
  };

  // Where the value that comes now belongs.
  ViewType::Slot take() {
    if (!stack_.empty() && stack_.back().is_array) {
      auto& top = stack_.back();
      return top.slot.type ? top.slot.type->element(top.slot.at) : ViewType::Slot{};
    }
    return std::exchange(next_, ViewType::Slot{});
  }
  // Whether the value that begins now is kept as text; from here on the writer takes the events.
  bool begins_raw(const ViewType::Slot& slot) {
    if (!slot.type || !slot.type->is_raw) return false;
    auto& raw = *static_cast<RawJson*>(slot.at);
    raw.text.clear();
    raw_.start(raw.text);
    return true;
  }
  bool write(std::string_view text) {
    raw_.scalar(text);
    return true;
  }
  bool open(char bracket) {
    if (stack_.size() + raw_.depth() >= kMaxDepth) {
      error = "nested too deep";
      return false;
    }
    raw_.open(bracket);
    return true;
  }
  bool integer(std::int64_t value) {
    if (raw_.is_active()) return write(std::to_string(value));
    auto slot = take();
    if (begins_raw(slot)) return write(std::to_string(value));
    if (slot.type && slot.type->integer) slot.type->integer(slot.at, value);
    return true;
  }
  bool push(ViewType::Slot slot, bool fits, bool is_array) {
    if (stack_.size() >= kMaxDepth) {
      error = "nested too deep";
      return false;
    }
    stack_.push_back({fits ? slot : ViewType::Slot{}, is_array});
    return true;
  }
  bool pop(char bracket) {
    if (raw_.is_active()) {
      raw_.close(bracket);
      return true;
    }
    stack_.pop_back();
    return true;
  }

  ViewType::Slot next_;
  std::vector<Frame> stack_;
  RawWriter raw_;
};

class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : json_(text) {}

  bool read(ViewType::Slot slot) { return value(slot, 0) && json_.peek() == '\0'; }
  const char* at() const { return json_.at(); }

 private:
  bool value(const ViewType::Slot& slot, int depth) {
    if (!slot.type) return json_.skip(depth);
    if (depth >= PlainJson::kMaxDepth) return false;
    char first = json_.peek();
    if (slot.type->is_raw && first != 'n') return raw(*static_cast<RawJson*>(slot.at), depth);
    switch (first) {
      case '{':
        return object(slot, depth);
      case '[':
        return list(slot, depth);
      case '"':
        return string(slot);
      case 'n':
        return json_.word("null");
      case 't':
      case 'f': {
        bool is_true = first == 't';
        if (slot.type->boolean) slot.type->boolean(slot.at, is_true);
        return json_.word(is_true ? "true" : "false");
      }
      default: {
        std::int64_t number = 0;
        if (!json_.integer(number)) return false;
        if (slot.type->integer) slot.type->integer(slot.at, number);
        return true;
      }
    }
  }

  bool string(const ViewType::Slot& slot) {
    std::string_view text;
    if (!json_.string(text)) return false;
    if (!slot.type->string) return true;
    std::string copy(text);
    slot.type->string(slot.at, copy);
    return true;
  }

  bool object(const ViewType::Slot& slot, int depth) {
    json_.take('{');
    auto member = slot.type->member;
    if (member) member(slot.at, "");
    if (json_.take('}')) return true;
    do {
      std::string_view key;
      if (json_.peek() != '"' || !json_.string(key)) return false;
      ViewType::Slot next = member ? member(slot.at, key) : ViewType::Slot{};
      if (!json_.take(':') || !value(next, depth + 1)) return false;
    } while (json_.take(','));
    return json_.take('}');
  }

  bool list(const ViewType::Slot& slot, int depth) {
    json_.take('[');
    if (json_.take(']')) return true;
    auto element = slot.type->element;
    do {
      json_.peek();
      ViewType::Slot next = element ? element(slot.at) : ViewType::Slot{};
      if (!value(next, depth + 1)) return false;
    } while (json_.take(','));
    return json_.take(']');
  }

  // As it stands, when that is how a compact writer would write it.
  bool raw(RawJson& out, int depth) {
    const char* from = json_.at();
    json_.expect_compact();
    if (!json_.skip(depth) || !json_.is_compact()) return false;
    out.text.assign(from, json_.at());
    return true;
  }

  PlainJson json_;
};

}  // namespace

bool read_plain_view(std::string_view text, const ViewType& type, void* at) {
  PlainReader reader(text);
  return reader.read({&type, at}) && reader.at() == text.data() + text.size();
}

Result<void> read_view(std::string_view text, const ViewType& type, void* at) {
  Reader reader(type, at);
  if (nlohmann::json::sax_parse(text, &reader)) return {};
  return failure(400, "BadRequest", "cannot read the object: " + reader.error);
}

}  // namespace kubeloop::api
