#include "crypto/random.h"

#include <array>

#include "crypto/internal/sodium.h"

namespace holdfast::crypto {

void FillRandom(MutableBytes into) {
  internal::UseSodium();
  if (!into.empty()) randombytes_buf(into.data(), into.size());
}

std::vector<std::uint8_t> RandomBytes(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  FillRandom(bytes);
  return bytes;
}

Secret RandomToken(std::size_t size_bytes) {
  std::vector<std::uint8_t> bytes = RandomBytes(size_bytes);
  std::string text = internal::EncodeUrlBase64(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return Secret::Take(text);
}

std::string Uuid4() {
  std::array<std::uint8_t, 16> bytes{};
  FillRandom(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562
  std::string text = ToHex(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return text;
}

}  // namespace holdfast::crypto
