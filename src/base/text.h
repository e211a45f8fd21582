// Small steps of all that reads text: lines, words, cleaning, paths inside an image.
//
// All views point into the text that was given, which must outlive them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast {

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

}  // namespace holdfast
