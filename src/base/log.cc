#include "base/log.h"

#include <algorithm>
#include <array>

#include "base/format.h"

namespace holdfast {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"SPEW", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};

bool EqualsUpper(std::string_view text, std::string_view upper) {
  return std::ranges::equal(text, upper, [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; });
}

}  // namespace

std::string_view LogLevelName(LogLevel level) { return kNames[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> ParseLogLevel(std::string_view name) {
  if (EqualsUpper(name, "WARNING")) return LogLevel::kWarning;
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (EqualsUpper(name, kNames[i])) return static_cast<LogLevel>(i);
  return std::nullopt;
}

std::string LogField::Text() const {
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return Format("{}", *number);
  return std::get<bool>(value) ? "true" : "false";
}

void Logger::WriteWith(LogLevel level, std::string_view message, LogFields fields) {
  std::string text(message);
  for (const LogField& field : fields) text.append(" ").append(field.key).append("=").append(field.Text());
  Log(level, text);
}

void FieldLogger::WriteWith(LogLevel level, std::string_view message, LogFields fields) {
  std::vector<LogField> all(fields.begin(), fields.end());
  for (const auto& [key, value] : fields_) all.emplace_back(key, value);
  inner_.WriteWith(level, message, all);
}

}  // namespace holdfast
