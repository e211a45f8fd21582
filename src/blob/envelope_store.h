// EnvelopeStore: a decorator that verifies each value when it is read, and compresses those that are worth it.
//
// A stored value is: "HFOB" and one byte of version (1), one byte of flags (bit 0: the content is a zstd frame), two
// zero bytes; the content; and behind it, since a value is a stream whose end nobody knows before, the SHA-256 and the
// length (8 bytes, little-endian) of the value as it was given. A reader gets the bytes as they come; where the value
// ends, they are compared: damage, truncation included, is kCorrupt in place of the end. So a value is to be trusted
// when it was read to its end, as GetBytes does.
#pragma once

#include <cstdint>
#include <memory>

#include "base/limits.h"
#include "blob/object_store.h"

namespace holdfast::blob {

struct EnvelopeOptions {
  bool compress = true;
  // Smaller values are stored as they are; so are those whose first part does not become a tenth smaller. At most 1
  // MiB.
  std::uint64_t compress_bytes_min = 4 * kKiB;
};

// Keys are those of `inner`. Get is kCorrupt for a value that was not stored through such a decorator.
[[nodiscard]] std::unique_ptr<ObjectStore> MakeEnvelopeStore(std::unique_ptr<ObjectStore> inner,
                                                             const EnvelopeOptions& options = {});

}  // namespace holdfast::blob
