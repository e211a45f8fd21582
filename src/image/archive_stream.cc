#include "image/archive_stream.h"

#include <array>
#include <utility>

#include "base/format.h"
#include "image/archive_index.h"
#include "image/chained_source.h"
#include "image/manifest.h"
#include "image/verify.h"
#include "io/tar.h"

namespace holdfast::image {
namespace {

constexpr std::size_t kHeadBytes = 512;
constexpr std::size_t kRecordedBytesMax = 4 * kMiB;
constexpr std::uint64_t kDocumentsBytesMax = 64 * kMiB;
constexpr std::string_view kBlobs = "blobs/sha256/";

}  // namespace

// Keeps what passes, for as long as it may have to be handed on from the beginning.
class ArchiveStream::Recorder final : public io::ByteSource {
 public:
  Recorder(io::ByteSource& inner, ArchiveStream& stream) : inner_(inner), stream_(stream) {}
  Result<Bytes> Next(std::size_t max) override {
    auto view = inner_.Next(max);
    if (!view || !stream_.recording_) return view;
    stream_.recorded_.append(AsText(*view));
    if (stream_.recorded_.size() > kRecordedBytesMax) {
      stream_.recording_ = false;
      stream_.recorded_.clear();
    }
    return view;
  }

 private:
  io::ByteSource& inner_;
  ArchiveStream& stream_;
};

class ArchiveStream::StreamMembers final : public Members {
 public:
  explicit StreamMembers(const ArchiveStream& stream) : stream_(stream) {}
  std::optional<std::string> Resolve(std::string_view path) override {
    std::string clean;
    if (!io::CleanPath(path, clean)) return std::nullopt;
    auto target = stream_.links_.Follow(clean);
    const bool there = target && (stream_.documents_.contains(*target) || stream_.layers_.contains(*target));
    return there ? target : std::nullopt;
  }
  std::uint64_t SizeBytes(const std::string& path) override {
    const auto layer = stream_.layers_.find(path);
    return layer != stream_.layers_.end() ? layer->second : stream_.documents_.find(path)->second.size();
  }
  Result<std::string> ReadDocument(const std::string& path) override {
    const auto found = stream_.documents_.find(path);
    if (found == stream_.documents_.end()) return Fail(ErrorKind::kCorrupt, Format("{} is not a JSON document", path));
    return found->second;
  }

 private:
  const ArchiveStream& stream_;
};

Result<ArchiveStream::Outcome> ArchiveStream::Read(io::ByteSource& tar) {
  recording_ = options_.format == ArchiveFormat::kAny;
  Recorder recorder(tar, *this);
  io::TarReader reader(recorder, options_.limits);
  std::string path;
  while (true) {
    HF_TRY(const io::TarEntry* entry, reader.Next());
    if (entry == nullptr) return Outcome::kImage;
    HF_CHECK_OK(io::CleanPath(entry->path, path, options_.limits));
    const MemberKind kind = KindOfMember(path, entry->type == io::TarType::kDirectory);
    if (kind == MemberKind::kForeign && recording_ && documents_.empty()) return Outcome::kRootFileSystem;
    if (seen_.size() >= kMembersMax) return Fail(ErrorKind::kLimit, Format("more than {} members", kMembersMax));
    if (entry->type == io::TarType::kDirectory) continue;
    if (!seen_.insert(path).second) return Fail(ErrorKind::kCorrupt, Format("ambiguous: {} occurs twice", path));
    if (entry->type == io::TarType::kSymlink) links_.AddSymlink(path, entry->link_target);
    if (entry->type == io::TarType::kHardLink) links_.AddHardLink(path, entry->link_target);
    if (entry->type != io::TarType::kRegular) continue;
    HF_CHECK_OK(TakeRegular(path, kind, entry->size, reader.Content()));
  }
}

Result<void> ArchiveStream::TakeRegular(const std::string& path, MemberKind kind, std::uint64_t size_bytes,
                                        io::ByteSource& content) {
  if (kind == MemberKind::kForeign || kind == MemberKind::kIgnored) return {};
  std::array<std::uint8_t, kHeadBytes> buffer{};
  HF_TRY(const std::size_t filled, content.ReadSome(buffer));
  std::string head(AsText(Bytes(buffer).first(filled)));
  const bool json = kind == MemberKind::kDocument || (kind == MemberKind::kBlob && LooksLikeJson(head));
  if (json) return TakeDocument(path, std::move(head), content);
  if (kind == MemberKind::kLayer || LooksLikeLayer(head)) TakeLayer(path, size_bytes, std::move(head), content);
  return {};
}

Result<void> ArchiveStream::TakeDocument(const std::string& path, std::string head, io::ByteSource& content) {
  ChainedSource whole(std::move(head), content);
  auto text = whole.ReadText(options_.limits.document_bytes_max);
  // Too long for a document of the image: something that somebody attached.
  if (!text && text.error().Kind() == ErrorKind::kLimit) return {};
  if (!text) return std::unexpected(text.error());
  document_bytes_ += text->size();
  if (document_bytes_ > kDocumentsBytesMax)
    return Fail(ErrorKind::kLimit, Format("more than {} bytes of documents", kDocumentsBytesMax));
  documents_.emplace(path, *std::move(text));
  return {};
}

void ArchiveStream::TakeLayer(const std::string& path, std::uint64_t size_bytes, std::string head,
                              io::ByteSource& content) {
  recording_ = false;
  recorded_.clear();
  LayerDescriptor layer{.key = path, .media_type = std::string(kOciLayerTar), .size_bytes = size_bytes};
  if (path.starts_with(kBlobs))
    if (const auto value = Sha256Value::FromHex(std::string_view(path).substr(kBlobs.size())))
      layer.digest = Digest(*value);
  layers_.emplace(path, size_bytes);
  if (sink_.IsKnown(layer)) return;
  ChainedSource whole(std::move(head), content);
  // Whether the image has this layer is not known yet. If the archive itself is damaged, the reader says so next.
  if (const auto delivered = DeliverLayer(sink_, layer, whole); !delivered) failures_.emplace(path, delivered.error());
}

Result<Plan> ArchiveStream::Describe() {
  StreamMembers members(*this);
  HF_TRY(Plan plan, MakePlan(members, options_));
  for (const LayerDescriptor& layer : plan.layers) {
    const auto size = layers_.find(layer.key);
    if (size == layers_.end()) return Fail(ErrorKind::kCorrupt, Format("{} is not a layer", layer.key));
    if (const auto failure = failures_.find(layer.key); failure != failures_.end())
      return std::unexpected(failure->second);
    if (layer.size_bytes != size->second)
      return Fail(ErrorKind::kCorrupt,
                  Format("layer {} has {} bytes, but {} are stated", layer.key, size->second, layer.size_bytes));
  }
  return plan;
}

}  // namespace holdfast::image
