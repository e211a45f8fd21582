#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "io/safe_text.h"

namespace holdfast::cli {
std::size_t TerminalWidth(int descriptor) {
  winsize size{};
  if (isatty(descriptor) == 0 || ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col == 0 ? 80 : size.ws_col;
}

bool UseColor(ColorMode mode, int descriptor) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  return isatty(descriptor) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const io::CodePoint point = io::DecodeCodePoint(text);
    // wcwidth answers for the locale; in the C locale it knows only ASCII, so the rest counts as one.
    const int columns = wcwidth(static_cast<wchar_t>(point.value));
    width += columns < 0 ? 1 : static_cast<std::size_t>(columns);
    text.remove_prefix(std::min(point.size, text.size()));
  }
  return width;
}

std::string_view StyleCode(Style style) {
  switch (style) {
    case Style::kPlain: return "";
    case Style::kBold: return "\x1b[1m";
    case Style::kDim: return "\x1b[2m";
    case Style::kRed: return "\x1b[31m";
    case Style::kMagenta: return "\x1b[35m";
    case Style::kYellow: return "\x1b[33m";
    case Style::kBlue: return "\x1b[34m";
    case Style::kCyan: return "\x1b[36m";
  }
  return "";
}

void TerminalLogger::Log(LogLevel level, std::string_view message) {
  if (level < least_) return;
  std::string line;
  if (isatty(STDERR_FILENO) != 0) line = "\r\x1b[K";
  const Style style = level >= LogLevel::kError     ? Style::kRed
                      : level == LogLevel::kWarning ? Style::kYellow
                                                    : Style::kDim;
  const std::string_view word = level >= LogLevel::kError ? "error: " : level == LogLevel::kWarning ? "warning: " : "";
  if (color_) line.append(StyleCode(style));
  line.append("holdfast: ").append(word);
  if (color_) line.append(kStyleEnd);
  line.append(io::SafeText(message)).append("\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace holdfast::cli
