// Contents are skipped, not read: the tar reader asks for the bytes of a skip in one piece, far larger
// than any header, and gets zeros that it drops.

#include "image/archive_index.h"

#include <algorithm>
#include <set>

#include "base/format.h"
#include "io/file.h"
#include "io/tar.h"

namespace holdfast::image {
namespace {

constexpr std::uint64_t kBlock = 512;

class HeaderSource final : public io::ByteSource {
 public:
  HeaderSource(const io::RandomSource& file, const Limits& limits)
      : file_(file), skip_bytes_min_(limits.tar_header_bytes_max + kBlock), buffer_(64 * kKiB) {}

  Result<Bytes> Next(std::size_t max) override {
    const std::uint64_t left = file_.Size() - at_;
    if (left == 0) return Bytes{};
    const bool skipping = max > skip_bytes_min_ && left > skip_bytes_min_;
    const std::uint64_t spare = skipping ? std::min<std::uint64_t>(max, left) - skip_bytes_min_ : 0;
    if (spare > 0) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(spare, buffer_.size()));
      std::ranges::fill(buffer_, std::uint8_t{0});
      at_ += size;
      return Bytes(buffer_).first(size);
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>({max, left, buffer_.size()}));
    HF_CHECK_OK(file_.ReadAt(at_, MutableBytes(buffer_).first(size)));
    at_ += size;
    return Bytes(buffer_).first(size);
  }
  [[nodiscard]] std::uint64_t At() const { return at_; }

 private:
  const io::RandomSource& file_;
  std::uint64_t skip_bytes_min_;
  std::uint64_t at_ = 0;
  std::vector<std::uint8_t> buffer_;
};

// One member, read again from its header, so that sparse files come out whole.
class MemberSource final : public io::ByteSource {
 public:
  MemberSource(std::unique_ptr<io::ByteSource> bytes, const Limits& limits)
      : bytes_(std::move(bytes)), reader_(*bytes_, limits) {}
  Result<void> Begin(std::uint64_t size_bytes) {
    HF_TRY(const io::TarEntry* entry, reader_.Next());
    if (entry == nullptr || entry->size != size_bytes)
      return Fail(ErrorKind::kCorrupt, "the archive changed while it was read");
    return {};
  }
  Result<Bytes> Next(std::size_t max) override { return reader_.Content().Next(max); }

 private:
  std::unique_ptr<io::ByteSource> bytes_;
  io::TarReader reader_;
};

}  // namespace

Result<std::unique_ptr<ArchiveIndex>> ArchiveIndex::Read(const io::RandomSource& file, const Limits& limits,
                                                         bool* found_foreign) {
  std::unique_ptr<ArchiveIndex> index(new ArchiveIndex(file, limits));
  HF_CHECK_OK(index->ReadHeaders(found_foreign));
  return index;
}

Result<void> ArchiveIndex::ReadHeaders(bool* found_foreign) {
  HeaderSource headers(file_, limits_);
  io::TarReader reader(headers, limits_);
  std::string path;
  bool any_document = false;
  std::set<std::string> seen;
  while (true) {
    HF_CHECK_OK(reader.Content().Drain());
    const std::uint64_t header_at = (headers.At() + kBlock - 1) / kBlock * kBlock;
    HF_TRY(const io::TarEntry* entry, reader.Next());
    if (entry == nullptr) return {};
    HF_CHECK_OK(io::CleanPath(entry->path, path, limits_));
    const MemberKind kind = KindOfMember(path, entry->type == io::TarType::kDirectory);
    if (kind == MemberKind::kForeign && found_foreign != nullptr && !any_document) {
      *found_foreign = true;
      return {};
    }
    any_document = any_document || kind == MemberKind::kDocument;
    if (seen.size() >= kMembersMax) return Fail(ErrorKind::kLimit, Format("more than {} members", kMembersMax));
    if (entry->type == io::TarType::kDirectory) continue;
    if (!seen.insert(path).second) return Fail(ErrorKind::kCorrupt, Format("ambiguous: {} occurs twice", path));
    if (entry->type == io::TarType::kSymlink) links_.AddSymlink(path, entry->link_target);
    if (entry->type == io::TarType::kHardLink) links_.AddHardLink(path, entry->link_target);
    if (entry->type == io::TarType::kRegular) members_.emplace(path, Member{header_at, entry->size});
  }
}

std::optional<std::string> ArchiveIndex::Resolve(std::string_view path) {
  std::string clean;
  if (!io::CleanPath(path, clean, limits_)) return std::nullopt;
  auto target = links_.Follow(clean);
  return target && members_.contains(*target) ? target : std::nullopt;
}

std::uint64_t ArchiveIndex::SizeBytes(const std::string& path) { return members_.find(path)->second.size_bytes; }

Result<std::unique_ptr<io::ByteSource>> ArchiveIndex::Open(const std::string& path) const {
  const Member& member = members_.find(path)->second;
  auto source =
      std::make_unique<MemberSource>(io::ReadFrom(file_, member.header_at, file_.Size() - member.header_at), limits_);
  HF_CHECK_OK(source->Begin(member.size_bytes));
  return source;
}

Result<std::string> ArchiveIndex::ReadDocument(const std::string& path) {
  HF_TRY(const auto source, Open(path));
  return source->ReadText(limits_.document_bytes_max);
}

}  // namespace holdfast::image
