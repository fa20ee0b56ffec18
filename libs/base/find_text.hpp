// string_view::find for texts that begin with a character that is everywhere, as the quote in JSON: memmem skips by the
// length of what it looks for, where find stops at every quote.
#pragma once
#include <cstring>
#include <string_view>

namespace kubeloop {

// Where `wanted` stands first in `text`, at `from` or behind; npos when it does not.
inline std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from = 0) {
  if (from > text.size()) return std::string_view::npos;
  const void* at = memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  return at ? static_cast<std::size_t>(static_cast<const char*>(at) - text.data()) : std::string_view::npos;
}

}  // namespace kubeloop
