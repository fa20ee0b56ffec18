// Reads JSON straight into a typed view, through nlohmann's SAX interface: no document tree, unknown fields skipped,
// nulls and wrong types left at their defaults. A member name's trailing underscore (namespace_, operator_) is not part
// of the JSON key.
#pragma once
#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.hpp"

namespace kubeloop::api {

// A member of a view that is kept as JSON text, compact, whatever it is; "" when it is absent.
struct RawJson {
  std::string text;

  bool operator==(const RawJson&) const = default;
};

// How to fill a value of one C++ type from parse events. One static table a type; `at` is the value being filled.
struct ViewType {
  void (*string)(void* at, std::string& value) = nullptr;
  void (*integer)(void* at, std::int64_t value) = nullptr;
  void (*boolean)(void* at, bool value) = nullptr;
  // The member `key` of an object, or the next element of an array; a null type means: skip it.
  struct Slot {
    const ViewType* type = nullptr;
    void* at = nullptr;
  };
  Slot (*member)(void* at, std::string_view key) = nullptr;
  Slot (*element)(void* at) = nullptr;
  // `at` is a RawJson: it takes the whole value.
  bool is_raw = false;
};

// Fills `at` from `text`. A Status (400) when the text is no JSON or nested deeper than 100.
Result<void> read_view(std::string_view text, const ViewType& type, void* at);
// The same, faster, for the JSON that is common (plain_json.hpp); false for any other, and `at` may be half filled.
bool read_plain_view(std::string_view text, const ViewType& type, void* at);

namespace view_detail {

template <class T>
const ViewType& view_type();

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;

template <Described T>
ViewType::Slot find_member(void* at, std::string_view key) {
  ViewType::Slot slot;
  if (key.empty()) return slot;
  T& object = *static_cast<T*>(at);
  auto fits = [&](auto member) {
    static constexpr std::string_view kName = [] {
      std::string_view name = decltype(member)::name;
      if (name.ends_with('_')) name.remove_suffix(1);
      return name;
    }();
    if (key.size() != kName.size() || key[0] != kName[0] || key != kName) return false;
    auto& field = object.*member.pointer;
    slot.type = &view_type<std::remove_cvref_t<decltype(field)>>();
    slot.at = &field;
    return true;
  };
  using Members = boost::describe::describe_members<T, boost::describe::mod_public>;
  [&]<class... M>(boost::mp11::mp_list<M...>) {
    (void)(fits(M()) || ...);
  }(boost::mp11::mp_rename<Members, boost::mp11::mp_list>());
  return slot;
}

template <class T>
struct Maker {
  static ViewType make() {
    static_assert(Described<T>,
                  "a view's member must be described, or a string, integer, bool, optional, vector or map of such");
    ViewType type;
    type.member = &find_member<T>;
    return type;
  }
};

template <>
struct Maker<std::string> {
  static ViewType make() {
    ViewType type;
    type.string = [](void* at, std::string& value) { *static_cast<std::string*>(at) = std::move(value); };
    // Quantities and IntOrStrings may be written as numbers.
    type.integer = [](void* at, std::int64_t value) { *static_cast<std::string*>(at) = std::to_string(value); };
    return type;
  }
};

template <>
struct Maker<RawJson> {
  static ViewType make() {
    ViewType type;
    type.is_raw = true;
    return type;
  }
};

template <>
struct Maker<std::int64_t> {
  static ViewType make() {
    ViewType type;
    type.integer = [](void* at, std::int64_t value) { *static_cast<std::int64_t*>(at) = value; };
    return type;
  }
};

template <>
struct Maker<bool> {
  static ViewType make() {
    ViewType type;
    type.boolean = [](void* at, bool value) { *static_cast<bool*>(at) = value; };
    return type;
  }
};

template <class T>
struct Maker<std::optional<T>> {
  static_assert(!std::is_same_v<T, RawJson>, "an absent RawJson has no text");
  static T& inside(void* at) {
    auto& value = *static_cast<std::optional<T>*>(at);
    return value ? *value : value.emplace();
  }
  static ViewType make() {
    const ViewType& inner = view_type<T>();
    ViewType type;
    if (inner.string) type.string = [](void* at, std::string& v) { view_type<T>().string(&inside(at), v); };
    if (inner.integer) type.integer = [](void* at, std::int64_t v) { view_type<T>().integer(&inside(at), v); };
    if (inner.boolean) type.boolean = [](void* at, bool v) { view_type<T>().boolean(&inside(at), v); };
    // An empty object ("limits: {}") must make the value exist: an empty key is looked up when an object opens.
    if (inner.member) {
      type.member = [](void* at, std::string_view key) { return view_type<T>().member(&inside(at), key); };
    }
    if (inner.element) type.element = [](void* at) { return view_type<T>().element(&inside(at)); };
    return type;
  }
};

template <class T>
struct Maker<std::vector<T>> {
  static ViewType make() {
    ViewType type;
    type.element = [](void* at) {
      return ViewType::Slot{&view_type<T>(), &static_cast<std::vector<T>*>(at)->emplace_back()};
    };
    return type;
  }
};

template <class T>
struct Maker<std::map<std::string, T>> {
  static ViewType make() {
    ViewType type;
    type.member = [](void* at, std::string_view key) {
      if (key.empty()) return ViewType::Slot{};
      return ViewType::Slot{&view_type<T>(), &(*static_cast<std::map<std::string, T>*>(at))[std::string(key)]};
    };
    return type;
  }
};

template <class T>
const ViewType& view_type() {
  static const ViewType type = Maker<T>::make();
  return type;
}

}  // namespace view_detail

template <class T>
Result<T> decode_view(std::string_view text) {
  T value{};
  if (read_plain_view(text, view_detail::view_type<T>(), &value)) return value;
  value = T{};
  auto read = read_view(text, view_detail::view_type<T>(), &value);
  if (!read) return std::unexpected(std::move(read.error()));
  return value;
}

}  // namespace kubeloop::api
