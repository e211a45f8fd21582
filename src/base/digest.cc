#include "base/digest.h"

#include <optional>

#include "base/format.h"

namespace holdfast {
namespace {

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

Result<Sha256Value> Sha256Value::FromHex(std::string_view hex) {
  Sha256Value value;
  if (hex.size() != value.bytes.size() * 2)
    return Fail(ErrorKind::kInvalidInput, Format("a SHA-256 has 64 hexadecimal digits, not {}", hex.size()));
  for (std::size_t i = 0; i < value.bytes.size(); ++i) {
    const auto high = HexDigit(hex[2 * i]);
    const auto low = HexDigit(hex[2 * i + 1]);
    if (!high || !low) return Fail(ErrorKind::kInvalidInput, "a SHA-256 has only hexadecimal digits");
    value.bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return value;
}

Result<Digest> Digest::Parse(std::string_view text) {
  static constexpr std::string_view kPrefix = "sha256:";
  if (!text.starts_with(kPrefix)) {
    if (text.find(':') == std::string_view::npos)
      return Fail(ErrorKind::kInvalidInput, "a digest looks like sha256:<64 hexadecimal digits>");
    return Fail(ErrorKind::kUnsupported, Format("digest algorithm '{}' (only sha256 is supported)",
                                                text.substr(0, std::min<std::size_t>(text.find(':'), 32))));
  }
  text.remove_prefix(kPrefix.size());
  // OCI asks for lower case; accepting both would give one blob two names.
  for (const char c : text)
    if (c >= 'A' && c <= 'F') return Fail(ErrorKind::kInvalidInput, "a digest is written in lower case");
  HF_TRY(const auto value, Sha256Value::FromHex(text));
  return Digest(value);
}

}  // namespace holdfast
