// Red Hat's CSAF documents (security.access.redhat.com/data/csaf/v2/): VEX, one for each CVE (vex/, vex-feed/), and
// advisories (advisories/, RHSA-2023:7434).
//
// Ids. An advisory is named as Red Hat and OSV.dev name it. A VEX document becomes "REDHAT-CVE-2023-6228", as OSV.dev
// names what other distributions say of a CVE ("DEBIAN-CVE-…"), since the bare CVE is what others describe.
//
// Releases. A platform's CPE is spelled as OSV's ecosystem ("Red Hat:enterprise_linux:9::baseos", model/ecosystem), so
// that "cpe:/o:redhat:enterprise_linux:9::baseos" is release 9. Streams of extended support are releases of their own
// ("rhel_eus:9.2"): their fixes are other builds than the main release's, a minor release behind. Layered products keep
// their whole name ("openstack:17.1::el9"). There is one exception: once a release has extended life cycle support
// (ELS), nothing else is stated of it, so what a VEX document says of rhel_els:7 holds for 7 too, where it says nothing
// of 7 itself; a fix that only ELS has is one that 7 will not get.
//
// Packages. Red Hat lists builds (binary packages with version and architecture, and their source) and, of what has no
// fix, components by name. Binary names are rows of their own; a component that is marked as source ("arch=src") is a
// row of architecture "src", which all packages built from it meet; a name without architecture may be either, and is
// both. Sources are left out of a release for which binary packages are listed: Red Hat lists all that are affected
// then, and another package of the same source is not. Of several fixes in one release the highest counts; what a lower
// one, or one of a stream, has made safe is told by its dist tag and left out (redhat_rows.cc). An advisory knows only
// its own fixes: where both kinds of documents are read, a backport of a stream is held against the advisory for the
// main release, so VEX documents alone say more.
//
// States. "Will not fix" and "Out of support scope" are kWontFix; "Affected" and "Fix deferred" kNotFixed. What is
// under investigation holds for every version, and says so; what is not affected holds for none.
//
// Left out: containers and other components that are no RPM packages, packages of flatpaks (module stream "flatpak", or
// a module without stream), -debuginfo and -debugsource packages, and builds of whole modules (in vex-feed/), whose
// version is the module's own: what they fix in the module's packages is not said there.
#pragma once

#include <memory>
#include <vector>

#include "advisory/provider.h"
#include "base/result.h"
#include "io/json.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kRedHatRowsMax = 200'000;  // of one advisory

[[nodiscard]] std::unique_ptr<Provider> MakeRedHatProvider();

[[nodiscard]] bool LooksLikeRedHatCsaf(io::JsonView root);

struct RedHatResult {
  std::vector<model::Advisory> advisories;  // one of a document; none when it names no vulnerability
  std::vector<Error> problems;
};
// kCorrupt, kLimit as ParseCsaf.
[[nodiscard]] Result<RedHatResult> ParseRedHatCsaf(io::JsonView root);

}  // namespace holdfast::advisory
