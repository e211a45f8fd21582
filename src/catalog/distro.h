// Which distribution an image is, read from the files by which distributions name themselves.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "catalog/cataloger.h"
#include "catalog/evidence.h"
#include "model/package.h"

namespace holdfast::catalog {

// The files that DetectDistro reads. All are small; larger ones than a claim's limit are ignored.
[[nodiscard]] std::span<const Claim> DistroClaims();

// The first of these that names a distribution: os-release in etc/, usr/lib/ and the folder that Fedora links it to,
// then system-release-cpe, redhat-release and its kin, SuSE-release, lsb-release, alpine-release, debian_version,
// the release in the addresses of etc/apk/repositories, and at last the mere presence of bin/busybox.
//
// What the file leaves open is added from the others: Debian's point release ("12" → "12.8"), the minor release of
// CentOS 6, Alpine's version. A Distro that is not Known() when nothing names one. All texts are clean: short, on one
// line, without control characters; ids are lower-case of the characters that os-release(5) allows.
[[nodiscard]] model::Distro DetectDistro(const EvidenceTree& tree);

// Text of an os-release(5) file.
[[nodiscard]] model::Distro ParseOsRelease(std::string_view text);

// Value of the "distro" qualifier of package URLs: "debian-12" (Debian's major release, as its advisories have it),
// "alpine-3.20.3"; with the codename where there is no version, "debian-trixie"; empty for an unknown distribution.
[[nodiscard]] std::string DistroQualifier(const model::Distro& distro);

}  // namespace holdfast::catalog
