// The log of a service: one line an entry, written at once. As JSON
//
//   {"time":"2026-11-25T02:15:14.123Z","level":"INFO","service":"api","message":"…","request_id":"…",…}
//
// with the id of the request that the thread acts for (base/request_scope.h), for programs, and "02:15:14.123 INFO api:
// message key=value" for people. No entry can hold a line break or a terminal's control sequence of its own, and none a
// secret of the redaction, which is applied before anything is escaped.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/redaction.h"

namespace holdfast::io {

enum class LogForm : std::uint8_t {
  kAuto,  // text when the descriptor is a terminal, else JSON
  kJson,
  kText,
};

struct LineLoggerOptions {
  int descriptor = 2;  // not owned
  LogLevel least = LogLevel::kInfo;
  LogForm form = LogForm::kAuto;
  // In each entry after the level, such as {"service", "api"}; in text, their values stand before the message.
  std::vector<std::pair<std::string, std::string>> constants;
};

// Messages and values beyond this are cut, which three dots show.
inline constexpr std::size_t kLogTextBytesMax = 16 * 1024;

// Safe to use from several threads. What cannot be written is lost. `clock` and `redaction` outlive it.
[[nodiscard]] std::unique_ptr<Logger> MakeLineLogger(const LineLoggerOptions& options, const Clock& clock,
                                                     const Redaction& redaction);

}  // namespace holdfast::io
