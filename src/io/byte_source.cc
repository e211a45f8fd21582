#include "io/byte_source.h"

#include <algorithm>

#include "base/format.h"

namespace holdfast::io {

Result<std::size_t> ByteSource::ReadSome(MutableBytes into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    HF_TRY(const Bytes view, Next(into.size() - filled));
    if (view.empty()) break;
    std::copy(view.begin(), view.end(), into.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += view.size();
  }
  return filled;
}

Result<void> ByteSource::ReadExactly(MutableBytes into) {
  HF_TRY(const std::size_t filled, ReadSome(into));
  if (filled != into.size()) return Fail(ErrorKind::kCorrupt, "unexpected end of data");
  return {};
}

Result<std::vector<std::uint8_t>> ByteSource::ReadAll(std::uint64_t bytes_max) {
  std::vector<std::uint8_t> all;
  while (true) {
    HF_TRY(const Bytes view, Next());
    if (view.empty()) return all;
    if (view.size() > bytes_max - all.size()) return Fail(ErrorKind::kLimit, Format("longer than {} bytes", bytes_max));
    all.insert(all.end(), view.begin(), view.end());
  }
}

Result<std::string> ByteSource::ReadText(std::uint64_t bytes_max) {
  std::string all;
  while (true) {
    HF_TRY(const Bytes view, Next());
    if (view.empty()) return all;
    if (view.size() > bytes_max - all.size()) return Fail(ErrorKind::kLimit, Format("longer than {} bytes", bytes_max));
    all.append(AsText(view));
  }
}

Result<std::uint64_t> ByteSource::Skip(std::uint64_t count) {
  std::uint64_t skipped = 0;
  while (skipped < count) {
    HF_TRY(const Bytes view, Next(static_cast<std::size_t>(std::min<std::uint64_t>(count - skipped, kAnySize))));
    if (view.empty()) break;
    skipped += view.size();
  }
  return skipped;
}

Result<std::uint64_t> ByteSource::Drain() { return Skip(std::numeric_limits<std::uint64_t>::max()); }

Result<std::vector<std::uint8_t>> RandomSource::ReadRange(std::uint64_t offset, std::uint64_t size,
                                                          std::uint64_t bytes_max) const {
  if (size > bytes_max) return Fail(ErrorKind::kLimit, Format("{} bytes wanted, limit {}", size, bytes_max));
  if (offset > Size() || size > Size() - offset) return Fail(ErrorKind::kCorrupt, "points outside of the file");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  HF_CHECK_OK(ReadAt(offset, bytes));
  return bytes;
}

Result<Bytes> MemorySource::Next(std::size_t max) {
  const Bytes view = rest_.first(std::min({rest_.size(), max, chunk_}));
  rest_ = rest_.subspan(view.size());
  return view;
}

Result<void> MemoryRandomSource::ReadAt(std::uint64_t offset, MutableBytes into) const {
  if (offset > bytes_.size() || into.size() > bytes_.size() - offset)
    return Fail(ErrorKind::kCorrupt, "points outside of the file");
  const Bytes part = bytes_.subspan(static_cast<std::size_t>(offset), into.size());
  std::copy(part.begin(), part.end(), into.begin());
  return {};
}

Result<Bytes> SliceSource::Next(std::size_t max) {
  if (left_ == 0) return Bytes{};
  HF_TRY(const Bytes view, inner_.Next(static_cast<std::size_t>(std::min<std::uint64_t>(max, left_))));
  left_ -= view.size();
  return view;
}

Result<Bytes> DeadlineSource::Next(std::size_t max) {
  HF_CHECK_OK(deadline_.Check());
  return inner_.Next(max);
}

}  // namespace holdfast::io
