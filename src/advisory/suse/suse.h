// SUSE's advisories in two forms, of which either says all: OVAL, and CSAF 2.0. Where both are read, what was modified
// last is kept of each CVE.
//
// OVAL by vulnerability (ftp.suse.com/pub/projects/security/oval: suse.linux.enterprise.{12,15,16}-affected.xml,
// suse.linux.enterprise.server.N.xml, suse.linux.micro.N-affected.xml, opensuse.leap.N.xml, opensuse.tumbleweed.xml,
// ...).
//
// A definition is one CVE; its criteria pair products ("SUSE Linux Enterprise Server 15 SP4 is installed") with binary
// packages: fixed ("tar-1.34-2.2 is installed", by whose test the package is earlier than that), "is affected" while
// there is no fix, "is not affected". One CVE stands in several documents, so that they are gathered: one advisory for
// each CVE, "SUSE-" and its name, with products named as OSV.dev names them ("Linux Enterprise Server 15 SP4" of SUSE,
// "Leap 15.2" of openSUSE).
//
// Kept are the products that an image can be: the server and its modules, Micro, openSUSE. What is said of a server's
// long-term support (LTSS) alone is taken for the server, whose own statements end when its general support does. Left
// out are patch definitions, which say the same by patch; live patches of the kernel; documents of before 2014, which
// name products by code names or not at all.
//
// CSAF (ftp.suse.com/pub/projects/security/csaf-vex: a document for each CVE; csaf: one for each erratum,
// SUSE-SU-2015:0011-2, as OSV.dev names it). Product ids join a product and a package: "SUSE Linux Enterprise Server 11
// SP2-LTSS:bind-9.9.4P2-0.6.1.x86_64". The status "recommended" states the version that is fixed; a document of a CVE
// names what is affected or not by package. A document of a CVE says of architectures nothing.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeSuseProvider();

}  // namespace holdfast::advisory
