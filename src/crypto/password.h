// Passwords of people, stored as Argon2id (RFC 9106) in the usual text form "$argon2id$v=19$m=…,t=…,p=1$…$…".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace holdfast::crypto {

inline constexpr std::size_t kPasswordBytesMax = 1024;

// What one guess costs. The default takes 20 to 50 ms of one core of a server.
struct PasswordCost {
  std::uint64_t memory_bytes = 32 * kMiB;  // 8 KiB to 256 MiB
  std::uint32_t passes = 2;                // 1 to 16
};

// kInvalidInput for an empty or too long password or a cost out of range; kUnavailable when there is no memory.
[[nodiscard]] Result<std::string> HashPassword(const Secret& password, const PasswordCost& cost = {});

struct PasswordCheck {
  bool matches = false;
  bool needs_rehash = false;  // it matches, but was stored at another cost: hash and store it again
};

// A `stored` that is empty or not such a text never matches, and costs as much as `cost` says: an unknown user takes as
// long as a wrong password. A stored cost above the range is refused without being paid. kUnavailable when there is
// no memory.
[[nodiscard]] Result<PasswordCheck> VerifyPassword(const Secret& password, std::string_view stored,
                                                   const PasswordCost& cost = {});

}  // namespace holdfast::crypto
