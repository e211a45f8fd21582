// Debian's releases as its security data names them.
#pragma once

#include <optional>
#include <string_view>

namespace holdfast::advisory {

// "bookworm" → "12", as the ecosystem Debian spells releases; "sid" → "unstable". Nothing for an unknown codename.
[[nodiscard]] std::optional<std::string_view> DebianRelease(std::string_view codename);

// Source packages by Debian policy 5.6.1, a little more generously.
[[nodiscard]] bool IsDebianPackageName(std::string_view name);
// By Debian policy 5.6.12; dpkg itself orders any text.
[[nodiscard]] bool IsDebianVersion(std::string_view version);
// "CVE-2024-1", "TEMP-0000000-0CA7E3", "DSA-5380-1".
[[nodiscard]] bool IsDebianId(std::string_view id);

}  // namespace holdfast::advisory
