// Under which CPE names a package may be known, and as which version.
//
// Where a document gave names they are taken, and no others. Else they are guessed, by the rules by which vendors of
// that ecosystem are named in NVD's dictionary; a guess that nobody has rows for costs a look-up and nothing else.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/cpe.h"
#include "model/package.h"

namespace holdfast::match {

inline constexpr std::size_t kCpeNamesMax = 64;  // of one package; more are left out

struct CpeName {
  std::string product;          // "openssl:openssl"
  std::string version;          // as upstream writes it
  std::string target_software;  // as a document stated it; empty: not stated

  friend auto operator<=>(const CpeName&, const CpeName&) = default;
};

// Sorted, each once.
[[nodiscard]] std::vector<CpeName> CpeNamesOf(const model::Package& package);

// Without what a distribution adds: "3.0.11" of dpkg's "1:3.0.11+dfsg-1~deb12u2", RPM's "1:3.0.11-27.el9" and apk's
// "3.0.11-r4"; "3.0-rc1" of "3.0~rc1-1".
[[nodiscard]] std::string UpstreamVersion(std::string_view version, std::string_view scheme);

}  // namespace holdfast::match
