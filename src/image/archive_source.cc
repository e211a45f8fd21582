#include "image/archive_source.h"

#include <array>
#include <utility>

#include "base/format.h"
#include "image/archive_index.h"
#include "image/archive_stream.h"
#include "image/chained_source.h"
#include "image/deliver.h"
#include "image/manifest.h"
#include "image/verify.h"
#include "io/decompress.h"
#include "io/file.h"

namespace holdfast::image {
namespace {

constexpr std::string_view kRootKey = "rootfs";
constexpr std::size_t kHeadBytes = 512;

ImageDescription DescriptionOf(Plan plan, const std::string& kind, const std::string& reference) {
  plan.source.kind = kind.empty() ? (plan.format == ArchiveFormat::kOci ? "oci-archive" : "docker-archive") : kind;
  plan.source.reference = reference;
  return {std::move(plan.source), std::move(plan.layers), std::move(plan.problems)};
}

Result<ImageDescription> DeliverRoot(LayerSink& sink, io::ByteSource& tar, std::uint64_t size_bytes,
                                     const std::string& reference) {
  ImageDescription description;
  description.source.kind = "rootfs";
  description.source.reference = reference;
  description.layers.push_back(
      {.key = std::string(kRootKey), .media_type = std::string(kOciLayerTar), .size_bytes = size_bytes});
  sink.ExpectBytes(size_bytes);
  HF_CHECK_OK(DeliverLayer(sink, description.layers[0], tar));
  return description;
}

Result<std::string> HeadOf(const io::RandomSource& file) {
  std::string head(static_cast<std::size_t>(std::min<std::uint64_t>(file.Size(), kHeadBytes)), '\0');
  HF_CHECK_OK(file.ReadAt(0, {reinterpret_cast<std::uint8_t*>(head.data()), head.size()}));
  return head;
}

class FileArchive final : public Source {
 public:
  FileArchive(std::filesystem::path path, std::string reference, PlanOptions options)
      : path_(std::move(path)), reference_(std::move(reference)), options_(std::move(options)) {}

  Result<ImageDescription> Pull(LayerSink& sink) override {
    HF_TRY(const auto file, io::OpenRandomFile(path_));
    HF_TRY(const std::string head, HeadOf(*file));
    auto description = io::SniffCompression(AsBytes(head)) == io::Compression::kNone ? PullIndexed(*file, sink)
                                                                                     : PullStreamed(*file, sink);
    if (!description) return std::unexpected(std::move(description).error().In(path_.string()));
    return description;
  }

 private:
  Result<ImageDescription> PullIndexed(const io::RandomSource& file, LayerSink& sink) {
    bool foreign = false;
    const bool any = options_.format == ArchiveFormat::kAny;
    HF_TRY(const auto index, ArchiveIndex::Read(file, options_.limits, any ? &foreign : nullptr));
    if (foreign) return PullRoot(file, sink);
    HF_TRY(Plan plan, MakePlan(*index, options_));
    for (const LayerDescriptor& layer : plan.layers)
      if (layer.size_bytes != index->SizeBytes(layer.key))
        return Fail(ErrorKind::kCorrupt, Format("layer {} has {} bytes, but {} are stated", layer.key,
                                                index->SizeBytes(layer.key), layer.size_bytes));
    HF_CHECK_OK(DeliverPlanned(plan, sink, [&](const LayerDescriptor& layer) { return index->Open(layer.key); }));
    return DescriptionOf(std::move(plan), "", reference_);
  }

  Result<ImageDescription> PullStreamed(const io::RandomSource& file, LayerSink& sink) {
    sink.ExpectBytes(file.Size());
    const auto unbounded = io::ReadFrom(file, 0, file.Size());
    io::DeadlineSource bytes(*unbounded, options_.deadline);
    HF_TRY(const auto tar, io::OpenDecompressor(bytes, options_.limits));
    ArchiveStream stream(options_, sink);
    HF_TRY(const auto outcome, stream.Read(*tar));
    // The file as it is: then whoever takes the layer decompresses it, in parallel to what else it does.
    if (outcome == ArchiveStream::Outcome::kRootFileSystem) return PullRoot(file, sink);
    HF_TRY(Plan plan, stream.Describe());
    return DescriptionOf(std::move(plan), "", reference_);
  }

  Result<ImageDescription> PullRoot(const io::RandomSource& file, LayerSink& sink) {
    const auto bytes = io::ReadFrom(file, 0, file.Size());
    return DeliverRoot(sink, *bytes, file.Size(), reference_);
  }

  std::filesystem::path path_;
  std::string reference_;
  PlanOptions options_;
};

class StreamedArchive final : public Source {
 public:
  StreamedArchive(std::unique_ptr<io::ByteSource> bytes, std::string kind, std::string reference, PlanOptions options)
      : bytes_(std::move(bytes)),
        kind_(std::move(kind)),
        reference_(std::move(reference)),
        options_(std::move(options)) {}

  Result<ImageDescription> Pull(LayerSink& sink) override {
    HF_TRY(const auto tar, io::OpenDecompressor(*bytes_, options_.limits));
    ArchiveStream stream(options_, sink);
    HF_TRY(const auto outcome, stream.Read(*tar));
    if (outcome == ArchiveStream::Outcome::kRootFileSystem) {
      ChainedSource whole(stream.Recorded(), *tar);
      return DeliverRoot(sink, whole, 0, reference_);
    }
    HF_TRY(Plan plan, stream.Describe());
    HF_TRY_IN("after the archive", [[maybe_unused]] const std::uint64_t rest, tar->Drain());
    return DescriptionOf(std::move(plan), kind_, reference_);
  }

 private:
  std::unique_ptr<io::ByteSource> bytes_;
  std::string kind_, reference_;
  PlanOptions options_;
};

}  // namespace

std::unique_ptr<Source> MakeArchiveSource(std::filesystem::path file, std::string reference, PlanOptions options) {
  return std::make_unique<FileArchive>(std::move(file), std::move(reference), std::move(options));
}

std::unique_ptr<Source> MakeArchiveStreamSource(std::unique_ptr<io::ByteSource> bytes, std::string kind,
                                                std::string reference, PlanOptions options) {
  return std::make_unique<StreamedArchive>(std::move(bytes), std::move(kind), std::move(reference), std::move(options));
}

Result<bool> LooksLikeArchive(const std::filesystem::path& file) {
  HF_TRY(const auto random, io::OpenRandomFile(file));
  HF_TRY(const std::string head, HeadOf(*random));
  // Compressed: what is in it decides.
  const auto bytes = io::ReadFrom(*random, 0, random->Size());
  const Limits limits;
  const auto inner = io::OpenDecompressor(*bytes, limits);
  if (!inner) return false;
  std::array<std::uint8_t, kHeadBytes> block{};
  const auto filled = (*inner)->ReadSome(block);
  if (!filled || *filled < kHeadBytes) return false;
  return LooksLikeLayer(AsText(block)) && io::SniffCompression(block) == io::Compression::kNone;
}

}  // namespace holdfast::image
