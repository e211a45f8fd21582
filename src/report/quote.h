// Untrusted text made part of a document. All but QuotePath make one safe line of it first (io/safe_text.h).
#pragma once

#include <string>
#include <string_view>

namespace holdfast::report {

// For element content and quoted attributes of HTML and XML 1.0.
[[nodiscard]] std::string QuoteMarkup(std::string_view text);
// Inline text of GitHub's Markdown, also inside a table, on one line; notifies nobody ("@name").
[[nodiscard]] std::string QuoteMarkdown(std::string_view text);
// A code span; empty text stays empty. In a table's cell a '|' must be escaped, elsewhere the '\' would be shown.
[[nodiscard]] std::string MarkdownCode(std::string_view text);
[[nodiscard]] std::string MarkdownCellCode(std::string_view text);
// A field of RFC 4180 without what would make it a formula.
[[nodiscard]] std::string QuoteCsv(std::string_view text);
// A path as a relative URI reference (RFC 3986): everything but unreserved characters and '/' percent-encoded.
[[nodiscard]] std::string QuotePath(std::string_view path);

}  // namespace holdfast::report
