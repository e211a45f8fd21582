// What SUSE states of packages of products, in numbers of texts (advisory/words.h), for SUSE's documents together make
// millions of statements.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/words.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kSuseRowsMax = 100'000;  // of one advisory

// In ascending order of what they outweigh: a fix is worth more than "affected", and both more than "not affected".
enum class SuseKind : std::uint8_t { kNotAffected, kUnderInvestigation, kWontFix, kAffected, kFixed };

// What is said of a package, whichever the product.
struct SusePackage {
  Word package = 0, architecture = 0, version = 0;  // texts, which may be empty but for the package
  SuseKind kind = SuseKind::kNotAffected;

  friend auto operator<=>(const SusePackage&, const SusePackage&) = default;
};

struct SuseStatement {
  Word ecosystem = 0, release = 0;
  bool long_term = false;  // see SuseProduct
  SusePackage said;

  friend auto operator<=>(const SuseStatement&, const SuseStatement&) = default;
};

// Rows by product and package; sorts the statements. One product's package has one kind of statement: the one that
// outweighs the others; the product's own, where there is one, before those of its long-term support.
[[nodiscard]] std::vector<model::Affected> SuseRows(std::vector<SuseStatement>& statements, const Words& words);

// Whether a name, or a sentence about it, is of the kernel's live patches.
[[nodiscard]] bool IsSuseLivePatch(std::string_view text);

}  // namespace holdfast::advisory
