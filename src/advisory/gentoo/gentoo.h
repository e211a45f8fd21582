// Gentoo Linux Security Advisories (anongit.gentoo.org/git/data/glsa.git: one glsa-YYYYMM-NN.xml each;
// www.gentoo.org/dtd/ glsa.dtd, and portage's glsa.py for what it means).
//
// Ids are "GLSA-202305-28". A package is "category/name". It is affected when a <vulnerable> range holds for its
// version and no <unaffected> one does: lt, le, eq, ge, gt, with "*" at the end of a version for all that it begins;
// rlt, rle, rge, rgt for the revisions of one version. A range of a slot whose name begins its version ("3.9"
// of 3.9.16) is one of the slot's versions; other slots are not in a package's version, and their ranges hold for all
// of them.
//
// Left out, and counted: advisories about no ebuild (infrastructure, information).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "advisory/intervals.h"
#include "advisory/provider.h"
#include "base/result.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeGentooProvider();

// What a range covers. kUnsupported for another word than those above, kCorrupt for a version that is none.
[[nodiscard]] Result<Interval> GentooInterval(std::string_view word, std::string_view version, std::string_view slot);
// The first version above.
[[nodiscard]] std::string GentooSuccessor(std::string_view version);

}  // namespace holdfast::advisory
