// Random numbers from the operating system, fit for keys and tokens. Safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace holdfast::crypto {

void FillRandom(MutableBytes into);
[[nodiscard]] std::vector<std::uint8_t> RandomBytes(std::size_t size);

// `size_bytes` random bytes as text of [A-Za-z0-9_-]: 32 bytes are 43 characters, 256 bits.
[[nodiscard]] Secret RandomToken(std::size_t size_bytes = 32);

// RFC 9562 section 5.4: "1b4e28ba-2fa1-4f1c-9e3b-7c1f5ad0f8aa".
[[nodiscard]] std::string Uuid4();

}  // namespace holdfast::crypto
