// Talk for people on standard error; data never goes here. One logger is made by main and passed
// down; it is safe to call from several threads.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

class Logger {
 public:
  virtual ~Logger() = default;
  virtual void Log(LogLevel level, std::string_view message) = 0;

  void Debug(std::string_view message) { Log(LogLevel::kDebug, message); }
  void Info(std::string_view message) { Log(LogLevel::kInfo, message); }
  void Warning(std::string_view message) { Log(LogLevel::kWarning, message); }
};

// Drops everything: for tests and for callers that do not care.
class NullLogger final : public Logger {
 public:
  void Log(LogLevel, std::string_view) override {}
};

}  // namespace holdfast
