// Analyzer: turns layers into records, records into an image analysis, and documents that list packages into one too.
// The one that scans use does this in a confined worker process (see sandbox/confine.h), so that a parser led astray by
// hostile bytes can reach nothing; the local one does it in this process, for when the kernel has no such means.
//
// The worker keeps nothing between requests: records come back to the caller, who may store them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/result.h"
#include "catalog/search_config.h"
#include "io/byte_source.h"
#include "model/image_analysis.h"
#include "sbom/document.h"

namespace holdfast::service {

class Analyzer {
 public:
  virtual ~Analyzer() = default;

  // Reads one layer, plain or compressed, to its end, or up to where damage or a limit makes the rest useless; the
  // result is an encoded catalog::LayerRecord. Damage in the layer is inside the record; an error means that there is
  // no record. kLimit when the deadline passes; a layer that waits for others must have the deadline itself.
  [[nodiscard]] virtual Result<std::string> AnalyzeLayer(io::ByteSource& layer, const Deadline& deadline) = 0;

  // Squashes records (base layer first) and reads their packages. Source and blob facts are left empty.
  [[nodiscard]] virtual Result<model::ImageAnalysis> AnalyzeImage(const std::vector<std::string>& records,
                                                                  const Deadline& deadline) = 0;

  // A document that lists packages, see sbom/document.h, whose errors it has. kCorrupt, too, when the worker is lost.
  [[nodiscard]] virtual Result<sbom::Document> ReadDocument(std::string_view text, const Deadline& deadline) = 0;

  // Names the searches that the records are made with: SearchConfig::Id.
  [[nodiscard]] virtual const std::string& SearchId() const = 0;
};

// Whether a thread of its own reads the bytes of a layer before they are wanted. Not where another process does.
enum class ReadAhead : std::uint8_t { kYes, kNo };

// Without searches. Looks at the deadline between steps only: nothing can interrupt a parser in this process.
[[nodiscard]] std::unique_ptr<Analyzer> MakeLocalAnalyzer(const Limits& limits);
// kInvalidInput, kLimit: an expression cannot be used.
[[nodiscard]] Result<std::unique_ptr<Analyzer>> MakeLocalAnalyzer(const Limits& limits,
                                                                  const catalog::SearchConfig& searches,
                                                                  ReadAhead read_ahead = ReadAhead::kYes);

enum class SandboxMode : std::uint8_t {
  kAuto,     // confined when the kernel allows it, else local with one warning
  kRequire,  // confined, or an error
  kOff,
};

// The worker is this very program started as `holdfast __worker` (see RunWorker). `program` is usually
// "/proc/self/exe". The worker starts at the first request and again after it was lost; one that is still at work when
// the deadline of a request passes is killed, and one that has lived for Limits::scan_time_ms_max is replaced.
[[nodiscard]] Result<std::unique_ptr<Analyzer>> MakeAnalyzer(SandboxMode mode, const std::string& program,
                                                             const Limits& limits,
                                                             const catalog::SearchConfig& searches, Logger& logger);

// The worker's side: serves requests on standard input and output, with the memory that MapSharedMemory finds, until
// the parent goes away. Returns the process's exit code.
int RunWorker();

}  // namespace holdfast::service
