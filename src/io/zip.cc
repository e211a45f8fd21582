// Each entry is a local header (APPNOTE 4.3.7), the data, and, when sizes were not known in advance (bit 3 of
// the flags), a data descriptor (4.3.9). Deflated data says itself where it ends; stored data needs a size. Zip64
// sizes stand in extra field 1 (4.5.3). In front of the first entry there may be anything: self-extracting
// archives have a program there.

#include "io/zip.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "base/format.h"

namespace holdfast::io {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50, kDescriptor = 0x08074b50;
constexpr std::uint32_t kEnd = 0x06054b50, kEnd64 = 0x06064b50, kExtraData = 0x08064b50, kSplitMark = 0x30304b50;
constexpr std::size_t kLocalBytes = 30, kCentralBytes = 46;
constexpr std::uint16_t kEncrypted = 1, kHasDescriptor = 8, kStored = 0, kDeflated = 8;
constexpr std::uint32_t kIn64 = 0xffffffff;
constexpr std::size_t kOutBytes = 64 * 1024;
// Programs in front of an archive are small.
constexpr std::uint64_t kPrefixMax = 64 * kMiB;
constexpr std::size_t kComplaintsMax = 100;

std::unexpected<Error> Corrupt(std::string what) { return Fail(ErrorKind::kCorrupt, "zip: " + std::move(what)); }

struct Sizes {
  std::uint64_t compressed = 0, uncompressed = 0;
};

// Replaces what is 0xffffffff by the values of the zip64 extra field, which has only those, in this order.
void ApplyZip64(Bytes extra, Sizes& sizes) {
  while (extra.size() >= 4) {
    const auto id = LoadLittle<std::uint16_t>(extra);
    const std::size_t size = LoadLittle<std::uint16_t>(extra, 2);
    extra = extra.subspan(4);
    if (size > extra.size()) return;
    Bytes field = extra.first(size);
    extra = extra.subspan(size);
    if (id != 1) continue;
    for (std::uint64_t* value : {&sizes.uncompressed, &sizes.compressed}) {
      if (*value != kIn64 || field.size() < 8) continue;
      *value = LoadLittle<std::uint64_t>(field);
      field = field.subspan(8);
    }
  }
}

}  // namespace

class ZipReader::Impl {
 public:
  Impl(ByteSource& source, ZipBudget& budget, bool outermost, const Limits& limits)
      : source_(source), budget_(budget), outermost_(outermost), limits_(limits), content_(*this) {}

  Result<const ZipEntry*> Next() {
    if (error_) return std::unexpected(*error_);
    auto entry = ReadEntry();
    if (!entry) error_ = entry.error();
    return entry;
  }
  ByteSource& Content() { return content_; }

