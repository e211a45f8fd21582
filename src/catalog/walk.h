// The one walk over a layer: each tar entry is listed, hashed, searched, and offered to all claims, while
// the bytes stream by. Nothing is unpacked, nothing is read twice.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "catalog/claim_index.h"
#include "catalog/content_search.h"
#include "catalog/layer_record.h"
#include "io/byte_source.h"

namespace holdfast::catalog {

// Walks an uncompressed tar to the end of its source. Does not set `bytes`. Damage and limits in the middle leave what
// was read so far, and a problem with an empty path. What is no tar at all is left where that shows, without digest.
// `search` may be null: nothing is searched or retrieved.
[[nodiscard]] LayerRecord WalkTar(io::ByteSource& tar, const ClaimIndex& claims, const Limits& limits,
                                  const SearchPlan* search = nullptr);

// Not one entry, and not for what an entry says: this was no tar.
[[nodiscard]] bool IsNoLayer(const LayerRecord& record);

// Decompresses (whatever the format: it is sniffed), hashes and walks a layer, on two threads that
// share each chunk of bytes. An error when not even one entry could be read: this is no tar.
[[nodiscard]] Result<LayerRecord> AnalyzeLayer(io::ByteSource& layer, const ClaimIndex& claims, const Limits& limits,
                                               const SearchPlan* search = nullptr);

}  // namespace holdfast::catalog
