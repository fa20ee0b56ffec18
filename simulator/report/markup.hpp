// Text made safe for XML and HTML: whatever an object may be named, it stays text. Pure.
#pragma once
#include <string>
#include <string_view>

namespace kubeloop::simulator {

// The code points of `utf8`; U+FFFD for each byte that is no part of valid UTF-8.
std::u32string code_points(std::string_view utf8);
void append_utf8(std::string& out, char32_t point);

// For text and for attribute values in double quotes, in XML 1.0 and in HTML. What XML cannot hold even when escaped
// (control characters, U+FFFE, U+FFFF) becomes U+FFFD; line ends and tabs are kept by number.
std::string escape_markup(std::string_view text);

}  // namespace kubeloop::simulator
