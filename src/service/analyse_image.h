// The first use case: an image source and an analyzer in, an image analysis out.
#pragma once

#include <cstdint>

#include "base/deadline.h"
#include "base/log.h"
#include "base/result.h"
#include "image/source.h"
#include "model/image_analysis.h"
#include "service/analyzer.h"
#include "service/record_store.h"

namespace holdfast::service {

// Told while layers stream by; bytes are as stored (compressed).
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void Expect(std::uint64_t bytes_total) = 0;
  virtual void Advance(std::uint64_t bytes) = 0;
};

// Each layer that occurs twice in the image is read once; layers whose records are in `known` (may be null) are not
// read at all, and the records of the others are put there. kLimit when the deadline passes; a source that waits for
// others must have it too (image::SourceOptions).
[[nodiscard]] Result<model::ImageAnalysis> AnalyseImage(image::Source& source, Analyzer& analyzer, Progress& progress,
                                                        const Deadline& deadline, RecordStore* known = nullptr);

}  // namespace holdfast::service
