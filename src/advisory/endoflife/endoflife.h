// How long releases of distributions are looked after, as endoflife.date has it (github.com/endoflife-date/
// endoflife.date: products/NAME.md, Markdown whose front matter is YAML; its API, endoflife.date/api/v1:
// products/full and products/NAME, JSON).
//
// Of its products, distributions that images are made of are read, others are left alone. A product is known by its
// place at endoflife.date ("/rocky-linux"), which has one os-release ID, or several, by release (SUSE Linux Micro); of
// CentOS Stream, releases from 9 on, since Stream 8 and CentOS Linux 8 cannot be told apart by os-release.
//
// A release cycle is what VERSION_ID is, or begins with ("3.20" of 3.20.3, "9" of 9.4). Of SLES, "15.0" stands for what
// calls itself 15: it is kept as it is, so that a service pack that the data does not know is not taken for it.
//
// `eoas` (end of active support) is ReleaseLife::active_end, `eol` security_end, `eoes` (end of extended support)
// extended_end. Where a date is expected there may be false (not ended, and no day is set) or true (ended on a day that
// nobody noted): both leave it empty.
#pragma once

#include <memory>

#include "advisory/provider.h"

namespace holdfast::advisory {

inline constexpr std::size_t kFrontMatterBytesMax = 1U << 20U;
inline constexpr std::size_t kReleasesMax = 1'000;  // of one product
inline constexpr std::size_t kProductsMax = 100'000;

[[nodiscard]] std::unique_ptr<Provider> MakeEndOfLifeProvider();

}  // namespace holdfast::advisory
