// Where layer records are kept between analyses, so that no layer is read twice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace holdfast::service {

struct RecordKey {
  Digest layer;           // as the registry has it
  std::string search_id;  // of the searches that were made: SearchConfig::Id
  friend auto operator<=>(const RecordKey&, const RecordKey&) = default;
};

// Records are encoded catalog::LayerRecord. Safe to share.
class RecordStore {
 public:
  virtual ~RecordStore() = default;
  // kNotFound: the layer has to be read.
  [[nodiscard]] virtual Result<std::string> LoadRecord(const RecordKey& key) = 0;
  [[nodiscard]] virtual Result<void> StoreRecord(const RecordKey& key, std::string_view record,
                                                 std::uint64_t layer_bytes) = 0;
};

}  // namespace holdfast::service
