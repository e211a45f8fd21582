// Talk for people on standard error; data never goes here. One logger is made by main and passed
// down; it is safe to call from several threads.
//
// A message is one sentence. What a program may want to find again goes beside it, as fields:
//   logger.LogWith(LogLevel::kInfo, "image analysed", {{"digest", digest}, {"packages", count}});
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast {

enum class LogLevel : std::uint8_t { kSpew, kDebug, kInfo, kWarning, kError, kFatal };

// "SPEW", "DEBUG", "INFO", "WARN", "ERROR", "FATAL".
[[nodiscard]] std::string_view LogLevelName(LogLevel level);
// One of these in any case, or "WARNING".
[[nodiscard]] std::optional<LogLevel> ParseLogLevel(std::string_view name);

// A key, [a-z0-9_.]+ and known when the program is written, and a value. Both are only looked at during the call.
struct LogField {
  LogField(std::string_view field_key, std::string_view text) : key(field_key), value(text) {}
  LogField(std::string_view field_key, const char* text) : key(field_key), value(std::string_view(text)) {}
  LogField(std::string_view field_key, const std::string& text) : key(field_key), value(std::string_view(text)) {}
  LogField(std::string_view field_key, bool truth) : key(field_key), value(truth) {}
  LogField(std::string_view field_key, std::integral auto number)
      : key(field_key), value(static_cast<std::int64_t>(number)) {}

  std::string_view key;
  std::variant<std::string_view, std::int64_t, bool> value;

  [[nodiscard]] std::string Text() const;
};
using LogFields = std::span<const LogField>;

class Logger {
 public:
  virtual ~Logger() = default;
  virtual void Log(LogLevel level, std::string_view message) = 0;
  // Loggers for people may leave this as it is: the fields follow the message as "key=value".
  virtual void WriteWith(LogLevel level, std::string_view message, LogFields fields);

  void LogWith(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    WriteWith(level, message, {fields.begin(), fields.size()});
  }
  void Debug(std::string_view message) { Log(LogLevel::kDebug, message); }
  void Info(std::string_view message) { Log(LogLevel::kInfo, message); }
  void Warning(std::string_view message) { Log(LogLevel::kWarning, message); }
};

// Drops everything: for tests and for callers that do not care.
class NullLogger final : public Logger {
 public:
  void Log(LogLevel, std::string_view) override {}
  void WriteWith(LogLevel, std::string_view, LogFields) override {}
};

// Adds fields to all that is said through it, such as the identifier of a request. `inner` outlives it.
class FieldLogger final : public Logger {
 public:
  FieldLogger(Logger& inner, std::vector<std::pair<std::string, std::string>> fields)
      : inner_(inner), fields_(std::move(fields)) {}
  void Log(LogLevel level, std::string_view message) override { WriteWith(level, message, {}); }
  void WriteWith(LogLevel level, std::string_view message, LogFields fields) override;

 private:
  Logger& inner_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace holdfast
