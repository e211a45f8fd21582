// FriendsOfPHP's security advisories (github.com/FriendsOfPHP/security-advisories; README.md, "Contributing"): YAML
// files VENDOR/PACKAGE/NAME.yaml with title, link, cve, branches {name: {time, versions: ['>=2.0.0', '<2.0.17']}} and
// reference ("composer://vendor/package").
//
// The comparisons of a branch must all hold; a version of any branch is affected. They are Composer's, where ">=2.1.0"
// includes the pre-releases of 2.1.0, so such a range begins with 2.1.0-dev. "<2.1.4", where Composer excludes them,
// stays as it is: a pre-release may have been cut before the fix, and 2.1.4 is what people are to be told. A branch
// that ends with "<=" is one without a fix (the database states no time for any of them); its versions count as fixed
// where a later branch is.
//
// The id is the path in the database ("FriendsOfPHP/twig/twig/CVE-2022-39261"), as Packagist cites it; most advisories
// are repeated for a framework's parts, each of which is a package. There is no severity.
#pragma once

#include <memory>
#include <string_view>

#include "advisory/provider.h"
#include "base/result.h"
#include "io/json.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kPhpBranchesMax = 2'000;

[[nodiscard]] bool LooksLikePhp(io::JsonView root);

// `name` is the document's path, whose last part is the advisory's name. kCorrupt for a missing or senseless name of
// document or package, and for branches without versions; kUnsupported for an operator that is none of < <= > >= =;
// kLimit.
[[nodiscard]] Result<model::Advisory> ParsePhp(std::string_view name, io::JsonView root);

[[nodiscard]] std::unique_ptr<Provider> MakePhpProvider();

}  // namespace holdfast::advisory
