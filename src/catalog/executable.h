// Distiller of executables: keeps of an ELF, PE or Mach-O file (also universal Mach-O) the parts that
// name what was linked into it. Everything else streams by.
//
// Parts it makes, each at most once per architecture slice:
//   "go.buildinfo"   the .go.buildinfo blob rewritten as its two strings: Go version, '\n', module info
//                    (Go: debug/buildinfo; the inline format of Go 1.18 and the pointer format before it)
//   "rust.audit"     decompressed JSON of cargo-auditable's .dep-v0 section
//   "go.problem", "rust.problem"   "kind:message" of one that could not be read, beside others that could
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "catalog/evidence.h"
#include "catalog/kept_content.h"
#include "io/byte_source.h"

namespace holdfast::catalog {

// Does a file that starts with these bytes (at least 4, else false) look like an executable?
[[nodiscard]] bool LooksExecutable(Bytes head);

// Reads an executable once, front to back, holding a bounded part of it in `kept`. No parts: nothing of interest
// inside; so says a file whose headers lie. When nothing of what is there could be read: kCorrupt, or kLimit when it
// could not be held (see kept_content.h).
[[nodiscard]] Result<Parts> DistilExecutable(io::ByteSource& content, KeptContent& kept, const Limits& limits);

// What the content of a part "….problem" says.
[[nodiscard]] Error ErrorOfPart(std::string_view bytes);

}  // namespace holdfast::catalog
