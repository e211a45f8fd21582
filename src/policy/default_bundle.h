// The bundle that every new account gets, under the id that Anchore's has.
#pragma once

#include <string_view>

namespace holdfast::policy {

inline constexpr std::string_view kDefaultBundleId = "2c53a13c-1765-11e8-82ef-23527761d060";
// A JSON document for ParseBundle.
[[nodiscard]] std::string_view DefaultBundleText();

}  // namespace holdfast::policy
