// What all publishers of data by CVE share: the form of an identifier, and of a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast::advisory {

inline constexpr std::size_t kDescriptionBytesMax = 64U << 10U;  // of one vulnerability; what is longer is cut

// "CVE-2024-3094": a year and 4 to 19 digits, as the CVE record format 5.1 has it (cveId).
[[nodiscard]] bool IsCveId(std::string_view text);
// The identifier as facts have it; kCorrupt, with what was found instead, when it is none.
[[nodiscard]] Result<std::string> CveIdOf(std::string_view text);
// "CWE-79", of a text that begins so ("CWE-79: Cross-site Scripting"); empty for another ("NVD-CWE-noinfo").
[[nodiscard]] std::string_view CweOf(std::string_view text);
// The beginning of `text`, at most that long and cut between UTF-8 characters.
[[nodiscard]] std::string_view CutText(std::string_view text, std::size_t bytes_max);
// RFC 3339 in UTC and whole seconds, of what publishers write for it: with fractions, any offset, or without a zone,
// which means UTC. Empty for what is no time.
[[nodiscard]] std::string UtcTime(std::string_view text);

}  // namespace holdfast::advisory
