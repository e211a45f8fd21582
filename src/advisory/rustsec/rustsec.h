// The RustSec advisory database (github.com/rustsec/advisory-db; README.md, "Advisory Format"): crates/NAME/ID.md, and
// rust/NAME/ID.md about the toolchain. A Markdown file begins with a fence of TOML: [advisory] with id, package, date,
// url, references, aliases, cvss, withdrawn, informational; [versions] with patched and unaffected as lists of Cargo's
// requirements; [affected] with functions, arch, os. Title and description follow.
//
// Affected is what is neither patched nor unaffected, by SemVer's order alone, as the database's own export to OSV
// decides (rustsec crate, osv/): "^1.2" and "~1.2" end before the first pre-release of what they exclude, parts that
// are left out are 0, and both lists are alike. Not read: related (similar flaws, not the same), and os, for which
// rows have no place: a flaw on Windows only is told on Linux too, as cargo-audit and OSV do.
//
// Informational advisories: "unsound" is a flaw like any other. "unmaintained" and "notice" are no vulnerabilities:
// their rows lie under that word as a release of crates.io, where a package's look-ups, which name none, do not find
// them, and whoever asks for "crates.io:unmaintained" does.
//
// Toolchain advisories are of an ecosystem "Rust", which OSV has not: crates.io has crates of the same names (cargo)
// with other versions. Their ids are CVEs, so their path in the database is taken: "rustsec/rust/std/CVE-2020-1".
#pragma once

#include <memory>
#include <string_view>

#include "advisory/intervals.h"
#include "advisory/provider.h"
#include "base/result.h"
#include "model/advisory.h"

namespace holdfast::advisory {

inline constexpr std::size_t kRustsecFrontBytesMax = 256U << 10U;
inline constexpr std::size_t kRustsecTextsMax = 2'000;  // aliases, functions and so on, each

// Whether the text begins with a fence of TOML whose first table is [advisory].
[[nodiscard]] bool LooksLikeRustsec(std::string_view text);

// `name` is the document's path, which tells the collection where the advisory does not. kCorrupt for TOML that is
// none or without end, and for a missing or senseless id, package or requirement; kUnsupported; kLimit.
[[nodiscard]] Result<model::Advisory> ParseRustsec(std::string_view name, std::string_view text);

// One of Cargo's requirements as an interval.
[[nodiscard]] Result<Interval> ParseCargoRequirement(std::string_view text);

[[nodiscard]] std::unique_ptr<Provider> MakeRustsecProvider();

}  // namespace holdfast::advisory
