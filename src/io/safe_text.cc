#include "io/safe_text.h"

#include "io/json.h"

namespace holdfast::io {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

bool IsControl(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || (c >= 0x200e && c <= 0x200f) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

}  // namespace

CodePoint DecodeCodePoint(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t value = size == 1 ? lead : lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  return {value, size};
}

std::string SafeText(std::string_view text) {
  const std::string repaired = RepairUtf8(text);
  std::string safe;
  safe.reserve(repaired.size());
  for (std::string_view rest = repaired; !rest.empty();) {
    const CodePoint point = DecodeCodePoint(rest);
    safe.append(IsControl(point.value) ? kReplacement : rest.substr(0, point.size));
    rest.remove_prefix(point.size);
  }
  return safe;
}

}  // namespace holdfast::io
