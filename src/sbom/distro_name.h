// Distributions as documents name them, in os-release's words (os-release(5), ID and VERSION_ID).
#pragma once

#include <string>
#include <string_view>

#include "model/package.h"

namespace holdfast::sbom {

// The id for a name in any case: "redhat" → "rhel", "Debian GNU/Linux" → "debian". Other names stay as they are, in
// lower case.
[[nodiscard]] std::string DistroId(std::string_view name);

// From a name and a version: "alma", "9.3"; "amazon", "2 (Karoo)"; "debian", "bookworm".
[[nodiscard]] model::Distro DistroFrom(std::string_view name, std::string_view version);

// What a package URL says of the distribution that its package is of. Of its qualifiers: "distro" ("debian-12",
// "bookworm", "12"), "distro_name", and Docker's "os_name", "os_version", "os_distro"; else its namespace, without a
// release. Not Known() for types that no distribution has.
[[nodiscard]] model::Distro DistroOf(const model::Purl& purl);

// Does the distribution of that id have releases? Not those whose packages are all of one set that moves on.
[[nodiscard]] bool HasReleases(std::string_view id);

// Could packages of the one be of the other? Versions need agree only as far as both go: "12" and "12.8".
[[nodiscard]] bool SameDistro(const model::Distro& a, const model::Distro& b);

}  // namespace holdfast::sbom
