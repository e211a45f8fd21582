// Values as columns hold them.
#pragma once

#include <optional>
#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "store/database.h"

namespace holdfast::store {

// A digest is 32 raw bytes.
[[nodiscard]] inline Value FromDigest(const Digest& digest) {
  return Blob{std::string(AsText(Bytes(digest.Value().bytes)))};
}
[[nodiscard]] inline Value FromDigest(const std::optional<Digest>& digest) {
  return digest ? FromDigest(*digest) : Value{};
}
// Nothing when the cell is NULL or does not hold 32 bytes.
[[nodiscard]] std::optional<Digest> ToDigest(const Cell& cell);

[[nodiscard]] inline Value FromBool(bool value) { return std::int64_t{value ? 1 : 0}; }
[[nodiscard]] inline Value FromOptional(const std::optional<std::string>& text) {
  return text ? Value{*text} : Value{};
}
[[nodiscard]] inline Value FromOptional(const std::optional<std::int64_t>& number) {
  return number ? Value{*number} : Value{};
}

}  // namespace holdfast::store
