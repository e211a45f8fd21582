// Amazon Linux's security advisories: updateinfo.xml of each repository (createrepo_c's updateinfo form, named by
// repodata/repomd.xml) of Amazon Linux AMI (release 1), 2, 2022 and 2023, of AL2's extras, and of AL2023's additional
// repositories (kernel-livepatch, nvidia).
//
// An update is an ALAS: an id, CVEs as references of type "cve", a severity, and binary packages in collections. A
// collection names the release and, after "---", the repository: "amazon-linux-2---kernel-5.15". One ALAS may stand in
// several documents (one for each architecture), so that they are gathered. The ecosystem is "Amazon Linux", which OSV
// does not define, with releases "1", "2", "2022", "2023".
//
// An extra brings newer versions of packages that the release has too, and nothing on a machine says which of the two
// an installed package is but its version. So a row of an extra begins with the line of versions that the extra is
// named by, where the fix is of that line ("kernel-5.15" and 5.15.43: from 5.15 on); else, where the release's own
// advisories name the package too, with the fix's first number; else the package is the extra's alone, and all below is
// affected.
//
// Not read: what alas.aws.amazon.com tells of CVEs without a fix; it has no document.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeAmazonProvider();

}  // namespace holdfast::advisory
