#include "store/storable_text.h"

#include "base/digest.h"
#include "io/json.h"
#include "io/sha256.h"

namespace holdfast::store {
namespace {

constexpr std::size_t kHashDigits = 32;

// How much of well-formed UTF-8 fits without cutting a character.
std::string_view Cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U; };
  std::size_t end = bytes_max;
  while (end > 0 && continues(end)) --end;
  return text.substr(0, end);
}

}  // namespace

std::string StorableText(std::string_view text) {
  std::string repaired = io::RepairUtf8(text);
  std::erase(repaired, '\0');
  return repaired;
}

std::string StorableText(std::string_view text, std::size_t bytes_max) {
  return std::string(Cut(StorableText(text), bytes_max));
}

std::string IndexedText(std::string_view text) {
  std::string storable = StorableText(text);
  if (storable.size() <= kIndexedBytesMax) return storable;
  const std::string hash = io::Sha256Of(text).Hex().substr(0, kHashDigits);
  return std::string(Cut(storable, kIndexedBytesMax - kHashDigits - 1)) + "~" + hash;
}

}  // namespace holdfast::store
