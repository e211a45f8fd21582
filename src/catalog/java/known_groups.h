// Maven group ids of well-known artifacts that are built without Maven's files (by Gradle, Ant, sbt), by the
// beginning of their name. What a manifest lets one guess is wrong for these, and a wrong group id matches no advisory.
#pragma once

#include <string_view>

namespace holdfast::catalog {

// Empty when the artifact is not known. Some projects changed their group with a major version.
[[nodiscard]] std::string_view FindKnownGroup(std::string_view artifact, std::string_view version);

}  // namespace holdfast::catalog
