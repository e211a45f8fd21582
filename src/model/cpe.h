// CPE names (Common Platform Enumeration, NIST IR 7695) in both bindings that documents have: formatted strings
// ("cpe:2.3:a:vendor:product:1.2:*:*:*:*:*:*:*", section 6.2) and URIs of CPE 2.2 ("cpe:/a:vendor:product:1.2",
// section 6.1, with the packed edition of 6.1.2.3).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast::model {

inline constexpr std::size_t kCpeBytesMax = 2048;

// The attribute of a package with the CPE names that a document gave it, with blanks between.
inline constexpr std::string_view kCpesAttribute = "cpes";

// Values are unquoted and in lower case; "*" stands for any, "-" for not applicable. A value that is just an asterisk
// or a hyphen, and means it, stays quoted ("\-").
struct Cpe {
  std::string part;  // "a": application, "o": operating system, "h": hardware; or "*"
  std::string vendor, product, version, update, edition, language;
  std::string software_edition, target_software, target_hardware, other;

  friend bool operator==(const Cpe&, const Cpe&) = default;
};

[[nodiscard]] inline bool IsStated(std::string_view value) { return !value.empty() && value != "*" && value != "-"; }

// "vendor:product".
[[nodiscard]] std::string ProductName(const Cpe& cpe);
// The stated version with the update as part of it: "1.8.0_191" of 1.8.0 update191, "1.0-rc1" of 1.0 rc1.
[[nodiscard]] std::string VersionWithUpdate(const Cpe& cpe);

// kInvalidInput for what is none, kLimit beyond kCpeBytesMax.
[[nodiscard]] Result<Cpe> ParseCpe(std::string_view text);

}  // namespace holdfast::model
