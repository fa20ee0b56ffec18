#include "apiserver/storage/header_codec.hpp"

#include <limits>

namespace kubeloop::apiserver {
namespace {

constexpr char kVersion = 1;

using Pairs = std::vector<std::pair<std::string, std::string>>;

void put_number(std::string& out, std::uint64_t n) {
  while (n >= 0x80) {
    out += static_cast<char>(static_cast<unsigned char>(n) | 0x80);
    n >>= 7;
  }
  out += static_cast<char>(n);
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

void put_pairs(std::string& out, const Pairs& pairs) {
  put_number(out, pairs.size());
  for (const auto& [key, value] : pairs) {
    put_text(out, key);
    put_text(out, value);
  }
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      n |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return n;
    }
    is_good_ = false;
    return 0;
  }

  std::uint32_t offset() {
    auto n = number();
    if (n > std::numeric_limits<std::uint32_t>::max()) is_good_ = false;
    return static_cast<std::uint32_t>(n);
  }

  std::string text() {
    auto n = number();
    if (n > rest_.size()) {
      is_good_ = false;
      return "";
    }
    std::string out(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return out;
  }

  Pairs pairs() {
    auto n = number();
    Pairs out;
    if (n > rest_.size()) is_good_ = false;  // each takes two bytes at least
    for (std::uint64_t i = 0; i < n && is_good_; ++i) {
      std::string key = text();
      out.emplace_back(std::move(key), text());
    }
    return out;
  }

  bool is_at_good_end() const { return is_good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

}  // namespace

std::string encode_header(const Header& header) {
  std::string out(1, kVersion);
  for (const std::string* text : {&header.resource, &header.namespace_, &header.name, &header.uid})
    put_text(out, *text);
  put_pairs(out, header.labels);
  put_pairs(out, header.fields);
  put_number(out, header.revision_offset);
  put_number(out, header.metadata_offset);
  return out;
}

std::optional<Header> decode_header(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kVersion) return std::nullopt;
  Reader reader(bytes.substr(1));
  Header header;
  for (std::string* text : {&header.resource, &header.namespace_, &header.name, &header.uid}) *text = reader.text();
  header.labels = reader.pairs();
  header.fields = reader.pairs();
  header.revision_offset = reader.offset();
  header.metadata_offset = reader.offset();
  if (!reader.is_at_good_end()) return std::nullopt;
  return header;
}

}  // namespace kubeloop::apiserver
