// Views of bytes, and the conversions between them and text. A Bytes never owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace holdfast {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

[[nodiscard]] inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Fixed-width reads from untrusted bytes. Requires: offset + width <= bytes.size().
template <typename T>
[[nodiscard]] T LoadLittle(Bytes bytes, std::size_t offset = 0) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | static_cast<T>(static_cast<T>(bytes[offset + i]) << (8 * i)));
  return value;
}
template <typename T>
[[nodiscard]] T LoadBig(Bytes bytes, std::size_t offset = 0) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(static_cast<T>(value << 8) | static_cast<T>(bytes[offset + i]));
  return value;
}

// Lower-case hexadecimal, two characters a byte.
[[nodiscard]] std::string ToHex(Bytes bytes);

}  // namespace holdfast
