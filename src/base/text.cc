#include "base/text.h"

#include <algorithm>

namespace holdfast {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string_view TakeLine(std::string_view& text) {
  std::string_view line = TakeUntil(text, '\n');
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view TakeUntil(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

std::string_view Trim(std::string_view text) {
  std::size_t begin = 0, end = text.size();
  while (begin < end && IsBlank(text[begin])) ++begin;
  while (end > begin && IsBlank(text[end - 1])) --end;
  return text.substr(begin, end - begin);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), Lower);
  return lower;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}

bool IsHex(std::string_view text) {
  // Without branches: this runs over each digest of each file.
  bool hex = true;
  for (const char c : text) {
    const auto digit = static_cast<unsigned char>(c - '0'), letter = static_cast<unsigned char>((c | 0x20) - 'a');
    hex &= (digit < 10) | (letter < 6);
  }
  return hex;
}

std::string CleanText(std::string_view text, std::size_t bytes_max) {
  text = Trim(text);
  std::string clean;
  clean.reserve(std::min(text.size(), bytes_max));
  bool gap = false;
  for (const char c : text) {
    if (c == ' ' || IsControl(c)) {
      gap = true;
      continue;
    }
    if (clean.size() + (gap ? 1 : 0) >= bytes_max) {
      // Do not end within a UTF-8 character: drop its continuation bytes and its first byte.
      while (!clean.empty() && (static_cast<unsigned char>(c) & 0xc0) == 0x80) {
        const bool first = (static_cast<unsigned char>(clean.back()) & 0xc0) != 0x80;
        clean.pop_back();
        if (first) break;
      }
      break;
    }
    if (gap && !clean.empty()) clean += ' ';
    gap = false;
    clean += c;
  }
  return clean;
}

std::string ResolvePath(std::string_view base, std::string_view path) {
  std::string resolved;
  resolved.reserve(base.size() + 1 + path.size());
  resolved += base;
  while (!path.empty()) {
    const std::string_view segment = TakeUntil(path, '/');
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      resolved.resize(FolderOf(resolved).size());
      continue;
    }
    if (!resolved.empty()) resolved += '/';
    resolved += segment;
  }
  return resolved;
}

std::string_view FolderOf(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view FileNameOf(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace holdfast
