// Distiller of zip-like archives (jar, war, ear, ...): keeps the members that name Java packages, of
// the archive and of the archives inside it, to Limits::archive_depth_max.
//
// Parts it makes; nested archives have their path in front, "WEB-INF/lib/a.jar:":
//   "<prefix>#sha1"                              SHA-1 of that archive's bytes, lower-case hex, first of its parts
//   "<prefix>META-INF/MANIFEST.MF"               and pom.properties under any META-INF/maven/: their bytes
//   "<prefix>#problem"                           what could not be read, as "kind: message"
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "catalog/evidence.h"
#include "io/byte_source.h"

namespace holdfast::catalog {

// Reads `content` once, front to back, in bounded memory whatever its size. Damage is told by a part; an error
// means that `content` broke.
[[nodiscard]] Result<Parts> DistilArchive(io::ByteSource& content, std::uint64_t size_bytes, const Limits& limits);

}  // namespace holdfast::catalog
