// Cataloger "apk-db": installed packages of Alpine and its kin (Wolfi, Chainguard, postmarketOS).
//
// Format: the text database lib/apk/db/installed of apk-tools 2 and 3 (apk-package(5); src/database.c and
// src/package.c of apk-tools): a record is lines "LETTER:VALUE", ended by an empty line.
#pragma once

#include <memory>

#include "catalog/cataloger.h"

namespace holdfast::catalog {

// What it makes of a record:
//   type "apk", order "apk", ecosystem that of the distribution; upstream from the origin, when it differs
//   purl pkg:apk/DISTRO/NAME@VERSION?arch=&distro=&upstream=
//   depends, provides: names without versions, "so:libc.musl-x86_64.so.1", "cmd:sh", "/bin/sh"; conflicts left out
//   files with "sha1" (apk 3: also "sha256") digests; of a symbolic link, apk records the digest of its target's name
//   attributes "apk:build-time" (Unix), "apk:checksum", "apk:commit", "apk:description", "apk:installed-size" (bytes)
[[nodiscard]] std::unique_ptr<Cataloger> MakeApkCataloger();

}  // namespace holdfast::catalog
