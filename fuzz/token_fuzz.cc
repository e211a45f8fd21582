// A token as it comes; and the same bytes as the JSON inside of one, whose texts survive being written and read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "crypto/internal/flat_json.h"
#include "crypto/mac.h"
#include "crypto/token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const holdfast::crypto::Secret key(std::string(32, 'k'));
  (void)holdfast::crypto::VerifyToken(text, key, {.now = 1000});
  const auto object = holdfast::crypto::internal::ParseFlatJson(text);
  if (!object) return 0;
  for (const auto& [name, value] : *object) {
    if (!holdfast::crypto::internal::IsUtf8(name)) std::abort();
    const auto* string = std::get_if<std::string>(&value);
    if (string == nullptr) continue;
    const auto again =
        holdfast::crypto::internal::ParseFlatJson("{\"x\":" + holdfast::crypto::internal::QuoteJson(*string) + "}");
    if (!again || std::get<std::string>(again->at("x")) != *string) std::abort();
  }
  return 0;
}
