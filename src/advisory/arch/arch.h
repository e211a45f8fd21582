// Arch Linux's security tracker (security.archlinux.org/all.json, a list; AVG-N.json, one of it). An AVG is a group of
// vulnerabilities of some binary packages that share a version:
//
//   {"name": "AVG-1", "packages": ["lib32-gdk-pixbuf2"], "status": "Fixed", "severity": "Critical", "type": …,
//    "affected": "2.34.0-1", "fixed": "2.36.0+2+ga7c869a-1" or null, "ticket", "issues": ["CVE-2016-6352"],
//    "advisories": ["ASA-201611-12"]}
//
// gives an advisory, "AVG-1". Affected is all below the fix: "affected" is only the version that was there when the
// group was made.
//
//   Fixed → fixed        Testing → not fixed, but in that version        Vulnerable → not fixed
//   Unknown → under investigation        Not affected → not affected
//
// The ecosystem is "Arch Linux", which OSV does not define. It has no releases.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeArchProvider();

}  // namespace holdfast::advisory
