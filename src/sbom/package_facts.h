// What readers of all formats do alike to a package: names that advisories use, sources, and what its package URL says.
#pragma once

#include <string>
#include <string_view>

#include "model/package.h"

namespace holdfast::sbom {

// Nothing when it says no more than the package itself does.
void AddUpstream(std::string name, std::string version, model::Package& package);
// From the file name of a source RPM.
void AddSourceRpm(const std::string& source_rpm, model::Package& package);
// In front of a version that has none, for package managers that have epochs; "0" and what is no number is none.
void AddEpoch(std::string_view epoch, model::Package& package);
// "group:artifact" names, each once.
void AddMavenNames(std::string_view group, const std::string& artifact, model::Package& package);

// Of the files at which documents say that a package was found: is it the package database, or one that supports it?
[[nodiscard]] bool IsDatabasePath(const model::Package& package, std::string_view path);

// Of packages of distributions: architecture, module, epoch and source by the package URL's qualifiers, where the
// package has none. Requires type and version scheme.
void CompleteFromPurl(model::Package& package);
// Versions and names as the ecosystem's advisories have them. Requires all else.
void SetNames(model::Package& package);

}  // namespace holdfast::sbom
