// Licence names from a Debian copyright file, usr/share/doc/PACKAGE/copyright.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::catalog {

// Sorted, without duplicates, at most 200. From a machine-readable file ("Machine-readable debian/copyright file",
// version 1.0, section 7.2) the short names and expressions of its License fields. From any other file the names of
// the texts under usr/share/common-licenses that it refers to: a weaker sign, but Debian policy 12.5 asks for them.
[[nodiscard]] std::vector<std::string> ParseCopyright(std::string_view text);

}  // namespace holdfast::catalog
