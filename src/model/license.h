// Licences in SPDX's words (SPDX specification 2.3, annex D, "SPDX license expressions").
#pragma once

#include <string>
#include <string_view>

#include "model/package.h"

namespace holdfast::model {

// A licence as some package states it. The SPDX expression is filled when the text is one, in any case,
// or uses spellings known from Debian's copyright files, RPM headers and package registries: "GPL-2+",
// "GPLv2+ and MIT", "Apache License 2.0", "BSD 3-Clause".
[[nodiscard]] License NormaliseLicense(std::string_view text);

// Is this one id of the SPDX License List, in its canonical spelling?
[[nodiscard]] bool IsSpdxLicenseId(std::string_view text);

}  // namespace holdfast::model
