#include "policy/time_text.h"

#include <chrono>

namespace holdfast::policy {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  // Exactly that many digits.
  std::optional<int> Number(std::size_t digits) {
    if (text_.size() < digits) return std::nullopt;
    int number = 0;
    for (const char c : text_.substr(0, digits)) {
      if (c < '0' || c > '9') return std::nullopt;
      number = number * 10 + (c - '0');
    }
    text_.remove_prefix(digits);
    return number;
  }
  bool Skip(std::string_view one_of) {
    if (text_.empty() || one_of.find(text_[0]) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool SkipFraction() {
    if (!Skip(".")) return true;
    const std::size_t end = text_.find_first_not_of("0123456789");
    if (end == 0 || text_.empty()) return false;
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end);
    return true;
  }
  [[nodiscard]] bool AtEnd() const { return text_.empty(); }
  [[nodiscard]] char Next() const { return text_.empty() ? '\0' : text_[0]; }

 private:
  std::string_view text_;
};

// Seconds east of UTC.
std::optional<int> ReadOffset(Reader& reader) {
  if (reader.AtEnd() || reader.Skip("Zz")) return reader.AtEnd() ? std::optional(0) : std::nullopt;
  const int sign = reader.Next() == '-' ? -1 : 1;
  if (!reader.Skip("+-")) return std::nullopt;
  const auto hours = reader.Number(2);
  (void)reader.Skip(":");
  const auto minutes = reader.Number(2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59 || !reader.AtEnd()) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

}  // namespace

std::optional<std::int64_t> ParseTime(std::string_view text) {
  Reader reader(text);
  const auto year = reader.Number(4);
  if (!year || !reader.Skip("-")) return std::nullopt;
  const auto month = reader.Number(2);
  if (!month || !reader.Skip("-")) return std::nullopt;
  const auto day = reader.Number(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t midnight = std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400};
  if (reader.AtEnd()) return midnight;
  if (!reader.Skip("Tt ")) return std::nullopt;
  const auto hour = reader.Number(2);
  if (!hour || !reader.Skip(":")) return std::nullopt;
  const auto minute = reader.Number(2);
  if (!minute || !reader.Skip(":")) return std::nullopt;
  const auto second = reader.Number(2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60 || !reader.SkipFraction()) return std::nullopt;
  const auto offset = ReadOffset(reader);
  if (!offset) return std::nullopt;
  return midnight + *hour * 3600 + *minute * 60 + *second - *offset;
}

}  // namespace holdfast::policy
