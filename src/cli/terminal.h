// What is known of the terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.h"

namespace holdfast::cli {

enum class ColorMode : std::uint8_t { kAuto, kAlways, kNever };

// Columns of the terminal behind a descriptor; 0 when it is none.
[[nodiscard]] std::size_t TerminalWidth(int descriptor);
// kAuto: a terminal, no NO_COLOR (no-color.org) in the environment, and TERM other than "dumb".
[[nodiscard]] bool UseColor(ColorMode mode, int descriptor);

// Columns that safe text takes: characters, wide East Asian ones twice, combining ones not.
[[nodiscard]] std::size_t DisplayWidth(std::string_view text);

enum class Style : std::uint8_t { kPlain, kBold, kDim, kRed, kMagenta, kYellow, kBlue, kCyan };
[[nodiscard]] std::string_view StyleCode(Style style);
inline constexpr std::string_view kStyleEnd = "\x1b[0m";

// Writes to standard error; messages below `least` are dropped. Overwrites a progress line that may
// stand there.
class TerminalLogger final : public Logger {
 public:
  TerminalLogger(LogLevel least, bool color) : least_(least), color_(color) {}
  void Log(LogLevel level, std::string_view message) override;

 private:
  LogLevel least_;
  bool color_;
};

}  // namespace holdfast::cli
