// Cataloger "rpm-db": installed packages of Red Hat's, SUSE's, Amazon's and kindred distributions, from RPM's database
// in any of its three formats, and from the manifest that distroless Azure Linux (Mariner) images have instead.
#pragma once

#include <memory>

#include "catalog/cataloger.h"

namespace holdfast::catalog {

// What it makes of a package:
//   type "rpm", order "rpm", ecosystem that of the distribution
//   version "[EPOCH:]VERSION-RELEASE": the epoch stands whenever the package states one, 0 too
//   upstream from the name of the source package, with a version only where it differs from VERSION-RELEASE
//   purl pkg:rpm/DISTRO/NAME@VERSION-RELEASE?arch=&distro=&epoch=&rpmmod=&upstream=; DISTRO "redhat" for "rhel"
//   depends, provides: names of capabilities, sorted, without "rpmlib(…)" and boolean needs; a package also provides
//   those of its files that another one needs by their path
//   files: those in place; not folders, not what the installation left out
//   attributes "rpm:build-time" (seconds since 1970), "rpm:group", "rpm:packager", "rpm:signature-key" (OpenPGP key
//   id), "rpm:size" (bytes), "rpm:source-rpm" (file name), "rpm:summary"
//
// Left out: "gpg-pubkey", under which RPM keeps keys that it trusts; nothing is installed by it.
//
// Where a folder has databases of several formats, left over from an upgrade, the newest format counts, as it does for
// RPM itself: SQLite, then NDB, then Berkeley DB; one that cannot be read is reported, and the next one is read.
[[nodiscard]] std::unique_ptr<Cataloger> MakeRpmCataloger();

}  // namespace holdfast::catalog
