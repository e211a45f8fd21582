// The lists of Debian's advisories: data/DSA/list, data/DLA/list, data/DTSA/list (the form: debian.h).
#pragma once

#include <string_view>
#include <vector>

#include "advisory/provider.h"
#include "base/result.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kListAdvisoriesMax = 200'000;
inline constexpr std::size_t kListLineBytesMax = 256U << 10U;
inline constexpr std::size_t kListIdsMax = 20'000;  // of one advisory; a kernel's has more than a thousand
inline constexpr std::size_t kListRowsMax = 1'000;  // of one advisory

// Whether the first line that says anything is the heading of an advisory.
[[nodiscard]] bool LooksLikeAdvisoryList(std::string_view text);

// Appends the list's advisories. A line that cannot be read is a problem that names its advisory, which goes on
// without it; a heading that cannot is one, and the lines below it are skipped. kLimit for too many advisories.
[[nodiscard]] Result<void> ReadAdvisoryList(std::string_view text, AdvisorySink& sink,
                                            std::vector<model::Advisory>& advisories);

}  // namespace holdfast::advisory
