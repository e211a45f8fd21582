// Cataloger "dpkg-db": installed packages of Debian and its kin, from dpkg's database, from the status.d folder of
// distroless images, and from opkg's database (OpenWrt), which has the same form.
//
// Format: dpkg(1) "FILES", deb822(5), Debian policy chapters 5 and 7.
#pragma once

#include <memory>

#include "catalog/cataloger.h"

namespace holdfast::catalog {

// What it makes of a paragraph:
//   type "deb", order "dpkg", ecosystem that of the distribution; upstream from Source, when stated
//   purl pkg:deb/DISTRO/NAME@VERSION?arch=&distro=&upstream=; pkg:opkg/ for opkg
//   depends: one token for each comma-separated term of Pre-Depends and Depends, without versions, architectures and
//   blanks; alternatives keep their '|': "debconf|debconf-2.0". provides: plain names.
//   attributes "dpkg:description", "dpkg:essential", "dpkg:installed-size" (KiB), "dpkg:multi-arch", "dpkg:priority",
//   "dpkg:section", "dpkg:status" (only when not "installed")
//
// A package counts when its files are there: state (third word of Status) other than not-installed and config-files,
// or no Status at all, as in distroless images. "deinstall ok installed" is still installed; a half-installed package
// may have any of its files.
[[nodiscard]] std::unique_ptr<Cataloger> MakeDpkgCataloger();

}  // namespace holdfast::catalog
