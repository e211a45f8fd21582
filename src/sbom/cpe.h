// CPE 2.3 names of packages (NIST IR 7695, formatted strings).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/package.h"

namespace holdfast::sbom {

// "cpe:2.3:a:openssl:openssl:3.0.11-1\~deb12u2:*:*:*:*:*:*:*"; characters other than letters, digits, '_', '-' and '.'
// are escaped, letters become lower case.
[[nodiscard]] std::string MakeCpe(std::string_view vendor, std::string_view product, std::string_view version);

// The names a document gave the package; else one candidate that takes its name for vendor and product. It is a guess:
// no dictionary of vendors is asked.
[[nodiscard]] std::vector<std::string> CpesOf(const model::Package& package);

}  // namespace holdfast::sbom