  Result<Directory> ReadDirectory() {
    Directory directory;
    directory.listed.resize(seen_.size());
    std::unordered_multimap<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < seen_.size(); ++i) by_name.emplace(seen_[i].name, i);
    while (true) {
      HF_TRY(const Bytes mark, Peek(4));
      if (mark.size() < 4) return Corrupt("truncated: the central directory does not end");
      const auto signature = LoadLittle<std::uint32_t>(mark);
      if (signature == kEnd || signature == kEnd64) break;
      if (signature != kCentralHeader) return Corrupt("a damaged central directory");
      HF_CHECK_OK(ReadCentralHeader(by_name, directory));
    }
    for (std::size_t i = 0; i < seen_.size(); ++i)
      if (!directory.listed[i]) Complain(directory, Format("{} is not in the central directory", seen_[i].name));
    return directory;
  }

 private:
  class ContentSource final : public ByteSource {
   public:
    explicit ContentSource(Impl& reader) : reader_(reader) {}
    Result<Bytes> Next(std::size_t max) override { return reader_.NextContent(max); }

   private:
    Impl& reader_;
  };

  struct Seen {
    std::string name;
    std::uint32_t crc = 0;
    bool crc_known = false;
  };

  // ---- Input: a view of the source, or a gathered copy while more than one view is needed at once.

  Result<Bytes> More() {
    HF_TRY(const Bytes view, source_.Next());
    if (outermost_) budget_.outer_bytes += view.size();
    return view;
  }

  // The next `size` bytes, fewer only at the end of the source. Not consumed.
  Result<Bytes> Peek(std::size_t size) {
    if (view_.size() >= size) return view_.first(size);
    std::vector<std::uint8_t> gathered(view_.begin(), view_.end());
    while (gathered.size() < size) {
      HF_TRY(const Bytes more, More());
      if (more.empty()) break;
      gathered.insert(gathered.end(), more.begin(), more.end());
    }
    gathered_ = std::move(gathered);
    view_ = gathered_;
    return view_.first(std::min(size, view_.size()));
  }

  Result<Bytes> Take(std::size_t size, std::string_view what) {
    HF_TRY(const Bytes bytes, Peek(size));
    if (bytes.size() < size) return Corrupt(Format("truncated {}", what));
    view_ = view_.subspan(size);
    return bytes;
  }

  // ---- Entries

  Result<const ZipEntry*> ReadEntry() {
    HF_CHECK_OK(SkipContent());
    while (true) {
      HF_TRY(const Bytes mark, Peek(4));
      if (mark.size() < 4) return Corrupt("truncated: there is no central directory");
      const auto signature = LoadLittle<std::uint32_t>(mark);
      if (signature == kLocalHeader) return ReadLocalHeader();
      if (signature == kCentralHeader || signature == kEnd || signature == kEnd64 || signature == kExtraData)
        return nullptr;
      if (signature == kSplitMark || signature == kDescriptor) {
        view_ = view_.subspan(4);
        continue;
      }
      HF_CHECK_OK(FindSignature());
    }
  }

  // Skips what is no zip, up to the next thing that looks like a header.
  Result<void> FindSignature() {
    while (true) {
      const auto found = std::find(view_.begin() + 1, view_.end(), std::uint8_t{'P'});
      skipped_ += static_cast<std::uint64_t>(found - view_.begin());
      if (skipped_ > kPrefixMax) return Corrupt("no entries");
      view_ = view_.subspan(static_cast<std::size_t>(found - view_.begin()));
      HF_TRY(const Bytes mark, Peek(4));
      if (mark.size() < 4) return Corrupt("no entries");
      const auto signature = LoadLittle<std::uint32_t>(mark);
      if (signature == kLocalHeader || signature == kCentralHeader || signature == kEnd) return {};
    }
  }

  Result<const ZipEntry*> ReadLocalHeader() {
    if (seen_.size() >= limits_.zip_entries_max)
      return Fail(ErrorKind::kLimit, Format("zip: more than {} entries", limits_.zip_entries_max));
    HF_TRY(const Bytes header, Take(kLocalBytes, "header"));
    flags_ = LoadLittle<std::uint16_t>(header, 6);
    method_ = LoadLittle<std::uint16_t>(header, 8);
    stated_crc_ = LoadLittle<std::uint32_t>(header, 14);
    sizes_ = {LoadLittle<std::uint32_t>(header, 18), LoadLittle<std::uint32_t>(header, 22)};
    const std::size_t name_size = LoadLittle<std::uint16_t>(header, 26),
                      extra_size = LoadLittle<std::uint16_t>(header, 28);
    HF_TRY(const Bytes name, Take(name_size, "name"));
    entry_.name = AsText(name);
    HF_TRY(const Bytes extra, Take(extra_size, "extra field"));
    ApplyZip64(extra, sizes_);
    entry_.index = static_cast<std::uint32_t>(seen_.size());
    seen_.push_back({entry_.name, stated_crc_, (flags_ & kHasDescriptor) == 0});
    StartContent();
    return &entry_;
  }

  [[nodiscard]] bool HasDescriptor() const { return (flags_ & kHasDescriptor) != 0; }

  void StartContent() {
    state_ = State::kOpen;
    left_ = sizes_.compressed;
    crc_ = 0;
    consumed_ = produced_ = 0;
    rest_ = {};
    if (method_ == kDeflated) {
      if (inflater_ == nullptr) {
        inflater_ = std::make_unique<inflate_state>();
        isal_inflate_init(inflater_.get());
      } else {
        isal_inflate_reset(inflater_.get());  // leaves the large tables, which each block fills anew
      }
      inflater_->crc_flag = ISAL_DEFLATE;
    }
  }

  Result<Bytes> NextContent(std::size_t max) {
    if (error_) return std::unexpected(*error_);
    if (state_ == State::kFailed) return std::unexpected(*content_error_);
    if ((flags_ & kEncrypted) != 0) return FailContent(Error(ErrorKind::kUnsupported, "zip: encrypted"));
    if (method_ != kStored && method_ != kDeflated)
      return FailContent(Error(ErrorKind::kUnsupported, Format("zip: compression method {}", method_)));
    while (rest_.empty() && state_ == State::kOpen) {
      auto filled = method_ == kStored ? FillStored() : FillDeflated();
      if (!filled) return FailContent(filled.error());
      if (auto within = CheckBudget(); !within) {
        error_ = within.error();  // the whole archive is a bomb
        return std::unexpected(*error_);
      }
    }
    if (rest_.empty()) return Bytes{};
    const Bytes view = rest_.first(std::min(max, rest_.size()));
    rest_ = rest_.subspan(view.size());
    return view;
  }

  Result<Bytes> FailContent(Error error) {
    if (state_ != State::kFailed) content_error_ = std::move(error);
    state_ = State::kFailed;
    return std::unexpected(*content_error_);
  }

  Result<void> CheckBudget() const {
    const std::uint64_t allowed =
        std::max(limits_.archive_inflated_floor_bytes, budget_.outer_bytes * limits_.archive_inflated_ratio_max);
    if (budget_.inflated_bytes <= allowed) return {};
    return Fail(ErrorKind::kLimit, Format("zip: inflates to more than {} bytes", allowed));
  }

  // The end of the data: what was read must be what was stated.
  Result<void> EndContent() {
    state_ = State::kDone;
    if (HasDescriptor()) HF_CHECK_OK(ReadDescriptor());
    seen_.back().crc = crc_;
    seen_.back().crc_known = true;
    if (crc_ != stated_crc_) return Corrupt("the CRC of an entry does not match");
    return {};
  }

  // With or without its signature, with sizes of 32 or 64 bits: the form whose values are true.
  Result<void> ReadDescriptor() {
    HF_TRY(const Bytes bytes, Peek(24));
    for (const std::size_t at : {std::size_t{4}, std::size_t{0}}) {
      if (at == 4 && (bytes.size() < 4 || LoadLittle<std::uint32_t>(bytes) != kDescriptor)) continue;
      const Bytes form = bytes.subspan(std::min(at, bytes.size()));
      const bool long_form = form.size() >= 20 && LoadLittle<std::uint64_t>(form, 4) == consumed_ &&
                             LoadLittle<std::uint64_t>(form, 12) == produced_;
      const bool short_form = form.size() >= 12 &&
                              LoadLittle<std::uint32_t>(form, 4) == static_cast<std::uint32_t>(consumed_) &&
                              LoadLittle<std::uint32_t>(form, 8) == static_cast<std::uint32_t>(produced_);
      if (!long_form && !short_form) continue;
      stated_crc_ = LoadLittle<std::uint32_t>(form);
      view_ = view_.subspan(at + (long_form ? 20 : 12));
      return {};
    }
    return Corrupt("a data descriptor that does not fit its entry");
  }

  Result<void> FillStored() {
    if (left_ == 0) return EndContent();
    if (view_.empty()) {
      HF_TRY(view_, More());
      if (view_.empty()) return Corrupt("truncated entry");
    }
    rest_ = view_.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, view_.size())));
    view_ = view_.subspan(rest_.size());
    left_ -= rest_.size();
    consumed_ += rest_.size();
    Account(rest_);
    return {};
  }

  Result<void> FillDeflated() {
    if (out_ == nullptr) out_ = std::make_unique_for_overwrite<std::uint8_t[]>(kOutBytes);
    inflate_state& state = *inflater_;
    state.next_out = out_.get();
    state.avail_out = kOutBytes;
    if (view_.empty()) {
      HF_TRY(view_, More());
    }
    const auto offered = static_cast<std::uint32_t>(std::min<std::size_t>(view_.size(), 1U << 30));
    state.next_in = const_cast<std::uint8_t*>(view_.data());
    state.avail_in = offered;
    const int status = isal_inflate(&state);
    if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT) return Corrupt("an entry that does not inflate");
    const std::uint32_t used = offered - state.avail_in;
    view_ = view_.subspan(used);
    consumed_ += used;
    rest_ = Bytes(out_.get(), kOutBytes - state.avail_out);
    Account(rest_);
    if (state.block_state == ISAL_BLOCK_FINISH) {
      GiveBack(state);
      return EndContent();
    }
    if (offered == 0 && rest_.empty()) return Corrupt("truncated entry");
    return {};
  }

  // The inflater reads ahead into a register; whole bytes in there belong to what follows.
  void GiveBack(inflate_state& state) {
    const auto bytes = static_cast<std::size_t>(std::max(state.read_in_length, 0)) / 8;
    if (bytes == 0) return;
    std::uint64_t ahead = state.read_in >> (state.read_in_length % 8);
    std::vector<std::uint8_t> again;
    for (std::size_t i = 0; i < bytes; ++i, ahead >>= 8) again.push_back(static_cast<std::uint8_t>(ahead));
    again.insert(again.end(), view_.begin(), view_.end());
    gathered_ = std::move(again);
    view_ = gathered_;
    consumed_ -= bytes;
    state.read_in_length = 0;
  }

  void Account(Bytes bytes) {
    crc_ = crc32_gzip_refl(crc_, bytes.data(), bytes.size());
    produced_ += bytes.size();
    if (method_ == kDeflated) budget_.inflated_bytes += bytes.size();
  }

  // Moves to the next header. Sizes in the header make inflating unnecessary.
  Result<void> SkipContent() {
    if (state_ == State::kNone || state_ == State::kDone) return {};
    const bool untouched = consumed_ == 0 && state_ != State::kDone;
    if (!HasDescriptor() && (untouched || method_ == kStored || state_ == State::kFailed)) {
      const std::uint64_t left =
          method_ == kStored ? left_ : sizes_.compressed - std::min(sizes_.compressed, consumed_);
      state_ = State::kDone;
      return SkipInput(left);
    }
    if (state_ == State::kFailed) {
      // Its end is not known: look for the next header.
      state_ = State::kDone;
      if (!view_.empty()) return FindSignature();
      HF_TRY(const Bytes mark, Peek(1));
      return mark.empty() ? Result<void>(Corrupt("truncated entry")) : FindSignature();
    }
    while (true) {
      const auto view = NextContent(kAnySize);
      if (error_) return std::unexpected(*error_);
      if (!view) return SkipContent();
      if (view->empty()) return {};
    }
  }

  Result<void> SkipInput(std::uint64_t count) {
    while (count > 0) {
      if (view_.empty()) {
        HF_TRY(view_, More());
        if (view_.empty()) return Corrupt("truncated entry");
      }
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(count, view_.size()));
      view_ = view_.subspan(part);
      count -= part;
    }
    return {};
  }

  // ---- Central directory (4.3.12)

  static void Complain(Directory& directory, std::string complaint) {
    if (directory.complaints.size() < kComplaintsMax) directory.complaints.push_back(std::move(complaint));
  }

  Result<void> ReadCentralHeader(std::unordered_multimap<std::string_view, std::size_t>& by_name,
                                 Directory& directory) {
    HF_TRY(const Bytes header, Take(kCentralBytes, "central directory"));
    const auto crc = LoadLittle<std::uint32_t>(header, 16);
    const std::size_t name_size = LoadLittle<std::uint16_t>(header, 28);
    const std::size_t more = std::size_t{LoadLittle<std::uint16_t>(header, 30)} + LoadLittle<std::uint16_t>(header, 32);
    HF_TRY(const Bytes name_bytes, Take(name_size, "central directory"));
    const std::string name(AsText(name_bytes));
    HF_TRY([[maybe_unused]] const Bytes rest, Take(more, "central directory"));
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      Complain(directory, Format("the central directory lists {}, which is not there", name));
      return {};
    }
    const std::size_t index = found->second;
    by_name.erase(found);
    directory.listed[index] = true;
    if (seen_[index].crc_known && seen_[index].crc != crc)
      Complain(directory, Format("the central directory has another CRC for {}", name));
    return {};
  }

  enum class State : std::uint8_t { kNone, kOpen, kDone, kFailed };

  ByteSource& source_;
  ZipBudget& budget_;
  bool outermost_;
  const Limits limits_;
  ContentSource content_;
  Bytes view_;
  std::vector<std::uint8_t> gathered_;  // backs view_ when it spans views of the source
  std::uint64_t skipped_ = 0;

  ZipEntry entry_;
  std::vector<Seen> seen_;
  std::uint16_t flags_ = 0, method_ = 0;
  std::uint32_t stated_crc_ = 0;
  Sizes sizes_;

  State state_ = State::kNone;
  std::uint64_t left_ = 0, consumed_ = 0, produced_ = 0;
  std::uint32_t crc_ = 0;
  Bytes rest_;
  std::unique_ptr<inflate_state> inflater_;
  std::unique_ptr<std::uint8_t[]> out_;
  std::optional<Error> content_error_, error_;
};

ZipReader::ZipReader(ByteSource& source, ZipBudget& budget, bool outermost, const Limits& limits)
    : impl_(std::make_unique<Impl>(source, budget, outermost, limits)) {}
ZipReader::~ZipReader() = default;
Result<const ZipEntry*> ZipReader::Next() { return impl_->Next(); }
ByteSource& ZipReader::Content() { return impl_->Content(); }
Result<ZipReader::Directory> ZipReader::ReadDirectory() { return impl_->ReadDirectory(); }

}  // namespace holdfast::io
