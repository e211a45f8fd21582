// OSV documents → model::Advisory (ossf.github.io/osv-schema, versions 1.0 to 1.7: later ones only add fields).
//
// What is particular to a database is read where it helps: GHSA's database_specific.severity and
// last_known_affected_version_range, Go's ecosystem_specific.imports, AlmaLinux's and Rocky's summaries
// ("Important: nodejs:18 security update" states severity and module stream), Ubuntu's own severity words. RustSec's
// database_specific.informational of "unmaintained" and "notice" is no vulnerability: such rows lie under that word as
// a release, where a package's look-ups do not find them; nor do they find what Rocky's special interest groups say of
// their own builds ("8 SIG" of RXSA-…: "4.18.0-425.10.1.el8_7.cloud", above the distribution's build of the same fix).
#pragma once

#include <memory>

#include "advisory/provider.h"
#include "base/result.h"
#include "io/json.h"
#include "model/advisory.h"

namespace holdfast::advisory {

// Bounds of one document; beyond them it is refused as kLimit.
inline constexpr std::size_t kOsvAffectedMax = 50'000;
inline constexpr std::size_t kOsvEventsMax = 20'000;     // of one range
inline constexpr std::size_t kOsvVersionsMax = 200'000;  // of one affected package
inline constexpr std::size_t kOsvTextsMax = 20'000;      // aliases, references and so on, each

// Whether the document claims to be OSV at all: an object with a textual "id" and OSV's particular fields.
[[nodiscard]] bool LooksLikeOsv(io::JsonView root);

// kCorrupt for a missing or senseless id or package; kLimit as above. Ranges of type GIT are left out. A
// withdrawn advisory is kept with its date. Unknown ecosystems are kept, with an empty version scheme.
[[nodiscard]] Result<model::Advisory> ParseOsv(io::JsonView root);

[[nodiscard]] std::unique_ptr<Provider> MakeOsvProvider();

// False for distributions' bug-fix and enhancement notices (ALBA, ALEA, RLBA, …) that name no vulnerability.
[[nodiscard]] bool IsVulnerability(const model::Advisory& advisory);

}  // namespace holdfast::advisory
