// Texts that somebody else wrote, on their way into columns. Names, versions and messages from an image can be of any
// length and hold any bytes; a database refuses zero bytes and broken UTF-8, and PostgreSQL's indexes have room for
// 2,700 bytes an entry. Repositories pass what goes into an indexed column, and what is looked up there, through
// IndexedText; whoever takes texts from an image passes the others through StorableText.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::store {

// As many bytes as an indexed text has at most; an index entry may have four such texts.
inline constexpr std::size_t kIndexedBytesMax = 512;
// For people: messages of errors.
inline constexpr std::size_t kMessageBytesMax = 4096;

// `text` without zero bytes, and with U+FFFD for each byte that is not part of well-formed UTF-8.
[[nodiscard]] std::string StorableText(std::string_view text);
// The same, and no longer than that, cut between characters.
[[nodiscard]] std::string StorableText(std::string_view text, std::size_t bytes_max);
// A storable text of at most kIndexedBytesMax bytes. What is longer is cut, and ends in '~' and 32 hex digits of the
// SHA-256 of the whole, so that two that differ stay two. A text that fits is itself.
[[nodiscard]] std::string IndexedText(std::string_view text);

}  // namespace holdfast::store
