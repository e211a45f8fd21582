// Where layer records are kept between analyses, so that no layer is read twice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace holdfast::service {

// Records are encoded catalog::LayerRecord, by the digest of the layer as the registry has it. Safe to share.
class RecordStore {
 public:
  virtual ~RecordStore() = default;
  // kNotFound: the layer has to be read.
  [[nodiscard]] virtual Result<std::string> LoadRecord(const Digest& layer) = 0;
  [[nodiscard]] virtual Result<void> StoreRecord(const Digest& layer, std::string_view record,
                                                 std::uint64_t layer_bytes) = 0;
};

}  // namespace holdfast::service
