#include "report/quote.h"

#include <algorithm>
#include <cstdint>

#include "base/format.h"
#include "base/text.h"
#include "io/json.h"
#include "io/safe_text.h"

namespace holdfast::report {
namespace {

bool IsAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// U+FFFE and U+FFFF are no characters of XML 1.0 (section 2.2).
bool IsNoXmlCharacter(std::string_view text, std::size_t at) {
  return text.compare(at, 3, "\xef\xbf\xbe") == 0 || text.compare(at, 3, "\xef\xbf\xbf") == 0;
}

// On one line, and safe to show.
std::string OneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return io::SafeText(line);
}

}  // namespace

std::string QuoteMarkup(std::string_view text) {
  const std::string safe = OneLine(text);
  std::string quoted;
  quoted.reserve(safe.size());
  for (std::size_t i = 0; i < safe.size(); ++i) {
    switch (safe[i]) {
      case '&': quoted.append("&amp;"); break;
      case '<': quoted.append("&lt;"); break;
      case '>': quoted.append("&gt;"); break;
      case '"': quoted.append("&quot;"); break;
      case '\'': quoted.append("&#39;"); break;
      default:
        if (safe[i] == '\xef' && IsNoXmlCharacter(safe, i)) {
          quoted.append("\xef\xbf\xbd");
          i += 2;
        } else {
          quoted.push_back(safe[i]);
        }
    }
  }
  return quoted;
}

std::string QuoteMarkdown(std::string_view text) {
  const std::string safe = io::SafeText(CleanText(text, text.size()));
  std::string quoted;
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const char c = safe[i];
    const bool begins_list = i == 0 && (c == '-' || c == '+');
    const bool begins_link = c == ':' && safe.compare(i, 3, "://") == 0;
    if (c == '<') {
      quoted.append("&lt;");
    } else if (c == '>') {
      quoted.append("&gt;");
    } else if (c == '&') {
      quoted.append("&amp;");
    } else if (c == '@') {
      quoted.append("@\xe2\x80\x8b");  // a zero width space: no mention
    } else {
      if (begins_list || begins_link || std::string_view("\\`*_{}[]()#!|~$").find(c) != std::string_view::npos)
        quoted.push_back('\\');
      quoted.push_back(c);
    }
  }
  return quoted;
}

std::string MarkdownCode(std::string_view text) {
  std::string code = OneLine(text);
  std::ranges::replace(code, '`', '\'');  // a longer fence does not help inside a table
  return code.empty() ? code : "`" + code + "`";
}

std::string MarkdownCellCode(std::string_view text) {
  std::string quoted;
  for (const char c : MarkdownCode(text)) quoted.append(c == '|' ? "\\|" : std::string(1, c));
  return quoted;
}

std::string QuoteCsv(std::string_view text) {
  std::string safe = OneLine(text);
  if (const std::size_t first = safe.find_first_not_of(' ');
      first != std::string::npos && std::string_view("=+-@").find(safe[first]) != std::string_view::npos)
    safe.insert(0, 1, '\'');
  // Semicolons separate fields in the spreadsheets of some countries; after one, a formula could begin.
  if (safe.find_first_of("\",;' ") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string QuotePath(std::string_view path) {
  std::string quoted;
  for (const char c : path) {
    if (IsAlphanumeric(c) || std::string_view("-._~/").find(c) != std::string_view::npos)
      quoted.push_back(c);
    else
      quoted.append(Format("%{:02X}", static_cast<std::uint8_t>(c)));
  }
  return quoted;
}

}  // namespace holdfast::report
