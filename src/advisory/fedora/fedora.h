// Fedora's and EPEL's updates, as Bodhi tells them: updateinfo.xml of a repository (mirrors.fedoraproject.org,
// updates/N/Everything/ARCH, epel/N/Everything/ARCH), and the JSON of its API
// (bodhi.fedoraproject.org/updates/?releases=F38: pages, or the list of updates in them).
//
// Ids are Bodhi's (FEDORA-2023-bb021a4854). The CVEs are those that the titles of its bugs name; those of the notes,
// where no title names one, since notes may hold years of a changelog. Kept are security updates only.
//
// updateinfo.xml lists binary packages; the API lists source packages, which become rows of architecture "src". Where
// both are read the binary packages are taken. An update that is tested or waits for it is a fix to come: what is older
// is affected, and not fixed yet. Obsolete and unpushed updates are left out, since others replaced them.
//
// EPEL is an ecosystem of its own, "EPEL", with the release of the enterprise distribution that it is for. From EPEL 10
// on there is a repository for each minor release, whose builds differ in their dist tag only ("2-1.el10_0",
// "2-1.el10_1") and serve later ones too; so the release is the major one, and a fix is stated without its minor
// release ("2-1.el10").
//
// Left out, and counted: containers, flatpaks, EPEL Next, ELN; modules in the API's form, which does not say which
// packages they have.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakeFedoraProvider();

}  // namespace holdfast::advisory
