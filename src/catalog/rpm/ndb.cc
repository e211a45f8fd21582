// Packages.db is little endian. A header of 32 bytes ("RpmP", version 0, generation, number of slot pages) and slots
// of 16 bytes fill the first pages of 4096 bytes. A slot ("Slot", package number, place and length in blocks of 16
// bytes) leads to a blob: "BlbS", package number, generation, length; the header; padding; Adler-32 of all before
// it, length, "BlbE". Free slots have the package number 0.
#include <algorithm>
#include <array>
#include <vector>

#include "base/format.h"
#include "catalog/rpm/database.h"

namespace holdfast::catalog {
namespace {

constexpr std::uint32_t Magic(char a, char b, char c, char d) {
  return static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b) << 8 | static_cast<std::uint32_t>(c) << 16 |
         static_cast<std::uint32_t>(d) << 24;
}

constexpr std::uint32_t kFileMagic = Magic('R', 'p', 'm', 'P');
constexpr std::uint32_t kSlotMagic = Magic('S', 'l', 'o', 't');
constexpr std::uint32_t kBlobMagic = Magic('B', 'l', 'b', 'S');
constexpr std::uint32_t kBlobEndMagic = Magic('B', 'l', 'b', 'E');
constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kSlotBytes = 16;
constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kBlockBytes = 16;
constexpr std::size_t kBlobHeadBytes = 16;
constexpr std::size_t kBlobTailBytes = 12;

struct Slot {
  std::uint32_t package = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

std::uint32_t Adler32(Bytes bytes) {
  constexpr std::uint32_t kModulus = 65521;
  constexpr std::size_t kRun = 5552;  // the sums fit 32 bits for so long (RFC 1950, section 9)
  std::uint32_t a = 1, b = 0;
  while (!bytes.empty()) {
    const Bytes run = bytes.first(std::min(bytes.size(), kRun));
    for (const std::uint8_t byte : run) {
      a += byte;
      b += a;
    }
    a %= kModulus;
    b %= kModulus;
    bytes = bytes.subspan(run.size());
  }
  return b << 16 | a;
}

// The whole blob, into `blob`; its header's length. A wrong checksum is reported only: a damaged description is worth
// more than a missing package.
Result<std::size_t> ReadBlob(const io::RandomSource& database, const Slot& slot, std::vector<std::uint8_t>& blob,
                             RpmHeaderSink& sink) {
  if (slot.size > kRpmHeaderBytesMax)
    return Fail(ErrorKind::kLimit, Format("longer than {} bytes", kRpmHeaderBytesMax));
  if (slot.size < kBlobHeadBytes + kBlobTailBytes || slot.offset > database.Size() ||
      slot.size > database.Size() - slot.offset)
    return Fail(ErrorKind::kCorrupt, "outside the file");
  blob.resize(slot.size);
  HF_CHECK_OK(database.ReadAt(slot.offset, blob));
  const std::size_t tail = blob.size() - kBlobTailBytes;
  const auto length = LoadLittle<std::uint32_t>(blob, 12);
  if (LoadLittle<std::uint32_t>(blob) != kBlobMagic || LoadLittle<std::uint32_t>(blob, 4) != slot.package ||
      length > tail - kBlobHeadBytes)
    return Fail(ErrorKind::kCorrupt, "no such blob");
  if (LoadLittle<std::uint32_t>(blob, tail) != Adler32(Bytes(blob).first(tail)) ||
      LoadLittle<std::uint32_t>(blob, tail + 4) != length || LoadLittle<std::uint32_t>(blob, tail + 8) != kBlobEndMagic)
    sink.Problem(Error(ErrorKind::kCorrupt, Format("NDB: package {}: wrong checksum", slot.package)));
  return length;
}

}  // namespace

Result<void> ReadRpmNdb(const io::RandomSource& database, RpmHeaderSink& sink) {
  std::array<std::uint8_t, kHeaderBytes> header;
  HF_CHECK_OK(database.ReadAt(0, header));
  if (LoadLittle<std::uint32_t>(header) != kFileMagic) return Fail(ErrorKind::kCorrupt, "NDB: no such header");
  if (const auto version = LoadLittle<std::uint32_t>(header, 4); version != 0)
    return Fail(ErrorKind::kUnsupported, Format("NDB: version {}", version));
  const std::uint64_t pages = LoadLittle<std::uint32_t>(header, 12);
  const std::uint64_t pages_there = std::min<std::uint64_t>(pages, database.Size() / kPageBytes);
  if (pages == 0 || pages_there < pages) sink.Problem(Error(ErrorKind::kCorrupt, "NDB: slots are missing"));

  // Blobs do not overlap.
  std::uint64_t bytes_left = database.Size();
  std::array<std::uint8_t, kPageBytes> page;
  std::vector<std::uint8_t> blob;
  for (std::uint64_t number = 0; number < pages_there; ++number) {
    HF_CHECK_OK(database.ReadAt(number * kPageBytes, page));
    for (std::size_t at = number == 0 ? kHeaderBytes : 0; at < kPageBytes; at += kSlotBytes) {
      const Slot slot{LoadLittle<std::uint32_t>(page, at + 4),
                      std::uint64_t{LoadLittle<std::uint32_t>(page, at + 8)} * kBlockBytes,
                      std::uint64_t{LoadLittle<std::uint32_t>(page, at + 12)} * kBlockBytes};
      if (LoadLittle<std::uint32_t>(page, at) != kSlotMagic) {
        sink.Problem(Error(ErrorKind::kCorrupt, Format("NDB: damaged slot at {}", number * kPageBytes + at)));
        continue;
      }
      if (slot.package == 0 || slot.offset == 0) continue;
      if (slot.size > bytes_left) return Fail(ErrorKind::kCorrupt, "NDB: packages overlap");
      auto length = ReadBlob(database, slot, blob, sink);
      if (!length) {
        sink.Problem(std::move(length).error().In(Format("NDB: package {}", slot.package)));
        continue;
      }
      bytes_left -= slot.size;
      if (!sink.Add(Bytes(blob).subspan(kBlobHeadBytes, *length))) return {};
    }
  }
  return {};
}

}  // namespace holdfast::catalog
