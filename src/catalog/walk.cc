#include "catalog/walk.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/format.h"
#include "catalog/archive.h"
#include "catalog/executable.h"
#include "io/paired_sha256.h"
#include "io/tar.h"

namespace holdfast::catalog {
namespace {

// The content of one entry on its way to whoever reads it: hashed, counted, searched, and kept when it was
// claimed as raw evidence. Distinguishes a broken layer (the stream's own errors) from a broken file.
class EntryContent final : public io::ByteSource {
 public:
  EntryContent(io::ByteSource& inner, io::PairingSource& stream, io::BlockSha256& hash)
      : inner_(inner), stream_(stream), hash_(hash) {}

  Result<Bytes> Next(std::size_t max) override {
    if (!peeked_.empty()) {
      const Bytes view = peeked_.first(std::min(peeked_.size(), max));
      peeked_ = peeked_.subspan(view.size());
      return view;
    }
    return Pull(max);
  }

  // The first bytes (fewer than asked for only when the content is shorter), to be read again by Next.
  Result<Bytes> Peek(std::size_t size) {
    HF_TRY(const Bytes first, Pull(io::kAnySize));
    if (first.size() >= size || first.empty()) return peeked_ = first;
    // A view that is too short, at the end of a chunk: gather, since the next call ends its life.
    gathered_.assign(first.begin(), first.end());
    while (gathered_.size() < size) {
      HF_TRY(const Bytes more, Pull(size - gathered_.size()));
      if (more.empty()) break;
      gathered_.insert(gathered_.end(), more.begin(), more.end());
    }
    return peeked_ = gathered_;
  }

  // Keeps a copy of all that passes, until the store holds more than `stored_max`. Call before the first read.
  void KeepIn(io::ChunkedBlobWriter& store, std::uint64_t stored_max) {
    store_ = &store;
    stored_max_ = stored_max;
  }

  // Shows the searcher all that passes. Call before the first read.
  void ShowTo(ContentSearcher& searcher) { searcher_ = &searcher; }

  [[nodiscard]] std::uint64_t Count() const { return count_; }
  [[nodiscard]] const std::optional<Error>& StreamError() const { return stream_error_; }
  // Was everything kept that passed?
  [[nodiscard]] bool KeptAll() const { return !overflow_; }

 private:
  Result<Bytes> Pull(std::size_t max) {
    auto view = inner_.Next(max);
    if (!view) {
      stream_error_ = view.error();
      return view;
    }
    stream_.HashInto(hash_, *view);
    count_ += view->size();
    if (searcher_ != nullptr) searcher_->Write(*view);
    overflow_ = overflow_ || (store_ != nullptr && store_->StoredBytes() > stored_max_);
    if (store_ != nullptr && !overflow_) HF_CHECK_OK(store_->Write(*view));
    return view;
  }

  io::ByteSource& inner_;
  io::PairingSource& stream_;
  io::BlockSha256& hash_;
  io::ChunkedBlobWriter* store_ = nullptr;
  ContentSearcher* searcher_ = nullptr;
  std::uint64_t stored_max_ = 0;
  bool overflow_ = false;
  std::uint64_t count_ = 0;
  Bytes peeked_;
  std::vector<std::uint8_t> gathered_;
  std::optional<Error> stream_error_;
};

constexpr std::size_t kMagicBytes = 64;

class Walker {
 public:
  Walker(io::PairingSource& stream, const ClaimIndex& claims, const Limits& limits, const SearchPlan* search)
      : stream_(stream),
        tar_(stream, limits),
        claims_(claims),
        limits_(limits),
        problems_(record_.problems, record_.problems_dropped, limits.problems_max),
        search_(search) {
    if (search_ == nullptr) return;
    record_.search_id = search_->Id();
    searcher_.emplace(*search_, limits_);
  }

  LayerRecord Run() {
    while (true) {
      const auto entry = tar_.Next();
      if (!entry) {
        problems_.Add("", entry.error());
        break;
      }
      if (*entry == nullptr) break;
      if (const auto done = Visit(**entry); !done) {
        problems_.Add("", done.error());
        break;
      }
    }
    // No bytes at all are an empty layer.
    if (!tar_.EndedCleanly() && record_.problems.empty() && record_.inventory.Size() > 0)
      problems_.Add("", Error(ErrorKind::kCorrupt, "the layer ends without the mark of its end"));
    if (searcher_ && searcher_->Exhausted())
      problems_.Add("", Error(ErrorKind::kLimit,
                              "searching in files takes too long here, or finds too much: the rest "
                              "of the layer is not searched"));
    record_.store = store_.Finish();
    return std::move(record_);
  }

