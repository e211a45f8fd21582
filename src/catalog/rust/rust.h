// Cataloger "rust-binary": crates linked into executables that were built by cargo-auditable.
//
// Format: cargo-auditable, auditable-serde VersionInfo (cargo-auditable.schema.json).
#pragma once

#include <memory>
#include <string_view>

#include "catalog/cataloger.h"

namespace holdfast::catalog {

// A package for each crate whose kind is not "build": type "rust-crate", order "semver", ecosystem "crates.io",
// purl pkg:cargo/NAME@VERSION; depends: names of the crates it uses. Attributes "rust:source" ("crates.io", "git",
// "local", "registry", …) and "rust:root" ("true" for the program itself).
[[nodiscard]] std::unique_ptr<Cataloger> MakeRustBinaryCataloger();

// One document. A bad package becomes a problem of the sink. kCorrupt: no such document; kLimit: too many packages.
[[nodiscard]] Result<void> ParseRustAudit(const EvidenceFile& file, std::string_view json, PackageSink& sink);

}  // namespace holdfast::catalog
