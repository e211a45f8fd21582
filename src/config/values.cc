#include "config/internal/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/format.h"
#include "config/internal/variables.h"

namespace holdfast::config::internal {
namespace {

constexpr std::size_t kListMax = 1000;

bool SameIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::unexpected<Error> Wants(std::string_view what) { return Fail(ErrorKind::kInvalidInput, Format("wants {}", what)); }

// The choice as the table spells it.
Result<std::string> Choose(std::string_view choices, std::string_view text) {
  std::string_view rest = choices;
  while (!rest.empty()) {
    const std::string_view choice = rest.substr(0, rest.find('|'));
    rest.remove_prefix(std::min(rest.size(), choice.size() + 1));
    if (SameIgnoringCase(choice, text)) return std::string(choice);
  }
  std::string list(choices);
  for (std::size_t at = list.find('|'); at != std::string::npos; at = list.find('|', at)) list.replace(at, 1, ", ");
  return Wants(Format("one of {}", list));
}

bool IsAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = ParseInteger(text.substr(colon + 1));
  return port && *port >= 1 && *port <= 65535;
}

bool IsUrl(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (text.starts_with(scheme))
      return text.size() > scheme.size() && text.find_first_of(" \t\r\n") == std::string_view::npos;
  return false;
}

Result<void> CheckForm(const KeySpec& spec, std::string_view text) {
  if (text.empty()) return {};
  if (spec.form == Form::kAddress && !IsAddress(text)) return Wants("an address and a port, as 0.0.0.0:8228");
  if (spec.form == Form::kUrl && !IsUrl(text)) return Wants("a URL that begins with http:// or https://");
  return {};
}

std::string RangeText(const KeySpec& spec) {
  if (spec.max == std::numeric_limits<std::int64_t>::max()) return Format("a whole number of at least {}", spec.min);
  return Format("a whole number from {} to {}", spec.min, spec.max);
}

}  // namespace

std::optional<bool> ParseBool(std::string_view text) {
  for (const std::string_view word : {"true", "yes", "on", "y", "1"})
    if (SameIgnoringCase(word, text)) return true;
  for (const std::string_view word : {"false", "no", "off", "n", "0"})
    if (SameIgnoringCase(word, text)) return false;
  return std::nullopt;
}

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool IsNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  std::array<unsigned char, 16> bytes{};
  const bool v4 = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!v4 && inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
  if (address.find('\0') != std::string::npos) return false;
  if (slash == std::string_view::npos) return true;
  const auto bits = ParseInteger(text.substr(slash + 1));
  return bits && *bits >= 0 && *bits <= (v4 ? 32 : 128);
}

Result<void> StoreText(const BoundKey& key, std::string_view text) {
  const KeySpec& spec = *key.spec;
  if (auto* const* flag = std::get_if<bool*>(&key.slot)) {
    const auto value = ParseBool(text);
    if (!value) return Wants("true or false");
    **flag = *value;
    return {};
  }
  if (auto* const* number = std::get_if<std::int64_t*>(&key.slot)) {
    const auto value = ParseInteger(text);
    if (!value || *value < spec.min || *value > spec.max) return Wants(RangeText(spec));
    **number = *value;
    return {};
  }
  if (auto* const* string = std::get_if<std::string*>(&key.slot)) {
    HF_CHECK_OK(CheckForm(spec, text));
    if (spec.choices.empty()) {
      **string = text;
      return {};
    }
    HF_TRY(**string, Choose(spec.choices, text));
    return {};
  }
  if (auto* const* secret = std::get_if<Secret*>(&key.slot)) {
    **secret = Secret(text);
    return {};
  }
  Texts values;
  while (!text.empty() && values.size() <= kListMax) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    if (const std::string_view trimmed = TrimBlanks(item); !trimmed.empty()) values.emplace_back(trimmed);
  }
  return StoreList(key, std::move(values));
}

Result<void> StoreList(const BoundKey& key, Texts values) {
  auto* const* list = std::get_if<Texts*>(&key.slot);
  if (list == nullptr) return Wants("one value, not a list or block");
  if (values.size() > kListMax) return Wants(Format("at most {} values", kListMax));
  if (key.spec->form == Form::kNetworks && !std::ranges::all_of(values, [](const auto& v) { return IsNetwork(v); }))
    return Wants("networks, as 10.0.0.0/8 or fd00::/8");
  **list = std::move(values);
  return {};
}

std::int64_t ClampTimer(const KeySpec& spec, std::int64_t value, std::string& note) {
  if (value == 0) return 0;
  if (value < 0) return value == std::numeric_limits<std::int64_t>::min() ? spec.max : -value;
  const std::int64_t clamped = std::clamp(value, spec.min, spec.max);
  if (clamped != value)
    note = Format("{} seconds is taken as {}: the range is {} to {} (a negative number is not brought into it)", value,
                  clamped, spec.min, spec.max);
  return clamped;
}

}  // namespace holdfast::config::internal