 private:
  // An error ends the walk: the stream broke, or a limit on the whole layer was hit.
  Result<void> Visit(const io::TarEntry& entry) {
    if (const auto clean = io::CleanPath(entry.path, path_); !clean) {
      problems_.Add(entry.path, clean.error());
      return {};
    }
    const auto type = TypeOf(entry);
    if (!type) return {};
    vfs::Entry row{.path = path_,
                   .type = *type,
                   .mode = entry.mode & 07777U,
                   .uid = static_cast<std::uint32_t>(entry.uid),
                   .gid = static_cast<std::uint32_t>(entry.gid),
                   .size_bytes = entry.size,  // as stated; what was read replaces it
                   .mtime_s = entry.mtime};
    if (*type == vfs::FileType::kHardLink) {
      if (const auto clean = io::CleanPath(entry.link_target, link_); !clean) {
        problems_.Add(path_, clean.error());
        return {};
      }
      row.link_target = link_;
    } else if (*type == vfs::FileType::kSymlink) {
      row.link_target = entry.link_target;
    }
    if (*type == vfs::FileType::kRegular)
      return TakeHoles(entry.hole_bytes) ? VisitContent(row) : AddRow(row);  // the reader skips what is not read
    row.size_bytes = 0;
    return AddRow(row);
  }

  // Holes cost the layer nothing and the one who hashes them time: they have a budget.
  bool TakeHoles(std::uint64_t bytes) {
    if (bytes <= limits_.layer_hole_bytes_max - holes_) {
      holes_ += bytes;
      return true;
    }
    problems_.Add(path_, Error(ErrorKind::kLimit, Format("a sparse file with {} bytes of holes is not read, limit {}",
                                                         bytes, limits_.layer_hole_bytes_max)));
    return false;
  }

  std::optional<vfs::FileType> TypeOf(const io::TarEntry& entry) {
    switch (entry.type) {
      case io::TarType::kRegular: return vfs::FileType::kRegular;
      case io::TarType::kDirectory: return vfs::FileType::kDirectory;
      case io::TarType::kSymlink: return vfs::FileType::kSymlink;
      case io::TarType::kHardLink: return vfs::FileType::kHardLink;
      case io::TarType::kCharDevice: return vfs::FileType::kCharDevice;
      case io::TarType::kBlockDevice: return vfs::FileType::kBlockDevice;
      case io::TarType::kFifo: return vfs::FileType::kFifo;
      case io::TarType::kUnknown: break;
    }
    problems_.Add(path_, Error(ErrorKind::kUnsupported, "an entry of a type that tar does not define"));
    return std::nullopt;
  }

  Result<void> AddRow(const vfs::Entry& row) {
    if (record_.inventory.Size() >= limits_.layer_entries_max)
      return Fail(ErrorKind::kLimit, Format("a layer of more than {} entries", limits_.layer_entries_max));
    HF_TRY(index_, record_.inventory.Add(row, limits_.inventory_bytes_max));
    return {};
  }

  Result<void> VisitContent(vfs::Entry row) {
    const Wanted wanted = claims_.Match(path_);
    EntryContent content(tar_.Content(), stream_, hash_);
    const std::uint64_t raw_at = store_.Size();
    const bool keep = wanted.raw && row.size_bytes <= wanted.raw_bytes_max;
    const bool wanted_whole = search_ != nullptr && search_->Retrieves(path_);
    const bool retrieve = wanted_whole && row.size_bytes <= search_->Config().retrieved_file_bytes_max;
    if (keep || retrieve) content.KeepIn(store_, limits_.evidence_layer_bytes_max);
    const bool searched = searcher_ && searcher_->Begin(row.size_bytes);
    if (searched) content.ShowTo(*searcher_);
    const std::uint64_t stated = row.size_bytes;
    parts_.clear();
    const Distilled distilled = Distil(content, wanted, row.size_bytes);
    const auto drained = content.StreamError() ? std::unexpected(*content.StreamError()) : content.Drain();
    row.size_bytes = content.Count();
    row.digest = hash_.Finish();
    HF_CHECK_OK(AddRow(row));  // also when it broke off: what is known of it is listed
    if (searched) TakeHits();
    const EvidenceItem kept{.entry = index_, .offset = raw_at, .size_bytes = store_.Size() - raw_at};
    if ((keep || retrieve) && !content.KeptAll()) {
      problems_.Add(path_, TooMuchEvidence());
    } else {
      if (keep) record_.evidence.push_back(kept);
      if (retrieve) record_.retrieved.push_back({kept.entry, kept.offset, kept.size_bytes});
    }
    if (wanted.raw && !keep)
      problems_.Add(path_, Error(ErrorKind::kLimit, Format("{} bytes, too large to read packages from", stated)));
    if (wanted_whole && !retrieve)
      problems_.Add(path_, Error(ErrorKind::kLimit, Format("{} bytes, too large to be retrieved", stated)));
    if (distilled != Distilled::kNothing && !parts_.empty()) {
      const std::string encoded = EncodeParts(parts_);
      HF_CHECK_OK(
          KeepItem(distilled == Distilled::kArchive ? EvidenceForm::kArchive : EvidenceForm::kExecutable, encoded));
    }
    if (!drained) return std::unexpected(drained.error().In(path_));
    return {};
  }

