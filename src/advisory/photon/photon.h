// Photon OS's vulnerabilities: one document for each release (packages.broadcom.com/photon/photon_cve_metadata,
// cve_data_photon{1.0,…,5.0}.json), a list of
//
//   {"cve_id": "CVE-2020-1945", "pkg": "apache-ant", "cve_score": 6.3, "aff_ver": "all versions before 1.10.8-1.ph1 are
//    vulnerable", "res_ver": "1.10.8-1.ph1" or "NA", "status": "Fixed" or "Not Affected"}
//
// Early documents have no status, and list source packages; later ones list binary packages too. The release is told by
// the end of the versions, ".ph1", and where a document has none, by its name. One advisory for each vulnerability,
// "PHOTON-" and its name, is gathered from all releases; the severity is the score's. Of several statements about a
// package "fixed" counts, and all versions that are told. Entries under names that are no vulnerability's ("UNK-1",
// "Re") are left out.
//
// Not read: the advisories (PHSA) in OVAL and in the project's wiki, which say what this says by update.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

[[nodiscard]] std::unique_ptr<Provider> MakePhotonProvider();

}  // namespace holdfast::advisory
