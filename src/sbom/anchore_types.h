// Anchore's words for kinds of packages: under which content type a package is listed, and what reports of
// vulnerabilities call its type. One table; the documents are in anchore_content.h and anchore_vulnerabilities.h.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/package.h"

namespace holdfast::sbom {

// The content types that list packages, in the order in which clients show them.
[[nodiscard]] std::span<const std::string_view> AnchorePackageContentTypes();
[[nodiscard]] bool IsAnchorePackageContentType(std::string_view name);

// "os", "npm", "gem", "python", "java", "go", "binary"; empty for kinds that Anchore's first API has no list for.
[[nodiscard]] std::string_view AnchoreContentType(const model::Package& package);

// "dpkg", "rpm", "APKG", "java", "nuget", …; Holdfast's own word where Anchore has none.
[[nodiscard]] std::string_view AnchorePackageType(const model::Package& package);

// The two halves of a report: packages of the distribution, and all others. The same as asking whether the package
// type is one of those Anchore counts as "non-os", and true for kinds of ecosystems that it does not know.
[[nodiscard]] bool IsAnchoreOsPackage(const model::Package& package);

}  // namespace holdfast::sbom
