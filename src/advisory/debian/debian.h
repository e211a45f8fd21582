// Debian's security data, in its publisher's two forms:
//
// 1. the security tracker's JSON (security-tracker.debian.org/tracker/data/json), one document of about 70 MB:
//      {source package: {"CVE-…" or "TEMP-…": {"description", "debianbug", "scope", "releases": {codename:
//        {"status": "open"|"resolved"|"undetermined", "repositories", "fixed_version", "urgency", "nodsa",
//         "nodsa_reason"}}}}}
//    gives an advisory for each vulnerability, named as OSV.dev names them ("DEBIAN-CVE-2024-1");
// 2. the lists of advisories (salsa.debian.org/security-tracker-team/security-tracker, data/{DSA,DLA,DTSA}/list):
//      [29 Mar 2023] DSA-5380-1 xorg-server - security update
//      	{CVE-2023-1393}
//      	[bullseye] - xorg-server 2:1.20.11-1+deb11u6
//    gives an advisory for each of them. Those without a vulnerability (regression and time zone updates, ends of
//    support) are left out.
//
// Both name source packages. The tracker speaks of each vulnerability by itself, a list of all of an update at once:
// where the tracker says that one of them was fixed before, or never was there, its word is taken instead of the row
// of the list (see Statements). data/CVE/list, from which the tracker's JSON is made, is not read.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeDebianProvider();

}  // namespace holdfast::advisory
