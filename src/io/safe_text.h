// Text made safe for terminals and for logs of one line an entry.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::io {

// The code point at the start of well-formed UTF-8, and its length.
struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;
};
[[nodiscard]] CodePoint DecodeCodePoint(std::string_view text);

// `text` with control characters and broken UTF-8 replaced, so that a package name can neither move the
// cursor nor forge a line. Bidirectional overrides count as control characters.
[[nodiscard]] std::string SafeText(std::string_view text);

}  // namespace holdfast::io
