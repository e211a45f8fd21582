// Compression of a stream as it is read.
#pragma once

#include <memory>

#include "io/byte_source.h"

namespace holdfast::io {

// `inner` (which outlives the result) as one zstd frame (RFC 8878) with a checksum, at the library's level 3. Holds
// about a megabyte, whatever the length.
[[nodiscard]] std::unique_ptr<ByteSource> CompressedWithZstd(ByteSource& inner);

}  // namespace holdfast::io
