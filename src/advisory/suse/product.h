// What SUSE's names of products, and its sentences about them, mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::advisory {

struct SuseProduct {
  std::string_view ecosystem;  // "SUSE", "openSUSE"
  std::string release;         // as OSV.dev names it
  bool long_term = false;      // said of long-term support; `release` is the product without it

  friend bool operator==(const SuseProduct&, const SuseProduct&) = default;
};

// Of a product's name ("SUSE Linux Enterprise Server 15 SP3-LTSS"); nothing for one that no image is.
[[nodiscard]] std::optional<SuseProduct> FindSuseProduct(std::string_view name);

// Whether a criterion's comment is about a product, known or not: "Open Enterprise Server 23.4 is installed".
[[nodiscard]] bool IsSuseProductSentence(std::string_view comment);
// The product; nothing for one that no image is, and for another sentence.
[[nodiscard]] std::optional<SuseProduct> ParseSuseProduct(std::string_view comment);

}  // namespace holdfast::advisory
