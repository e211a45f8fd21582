// Control text: the "Name: value" paragraphs of Debian's databases (deb822(5)), of Python's metadata
// and of the like; and what catalogers of text files share: trimming, cleaning, paths.
//
// All views point into the text that was given, which must outlive them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::catalog {

struct ControlField {
  std::string_view name;
  // The first line without the blanks around it, then the continuation lines as they stand, with their newlines
  // and the blanks in front of them.
  std::string_view value;

  // The first line alone.
  [[nodiscard]] std::string_view Line() const;
};

struct ControlParagraph {
  std::vector<ControlField> fields;
  // Lines that are neither field, continuation nor comment, and fields beyond the limit; the first of them is kept.
  std::size_t bad_lines = 0;
  std::string_view first_bad_line;

  // Value of the first field of that name, in any case; empty when there is none.
  [[nodiscard]] std::string_view Find(std::string_view name) const;
  [[nodiscard]] std::string_view FindLine(std::string_view name) const;
};

// A line of blanks only: ends a paragraph as an empty line does (deb822(5)), or continues a field (RFC 5322).
enum class BlankLine : bool { kEnds, kContinues };

// Hands out the paragraphs of a text.
class ControlReader {
 public:
  explicit ControlReader(std::string_view text, BlankLine blank_line = BlankLine::kEnds)
      : rest_(text), blank_line_(blank_line) {}

  // The next paragraph, into `paragraph`; false at the end.
  [[nodiscard]] bool Next(ControlParagraph& paragraph);
  // What follows the last paragraph handed out: the body of a message.
  [[nodiscard]] std::string_view Rest() const { return rest_; }

  // Fields beyond this number in one paragraph are counted as bad lines.
  static constexpr std::size_t kFieldsMax = 20'000;

 private:
  std::string_view rest_;
  BlankLine blank_line_;
};

// Takes the first line off `text`, without its "\n" or "\r\n".
[[nodiscard]] std::string_view TakeLine(std::string_view& text);
// Takes what stands before `separator` off `text`, and the separator; all of it when there is none.
[[nodiscard]] std::string_view TakeUntil(std::string_view& text, char separator);
// Without blanks, tabs and line ends at both ends.
[[nodiscard]] std::string_view Trim(std::string_view text);
[[nodiscard]] std::string LowerCase(std::string_view text);
[[nodiscard]] bool EqualsIgnoreCase(std::string_view a, std::string_view b);
[[nodiscard]] bool IsHex(std::string_view text);

// `text` on one line and harmless to print: trimmed, each run of blanks, line ends and control characters becomes
// one blank; cut (between UTF-8 characters) at `bytes_max`.
[[nodiscard]] std::string CleanText(std::string_view text, std::size_t bytes_max = 4096);

// `path` seen from the folder `base` of the image, without "." and "..", which cannot leave the image; no '/' at
// either end. A `path` that starts with '/' is seen from `base` too: package databases mean their own root.
[[nodiscard]] std::string ResolvePath(std::string_view base, std::string_view path);
// Path of the folder that holds `path`; empty at the top.
[[nodiscard]] std::string_view FolderOf(std::string_view path);
[[nodiscard]] std::string_view FileNameOf(std::string_view path);

}  // namespace holdfast::catalog
