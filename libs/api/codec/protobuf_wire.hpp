// Reads the fields of one protobuf message. Holds a view of bytes that the caller owns; never reads past them. After an
// error `failed()` stays true and next() gives nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace kubeloop::api {

struct WireField {
  int number = 0;
  int wire_type = 0;          // 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes
  std::uint64_t value = 0;    // of the numeric types
  std::string_view bytes;     // of wire type 2
};

class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }

  // The next field; nothing at the end and after malformed bytes. Groups (wire types 3 and 4) count as malformed.
  std::optional<WireField> next() {
    if (rest_.empty() || failed_) return std::nullopt;
    WireField field;
    const std::uint64_t tag = varint();
    if (tag > 0xffffffffu) failed_ = true;
    field.number = static_cast<int>(tag >> 3);
    field.wire_type = static_cast<int>(tag & 7);
    if (field.number == 0) failed_ = true;
    switch (field.wire_type) {
      case 0: field.value = varint(); break;
      case 1: field.value = fixed(8); break;
      case 5: field.value = fixed(4); break;
      case 2: {
        const std::uint64_t size = varint();
        if (failed_ || size > rest_.size()) {
          failed_ = true;
          break;
        }
        field.bytes = rest_.substr(0, size);
        rest_.remove_prefix(size);
        break;
      }
      default: failed_ = true;
    }
    if (failed_) return std::nullopt;
    return field;
  }

  bool at_end() const { return rest_.empty(); }

  // One base-128 number: also the elements of a packed list.
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift < 64) value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }

 private:
  std::uint64_t fixed(std::size_t size) {
    if (rest_.size() < size) {
      failed_ = true;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(size);
    return value;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace kubeloop::api
