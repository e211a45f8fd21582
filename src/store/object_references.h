// Which objects of the object store rows refer to, page by page in the order of the objects' keys. Some rows have the
// key in a column; of layers and analyses it is made of other columns, by whoever asks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "store/analyses.h"
#include "store/database.h"

namespace holdfast::store {

enum class ObjectColumn : std::uint8_t { kImageDocuments, kImportContents, kSnapshots, kArchivedImages };

// Different keys greater than `after`, ascending.
[[nodiscard]] Result<std::vector<std::string>> ListObjectKeys(Session& session, ObjectColumn column,
                                                              std::string_view after, std::int64_t count);
// Those of the keys that the column has.
[[nodiscard]] Result<std::vector<std::string>> FindObjectKeys(Session& session, ObjectColumn column,
                                                              std::span<const std::string> keys);

// The ids of searches that layers of that version were searched with, ascending.
[[nodiscard]] Result<std::vector<std::string>> ListSearchIds(Session& session, std::int64_t record_version);
// Digests greater than `after` (hex; empty: from the first), ascending.
[[nodiscard]] Result<std::vector<Digest>> ListLayers(Session& session, std::int64_t record_version,
                                                     std::string_view search_id, std::string_view after,
                                                     std::int64_t count);
[[nodiscard]] Result<bool> HasLayer(Session& session, const Layer& layer);
[[nodiscard]] Result<void> DeleteLayer(Session& session, const Layer& layer);
// Layers of other versions that were used last before `before`: no program reads them any more.
[[nodiscard]] Result<std::vector<Layer>> ListOutdatedLayers(Session& session, std::int64_t record_version,
                                                            std::int64_t before, std::int64_t count);

[[nodiscard]] Result<std::vector<std::int64_t>> ListAnalysisVersions(Session& session);
// Content keys greater than `after` (none: from the first), ascending.
[[nodiscard]] Result<std::vector<Digest>> ListContentKeys(Session& session, std::int64_t version,
                                                          const std::optional<Digest>& after, std::int64_t count);

}  // namespace holdfast::store
