#include "base/clock.h"

#include <charconv>
#include <chrono>
#include <optional>

#include "base/format.h"

namespace holdfast {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

// Reads exactly `width` digits and drops them.
std::optional<int> TakeDigits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool TakeOne(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Milliseconds of "12:34:56.789", from the hour on.
std::optional<std::int64_t> TakeClock(std::string_view& text) {
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !TakeOne(text, ":")) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  std::int64_t ms = (*hour * 60 + *minute) * 60'000LL;
  if (!TakeOne(text, ":")) return ms;
  const auto second = TakeDigits(text, 2);
  if (!second || *second > 60) return std::nullopt;  // 60: a leap second
  ms += *second * 1000LL;
  if (!TakeOne(text, ".,")) return ms;
  std::int64_t unit = 100;
  std::size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits) {
    ms += (text.front() - '0') * unit;
    unit /= 10;
  }
  if (digits == 0) return std::nullopt;
  return ms;
}

// Milliseconds that the zone is ahead of UTC.
std::optional<std::int64_t> TakeZone(std::string_view& text) {
  if (text.empty() || TakeOne(text, "zZ")) return 0;
  const bool west = text.front() == '-';
  if (!TakeOne(text, "+-")) return std::nullopt;
  const auto hours = TakeDigits(text, 2);
  if (!hours || *hours > 23) return std::nullopt;
  (void)TakeOne(text, ":");
  const auto minutes = text.empty() ? std::optional<int>(0) : TakeDigits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const std::int64_t ms = (*hours * 60 + *minutes) * 60'000LL;
  return west ? -ms : ms;
}

std::optional<std::int64_t> Parse(std::string_view text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeOne(text, "-")) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeOne(text, "-")) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  std::int64_t ms = std::chrono::milliseconds(sys_days{date}.time_since_epoch()).count();
  if (text.empty()) return ms;
  if (!TakeOne(text, "tT ")) return std::nullopt;
  const auto clock = TakeClock(text);
  if (!clock) return std::nullopt;
  const auto zone = TakeZone(text);
  if (!zone || !text.empty()) return std::nullopt;
  ms += *clock - *zone;
  return ms;
}

}  // namespace

std::int64_t SystemClock::NowMs() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string FormatTime(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds{ms}};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return Format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                clock.minutes().count(), clock.seconds().count());
}

Result<std::int64_t> ParseTime(std::string_view text) {
  if (const auto ms = Parse(text)) return *ms;
  return Fail(ErrorKind::kInvalidInput,
              Format("'{}' is not a time; one is written 2026-01-31T12:00:00Z", text.substr(0, 64)));
}

}  // namespace holdfast
