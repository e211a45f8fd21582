// Ubuntu's security data, in all forms that Canonical publishes it in:
//
// 1. OSV (security-metadata.canonical.com/osv: UBUNTU-CVE-*.json, USN-*.json, LSN-*.json; OSV 1.6 and 1.7);
// 2. OpenVEX (…/vex: cve/*, usn/*; OpenVEX 0.2, in older documents with the head below "metadata"; its words:
//    documentation.ubuntu.com/security, "Ubuntu VEX data");
// 3. OVAL 5.11 (security-metadata.canonical.com/oval: com.ubuntu.RELEASE.{cve,pkg,usn}.oval.xml, and oci.com.ubuntu.*);
// 4. ubuntu.com/security/cves.json and notices.json (and single records of them), and database-all.json of usn-db;
// 5. files of the tracker itself (git.launchpad.net/ubuntu-cve-tracker: active/CVE-*), from which all others are made.
//
// All of them speak of source packages of releases in the tracker's words (status.h), and what they say of one
// vulnerability is gathered: an advisory for each CVE ("UBUNTU-CVE-2024-1", as OSV.dev names it) and one for each
// notice ("USN-7095-1"). What a fix that only subscribers of Ubuntu Pro have becomes: statements.h.
//
// Left out: live patches of the kernel (LSN), which no package is; packages of FIPS, real-time and other channels whose
// builds are others than the release's; what has a fix in no version that is named (Firefox since it is a snap);
// notices' OVAL whose title names a product or several packages, for it lists binary packages only; withdrawn OSV.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

// Asked before the provider of OSV.
[[nodiscard]] std::unique_ptr<Provider> MakeUbuntuProvider();

}  // namespace holdfast::advisory
