// Control text: the "Name: value" paragraphs of Debian's databases (deb822(5)), of Python's metadata
// and of the like.
//
// All views point into the text that was given, which must outlive them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"  // with which all that reads such text takes it apart

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

}  // namespace holdfast::catalog