  enum class Distilled : std::uint8_t { kNothing, kArchive, kExecutable };

  Distilled Distil(EntryContent& content, const Wanted& wanted, std::uint64_t size) {
    if (!wanted.archive && !claims_.WantsExecutables()) return Distilled::kNothing;
    const auto head = content.Peek(kMagicBytes);
    if (!head || head->empty()) return Distilled::kNothing;
    const bool executable = !wanted.archive && LooksExecutable(*head);
    if (!wanted.archive && !executable) return Distilled::kNothing;
    auto parts = executable ? DistilExecutable(content, kept_, limits_) : DistilArchive(content, size, limits_);
    if (parts)
      parts_ = *std::move(parts);
    else if (!content.StreamError())
      problems_.Add(path_, parts.error());
    return executable ? Distilled::kExecutable : Distilled::kArchive;
  }

  void TakeHits() {
    for (PatternLines& found : searcher_->Finish()) {
      if (found.cut)
        problems_.Add(path_, Error(ErrorKind::kLimit, Format("more than {} lines match one pattern: not all are listed",
                                                             found.lines.size())));
      record_.hits.push_back({index_, found.pattern, std::move(found.lines)});
    }
  }

  Result<void> KeepItem(EvidenceForm form, std::string_view bytes) {
    if (store_.StoredBytes() > limits_.evidence_layer_bytes_max) {
      problems_.Add(path_, TooMuchEvidence());
      return {};
    }
    const std::uint64_t at = store_.Size();
    HF_CHECK_OK(store_.Write(AsBytes(bytes)));
    record_.evidence.push_back({index_, form, at, bytes.size()});
    return {};
  }

  [[nodiscard]] Error TooMuchEvidence() const {
    return {ErrorKind::kLimit, Format("not read for packages: what is kept of this layer takes more than {} bytes",
                                      limits_.evidence_layer_bytes_max)};
  }

  io::PairingSource& stream_;
  io::TarReader tar_;
  const ClaimIndex& claims_;
  const Limits& limits_;
  LayerRecord record_;
  ProblemList problems_;
  io::ChunkedBlobWriter store_;
  io::BlockSha256 hash_;
  KeptContent kept_;
  Parts parts_;
  std::string path_, link_;
  std::uint32_t index_ = 0;  // of the row added last
  std::uint64_t holes_ = 0;
  const SearchPlan* search_;
  std::optional<ContentSearcher> searcher_;
};

}  // namespace

bool IsNoLayer(const LayerRecord& record) {
  return record.inventory.Size() == 0 && !record.problems.empty() && record.problems.front().path.empty();
}

LayerRecord WalkTar(io::ByteSource& tar, const ClaimIndex& claims, const Limits& limits, const SearchPlan* search) {
  io::PairingSource stream(tar);
  LayerRecord record = Walker(stream, claims, limits, search).Run();
  if (IsNoLayer(record)) return record;
  // What follows the end of the archive is no content, but it counts for the digest. An error here is
  // one that the walk has met, or damage after the end.
  if (const auto rest = stream.Drain(); !rest && record.problems.empty())
    record.problems.push_back({"", rest.error().Kind(), rest.error().Message()});
  record.diff_id = DiffId(Digest(stream.Finish()));
  return record;
}

}  // namespace holdfast::catalog
