#include "advisory/cve.h"

#include <algorithm>

#include "base/clock.h"
#include "base/format.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kCvePrefix = "CVE-";
constexpr std::string_view kCwePrefix = "CWE-";
constexpr std::size_t kYearDigits = 4;
constexpr std::size_t kCveDigitsMin = 4, kCveDigitsMax = 19;
constexpr std::size_t kCweDigitsMax = 6;
constexpr std::size_t kToldBytesMax = 64;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool IsCveId(std::string_view text) {
  if (!text.starts_with(kCvePrefix)) return false;
  text.remove_prefix(kCvePrefix.size());
  if (text.size() <= kYearDigits || text[kYearDigits] != '-') return false;
  const std::string_view year = text.substr(0, kYearDigits), number = text.substr(kYearDigits + 1);
  return number.size() >= kCveDigitsMin && number.size() <= kCveDigitsMax && std::ranges::all_of(year, IsDigit) &&
         std::ranges::all_of(number, IsDigit);
}

Result<std::string> CveIdOf(std::string_view text) {
  if (IsCveId(text)) return std::string(text);
  return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no CVE identifier", text.substr(0, kToldBytesMax)));
}

std::string_view CweOf(std::string_view text) {
  if (!text.starts_with(kCwePrefix)) return {};
  std::size_t end = kCwePrefix.size();
  while (end < text.size() && IsDigit(text[end])) ++end;
  const std::size_t digits = end - kCwePrefix.size();
  return digits == 0 || digits > kCweDigitsMax ? std::string_view() : text.substr(0, end);
}

std::string_view CutText(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string UtcTime(std::string_view text) {
  const auto ms = ParseTime(text);
  return ms ? FormatTime(*ms) : std::string();
}

}  // namespace holdfast::advisory
