// An image archive read once, front to back: documents are kept, layers are handed on as they come, and
// the image is described at the end.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "image/members.h"
#include "image/plan.h"
#include "image/source.h"
#include "io/byte_source.h"

namespace holdfast::image {

class ArchiveStream {
 public:
  // All outlive the object.
  ArchiveStream(const PlanOptions& options, LayerSink& sink) : options_(options), sink_(sink) {}

  enum class Outcome { kImage, kRootFileSystem };
  // Reads `tar` (uncompressed) to its end. With ArchiveFormat::kAny it may turn out to be the root file system
  // itself: then it was read up to there only, nothing was delivered, and Recorded() is what was read.
  [[nodiscard]] Result<Outcome> Read(io::ByteSource& tar);
  // After kImage: the image, all of whose layers were delivered or known.
  [[nodiscard]] Result<Plan> Describe();
  [[nodiscard]] const std::string& Recorded() const { return recorded_; }

 private:
  class Recorder;
  class StreamMembers;

  Result<void> TakeRegular(const std::string& path, MemberKind kind, std::uint64_t size_bytes, io::ByteSource& content);
  Result<void> TakeDocument(const std::string& path, std::string head, io::ByteSource& content);
  void TakeLayer(const std::string& path, std::uint64_t size_bytes, std::string head, io::ByteSource& content);

  const PlanOptions& options_;
  LayerSink& sink_;
  bool recording_ = true;  // while it may still be a root file system
  std::string recorded_;
  LinkTable links_;
  std::map<std::string, std::string, std::less<>> documents_;
  std::uint64_t document_bytes_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> layers_;  // delivered or known; their sizes
  std::map<std::string, Error, std::less<>> failures_;        // of layers: they count only if the image has them
  std::set<std::string, std::less<>> seen_;
};

}  // namespace holdfast::image
