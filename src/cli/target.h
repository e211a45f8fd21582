// What the target of scan and sbom is: a document that lists packages (sbom/document.h), or an image (image/open.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::cli {

struct Target {
  std::optional<std::string> document;     // its text, untrusted
  std::unique_ptr<io::ByteSource> stream;  // of an archive, when the target is a pipe; null: the target is to be opened
  // An ordinary file that begins like a document of some kind, and is none that is known.
  bool like_document = false;
};

// "sbom:FILE" and "purl:FILE" ("-": standard input) and "pkg:…", which is a package URL, are documents. Otherwise a
// file or pipe is one when its content is of a known format, whatever its name; "-" and pipes are not read beyond their
// beginning when they are none. kNotFound, and kLimit for a document over sbom::kDocumentBytesMax.
[[nodiscard]] Result<Target> LookAtTarget(std::string_view target, const Deadline& deadline);

}  // namespace holdfast::cli
