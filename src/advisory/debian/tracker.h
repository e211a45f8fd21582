// The JSON of Debian's security tracker (the form: debian.h).
#pragma once

#include "advisory/debian/statements.h"
#include "advisory/provider.h"
#include "base/result.h"
#include "io/json.h"

namespace holdfast::advisory {

inline constexpr std::size_t kTrackerPackagesMax = 500'000;
inline constexpr std::size_t kTrackerRecordsMax = 5'000'000;  // a vulnerability in a package; 2026: about 100,000
inline constexpr std::size_t kTrackerRowsMax = 20'000;        // of one vulnerability
inline constexpr std::size_t kTrackerReleasesMax = 64;        // of one record
inline constexpr std::size_t kTrackerTextBytesMax = 64U << 10U;

[[nodiscard]] bool LooksLikeTracker(io::JsonView root);

// Gives the sink an advisory for each vulnerability, by id, one at a time, and notes what it says of each package.
// A record that makes no sense is a problem that names it; an unknown codename is one for the whole document. kLimit
// for too many packages or records.
[[nodiscard]] Result<void> ReadTracker(io::JsonView root, AdvisorySink& sink, Statements& statements);

}  // namespace holdfast::advisory
