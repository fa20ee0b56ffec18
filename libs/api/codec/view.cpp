#include "libs/api/codec/view.hpp"

#include <nlohmann/json.hpp>

namespace kubeloop::api {
namespace {

constexpr std::size_t kMaxDepth = 100;

class Reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Reader(const ViewType& type, void* at) : next_{&type, at} {}

  bool null() override { return drop(); }
  bool boolean(bool value) override {
    auto slot = take();
    if (slot.type && slot.type->boolean) slot.type->boolean(slot.at, value);
    return true;
  }
  bool number_integer(number_integer_t value) override { return integer(value); }
  bool number_unsigned(number_unsigned_t value) override { return integer(static_cast<std::int64_t>(value)); }
  bool number_float(number_float_t value, const string_t& text) override {
    auto slot = take();
    std::string copy = text;
    if (slot.type && slot.type->string) slot.type->string(slot.at, copy);
    return true;
  }
  bool string(string_t& value) override {
    auto slot = take();
    if (slot.type && slot.type->string) slot.type->string(slot.at, value);
    return true;
  }
  bool binary(binary_t&) override { return drop(); }

  bool start_object(std::size_t) override {
    auto slot = take();
    if (slot.type && slot.type->member) slot.type->member(slot.at, "");
    return push(slot, slot.type && slot.type->member, false);
  }
  bool key(string_t& name) override {
    auto& top = stack_.back();
    next_ = top.slot.type ? top.slot.type->member(top.slot.at, name) : ViewType::Slot{};
    return true;
  }
  bool end_object() override { return pop(); }
  bool start_array(std::size_t) override {
    auto slot = take();
    return push(slot, slot.type && slot.type->element, true);
  }
  bool end_array() override { return pop(); }
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
  bool drop() {
    take();
    return true;
  }
  bool integer(std::int64_t value) {
    auto slot = take();
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
  bool pop() {
    stack_.pop_back();
    return true;
  }

  ViewType::Slot next_;
  std::vector<Frame> stack_;
};

}  // namespace

Result<void> read_view(std::string_view text, const ViewType& type, void* at) {
  Reader reader(type, at);
  if (nlohmann::json::sax_parse(text, &reader)) return {};
  return failure(400, "BadRequest", "cannot read the object: " + reader.error);
}

}  // namespace kubeloop::api
