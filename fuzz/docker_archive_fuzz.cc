// Whole image archives, indexed and streamed, into a sink that only drains.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "image/archive_index.h"
#include "image/archive_source.h"

namespace {

class DrainingSink final : public holdfast::image::LayerSink {
 public:
  bool IsKnown(const holdfast::image::LayerDescriptor&) override { return false; }
  holdfast::Result<void> Layer(const holdfast::image::LayerDescriptor&, holdfast::io::ByteSource& bytes) override {
    HF_TRY([[maybe_unused]] const auto count, bytes.Drain());
    return {};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using holdfast::Bytes, holdfast::kMiB;
  namespace image = holdfast::image;
  namespace io = holdfast::io;
  image::PlanOptions options;
  options.limits.layer_bytes_max = 64 * kMiB;
  DrainingSink sink;
  auto bytes = std::make_unique<io::MemorySource>(Bytes(data, size));
  static_cast<void>(image::MakeArchiveStreamSource(std::move(bytes), "", "", options)->Pull(sink));

  const io::MemoryRandomSource file(Bytes(data, size));
  const auto index = image::ArchiveIndex::Read(file, options.limits, nullptr);
  if (!index) return 0;
  const auto plan = image::MakePlan(**index, options);
  if (!plan) return 0;
  for (const image::LayerDescriptor& layer : plan->layers)
    if (const auto member = (*index)->Open(layer.key)) static_cast<void>((*member)->Drain());
  return 0;
}
