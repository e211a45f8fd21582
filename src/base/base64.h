// Base64 (RFC 4648 sections 4 and 5): digests in package databases and manifests come in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

// Decodes either alphabet ('+' '/' or '-' '_'), with or without padding. Nothing when a character or the length is
// impossible; bits beyond the last whole byte are ignored.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> DecodeBase64(std::string_view text);

// With padding, in the alphabet of '+' and '/'.
[[nodiscard]] std::string EncodeBase64(std::string_view text);

}  // namespace holdfast
