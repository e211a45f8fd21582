#include "model/cpe.h"

#include <array>
#include <optional>
#include <vector>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::model {
namespace {

constexpr std::string_view kFormattedPrefix = "cpe:2.3:";
constexpr std::string_view kUriPrefix = "cpe:/";
constexpr std::string_view kJavaUpdate = "update";
constexpr std::size_t kFormattedValues = 11;
constexpr std::size_t kUriValues = 7;
constexpr std::size_t kPackedValues = 5;
constexpr std::size_t kToldBytesMax = 128;

// In the order of the formatted string; the first seven are the URI's too.
constexpr std::array<std::string Cpe::*, kFormattedValues> kMembers = {
    &Cpe::part,     &Cpe::vendor,           &Cpe::product,         &Cpe::version,         &Cpe::update, &Cpe::edition,
    &Cpe::language, &Cpe::software_edition, &Cpe::target_software, &Cpe::target_hardware, &Cpe::other};
// What the URI packs into its edition.
constexpr std::array<std::string Cpe::*, kPackedValues> kPackedMembers = {
    &Cpe::edition, &Cpe::software_edition, &Cpe::target_software, &Cpe::target_hardware, &Cpe::other};

bool IsPart(std::string_view part) { return part == "a" || part == "o" || part == "h" || part == "*"; }

Error NoCpe(std::string_view text) {
  return {ErrorKind::kInvalidInput, Format("\"{}\" is no CPE name", text.substr(0, kToldBytesMax))};
}

// Without quoting; nothing for a backslash that quotes nothing.
std::optional<std::string> Unquote(std::string_view value) {
  if (value == "\\*" || value == "\\-") return std::string(value);
  std::string plain;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && ++i == value.size()) return std::nullopt;
    plain += value[i];
  }
  return LowerCase(plain);
}

// The values between colons that are not quoted.
std::vector<std::string_view> SplitFormatted(std::string_view text) {
  std::vector<std::string_view> values;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == ':') {
      values.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  values.push_back(text.substr(begin));
  return values;
}

std::optional<Cpe> ParseFormatted(std::string_view text) {
  const auto values = SplitFormatted(text);
  if (values.size() != kFormattedValues) return std::nullopt;
  Cpe cpe;
  for (std::size_t i = 0; i < kFormattedValues; ++i) {
    auto value = Unquote(values[i]);
    if (!value || value->empty()) return std::nullopt;
    cpe.*kMembers.at(i) = *std::move(value);
  }
  return cpe;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Percent-encoding; %01 and %02 stand for the wildcards "?" and "*". An empty value is any.
std::optional<std::string> DecodeUri(std::string_view value) {
  if (value.empty()) return "*";
  std::string plain;
  const std::string lower = LowerCase(value);
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (lower[i] != '%') {
      plain += lower[i];
      continue;
    }
    if (lower.size() - i < 3) return std::nullopt;
    const int high = HexValue(lower[i + 1]), low = HexValue(lower[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    const int code = high * 16 + low;
    plain += code == 1 ? '?' : code == 2 ? '*' : static_cast<char>(code);
    i += 2;
  }
  return LowerCase(plain);
}

bool UnpackEdition(std::string_view packed, Cpe& cpe) {
  for (const auto member : kPackedMembers) {
    auto value = DecodeUri(TakeUntil(packed, '~'));
    if (!value) return false;
    cpe.*member = *std::move(value);
  }
  return packed.empty();
}

std::optional<Cpe> ParseUri(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Cpe cpe;
  for (const auto member : kMembers) (cpe.*member).assign(1, '*');
  for (std::size_t i = 0; !text.empty(); ++i) {
    if (i == kUriValues) return std::nullopt;
    const std::string_view value = TakeUntil(text, ':');
    if (kMembers.at(i) == &Cpe::edition && value.starts_with('~')) {
      if (!UnpackEdition(value.substr(1), cpe)) return std::nullopt;
      continue;
    }
    auto plain = DecodeUri(value);
    if (!plain) return std::nullopt;
    cpe.*kMembers.at(i) = *std::move(plain);
  }
  return cpe;
}

}  // namespace

std::string ProductName(const Cpe& cpe) { return Format("{}:{}", cpe.vendor, cpe.product); }

std::string VersionWithUpdate(const Cpe& cpe) {
  if (!IsStated(cpe.update)) return cpe.version;
  std::string_view update = cpe.update;
  if (!update.starts_with(kJavaUpdate)) return Format("{}-{}", cpe.version, update);
  update.remove_prefix(kJavaUpdate.size());
  if (update.starts_with('_')) update.remove_prefix(1);
  return Format("{}_{}", cpe.version, update);
}

Result<Cpe> ParseCpe(std::string_view text) {
  if (text.size() > kCpeBytesMax)
    return Fail(ErrorKind::kLimit, Format("CPE name of {} bytes, limit {}", text.size(), kCpeBytesMax));
  std::optional<Cpe> cpe;
  if (text.starts_with(kFormattedPrefix)) cpe = ParseFormatted(text.substr(kFormattedPrefix.size()));
  if (text.starts_with(kUriPrefix)) cpe = ParseUri(text.substr(kUriPrefix.size()));
  if (!cpe || !IsPart(cpe->part)) return std::unexpected(NoCpe(text));
  return *std::move(cpe);
}

}  // namespace holdfast::model
