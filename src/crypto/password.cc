#include "crypto/password.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include "base/format.h"
#include "crypto/internal/sodium.h"

namespace holdfast::crypto {
namespace {

constexpr std::uint64_t kMemoryBytesMin = 8 * kKiB;
constexpr std::uint64_t kMemoryBytesMax = 256 * kMiB;
constexpr std::uint32_t kPassesMax = 16;

using StoredText = std::array<char, crypto_pwhash_STRBYTES>;

bool IsInRange(const PasswordCost& cost) {
  return cost.memory_bytes >= kMemoryBytesMin && cost.memory_bytes <= kMemoryBytesMax && cost.passes >= 1 &&
         cost.passes <= kPassesMax;
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool TakeNumber(std::string_view& text, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// "$argon2id$v=19$m=32768,t=1,p=1$…": what verifying it would cost, when that is in range.
std::optional<PasswordCost> CostOf(std::string_view stored) {
  std::uint32_t memory_kib = 0, passes = 0;
  if (!TakePrefix(stored, "$argon2id$v=19$m=") || !TakeNumber(stored, memory_kib) || !TakePrefix(stored, ",t=") ||
      !TakeNumber(stored, passes) || !TakePrefix(stored, ",p=1$"))
    return std::nullopt;
  const PasswordCost cost{.memory_bytes = memory_kib * kKiB, .passes = passes};
  return IsInRange(cost) ? std::optional(cost) : std::nullopt;
}

Result<StoredText> Hash(std::string_view password, const PasswordCost& cost) {
  internal::UseSodium();
  StoredText text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.passes,
                            static_cast<std::size_t>(cost.memory_bytes), crypto_pwhash_ALG_ARGON2ID13) != 0)
    return Fail(ErrorKind::kUnavailable, Format("no {} bytes of memory to hash a password", cost.memory_bytes));
  return text;
}

Result<void> CheckCost(const PasswordCost& cost) {
  if (IsInRange(cost)) return {};
  return Fail(ErrorKind::kInvalidInput,
              Format("password cost of {} bytes and {} passes: {} to {} bytes and 1 to {} passes", cost.memory_bytes,
                     cost.passes, kMemoryBytesMin, kMemoryBytesMax, kPassesMax));
}

}  // namespace

Result<std::string> HashPassword(const Secret& password, const PasswordCost& cost) {
  HF_CHECK_OK(CheckCost(cost));
  if (password.Empty()) return Fail(ErrorKind::kInvalidInput, "an empty password");
  if (password.Size() > kPasswordBytesMax)
    return Fail(ErrorKind::kInvalidInput, Format("a password of more than {} bytes", kPasswordBytesMax));
  HF_TRY(const StoredText text, Hash(password.Reveal(), cost));
  return std::string(text.data());
}

Result<PasswordCheck> VerifyPassword(const Secret& password, std::string_view stored, const PasswordCost& cost) {
  HF_CHECK_OK(CheckCost(cost));
  const std::string_view guess = password.Reveal().substr(0, kPasswordBytesMax);
  const auto stored_cost = CostOf(stored);
  StoredText text{};
  if (!stored_cost || stored.size() >= text.size() || guess.size() != password.Size() || guess.empty()) {
    HF_CHECK_OK(Hash(guess, cost));
    return PasswordCheck{};
  }
  std::copy(stored.begin(), stored.end(), text.begin());
  internal::UseSodium();
  errno = 0;
  if (crypto_pwhash_str_verify(text.data(), guess.data(), guess.size()) != 0) {
    if (errno == ENOMEM) return Fail(ErrorKind::kUnavailable, "no memory to verify a password");
    return PasswordCheck{};
  }
  return PasswordCheck{.matches = true,
                       .needs_rehash = stored_cost->memory_bytes / kKiB != cost.memory_bytes / kKiB ||
                                       stored_cost->passes != cost.passes};
}

}  // namespace holdfast::crypto
