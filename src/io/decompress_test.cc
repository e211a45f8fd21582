#include "io/decompress.h"

#include <gtest/gtest.h>
#include <isa-l/crc.h>

#include <string>

#include "io/retain.h"
#include "io/sha256.h"
#include "support/test_support.h"

namespace holdfast::io {
namespace {

using test::ExpectError;
using test::Value;

std::string Sample() {
  std::string text;
  for (unsigned i = 0; text.size() < 700'000; ++i)
    text += std::to_string(i * 2654435761U) + (i % 3 == 0 ? "\n" : "aaaaaaaa");
  return text;
}

std::string Compress(const std::string& tool, const std::string& content) {
  const test::TemporaryFolder folder;
  test::WriteFile(folder.Path() / "in", content);
  return test::RunCommand(tool + " < " + (folder.Path() / "in").string());
}

Result<std::string> Decompress(std::string_view bytes, std::size_t chunk = kAnySize, const Limits& limits = {},
                               bool* garbage = nullptr) {
  MemorySource source(bytes, chunk);
  HF_TRY(const auto decompressor, OpenDecompressor(source, limits));
  auto text = decompressor->ReadText(kGiB);
  if (garbage != nullptr) *garbage = decompressor->HasTrailingGarbage();
  return text;
}

const char* const kTools[] = {"gzip -c", "gzip -1 -c", "zstd -c", "zstd -19 -c", "xz -c", "bzip2 -c", "cat"};

TEST(Decompress, ReadsWhatTheToolsWriteHoweverItIsCut) {
  const std::string text = Sample();
  for (const char* tool : kTools) {
    const std::string packed = Compress(tool, text);
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{4099}, kAnySize})
      EXPECT_EQ(Value(Decompress(packed, chunk)), text) << tool << " " << chunk;
  }
}

// Optional fields of a gzip header (RFC 1952), of which ISA-L loses track when its input ends inside of them.
TEST(Decompress, GzipHeadersMayHaveEveryFieldHoweverTheyAreCut) {
  const std::string body = Compress("gzip -n -c", "some text").substr(10);
  const std::string fields[] = {std::string("\x08\0A\xff\x04\0abcd", 10), std::string("name\0", 5),
                                std::string("comment\0", 8)};
  for (unsigned flags = 0; flags < 32; ++flags) {
    std::string header("\x1f\x8b\x08", 3);
    header += static_cast<char>(flags);
    header.append(6, '\x01');
    for (unsigned field = 0; field < 3; ++field)
      if ((flags >> (field + 2) & 1) != 0) header += fields[field];
    if ((flags & 2) != 0) {
      const unsigned sum = crc32_gzip_refl(0, AsBytes(header).data(), header.size());
      header += {static_cast<char>(sum), static_cast<char>(sum >> 8)};
    }
    const std::string packed = header + body;
    for (std::size_t chunk = 1; chunk <= header.size() + 1; ++chunk)
      EXPECT_EQ(Value(Decompress(packed + packed, chunk)), "some textsome text") << flags << " " << chunk;
    for (std::size_t cut = 6; cut < packed.size(); ++cut)
      ExpectError(Decompress(std::string_view(packed).substr(0, cut)), ErrorKind::kCorrupt, "truncated");
    if ((flags & 2) != 0) {
      std::string damaged = packed;
      damaged[5] = 'x';
      ExpectError(Decompress(damaged), ErrorKind::kCorrupt, "the header's checksum");
    }
  }
  ExpectError(Decompress(std::string("\x1f\x8b\x08\x20\0\0\0\0\0\3", 10) + body), ErrorKind::kCorrupt,
              "invalid header");
  ExpectError(Decompress(std::string("\x1f\x8b\x08\x08\0\0\0\0\0\3", 10) + std::string(1'000'000, 'x')),
              ErrorKind::kCorrupt, "a header without end");
}

TEST(Decompress, ReadsSeveralMembersEmptyOnesAndPadding) {
  for (const char* tool : {"gzip -c", "zstd -c", "xz -c", "bzip2 -c"}) {
    const std::string packed = Compress(tool, "one ") + Compress(tool, "") + Compress(tool, "two");
    for (const std::size_t chunk : {std::size_t{1}, kAnySize}) {
      EXPECT_EQ(Value(Decompress(packed, chunk)), "one two") << tool;
      EXPECT_EQ(Value(Decompress(packed + std::string(512, '\0'), chunk)), "one two") << tool;
    }
    EXPECT_EQ(Value(Decompress(Compress(tool, ""))), "") << tool;
  }
}

TEST(Decompress, TrailingGarbageIsIgnoredAndTold) {
  for (const char* tool : {"gzip -c", "zstd -c", "bzip2 -c"}) {
    bool garbage = false;
    EXPECT_EQ(Value(Decompress(Compress(tool, "text") + "garbage, really", 5, {}, &garbage)), "text") << tool;
    EXPECT_TRUE(garbage) << tool;
  }
}

TEST(Decompress, EachTruncationIsAnError) {
  for (const char* tool : {"gzip -c", "zstd -c", "xz -c", "bzip2 -c"}) {
    const std::string packed = Compress(tool, "some text that is long enough to be compressed, compressed, compressed");
    for (std::size_t cut = 6; cut < packed.size(); ++cut)
      EXPECT_FALSE(Decompress(std::string_view(packed).substr(0, cut))) << tool << " " << cut;
  }
}

TEST(Decompress, DamageIsAnError) {
  for (const char* tool : {"gzip -c", "zstd --check -c", "xz -c", "bzip2 -c"}) {
    std::string packed = Compress(tool, Sample());
    packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 0x55);
    ExpectError(Decompress(packed), ErrorKind::kCorrupt);
  }
}

TEST(Decompress, BombsHitALimitThatIsNamed) {
  const std::string zeros(40'000'000, '\0');
  for (const char* tool : {"gzip -9 -c", "zstd -19 -c", "xz -c", "bzip2 -c"}) {
    const std::string packed = Compress(tool, zeros);
    Limits size;
    size.layer_bytes_max = 1'000'000;
    ExpectError(Decompress(packed, kAnySize, size), ErrorKind::kLimit, "1000000");
    Limits ratio;
    ratio.decompression_ratio_max = 100;
    ratio.decompression_ratio_floor_bytes = 1'000'000;
    ExpectError(Decompress(packed, kAnySize, ratio), ErrorKind::kLimit, "100 times");
  }
}

TEST(Decompress, WindowsLargerThanAllowedAreRefused) {
  const std::string packed = Compress("zstd --long=27 -c", std::string(300'000'000, 'x'));
  Limits limits;
  limits.decoder_window_bytes_max = 8 * kMiB;
  ExpectError(Decompress(packed, kAnySize, limits), ErrorKind::kLimit, "window");
}

TEST(InflateZlib, RoundTripsAndRefuses) {
  const std::string packed = Compress(
      "python3 -c 'import sys,zlib; sys.stdout.buffer.write(zlib.compress(sys.stdin.buffer.read()))'", Sample());
  EXPECT_EQ(Value(InflateZlib(AsBytes(packed), kMiB)), Sample());
  ExpectError(InflateZlib(AsBytes(packed), 1000), ErrorKind::kLimit);
  for (std::size_t cut = 0; cut < packed.size(); cut += 997)
    EXPECT_FALSE(InflateZlib(AsBytes(std::string_view(packed).substr(0, cut)), kMiB));
}

TEST(Zstd, FramesRoundTripWithinTheirBound) {
  const std::string packed = CompressZstd(AsBytes(Sample()));
  EXPECT_EQ(Value(DecompressZstd(AsBytes(packed), kMiB)), Sample());
  ExpectError(DecompressZstd(AsBytes(packed), 1000), ErrorKind::kLimit);
  ExpectError(DecompressZstd(AsBytes("nonsense"), kMiB), ErrorKind::kCorrupt);
}

TEST(Gzip, RoundTripsWhateverItsSize) {
  std::string mixed;
  for (unsigned i = 0; i < 300'000; ++i) mixed += static_cast<char>(i * 2654435761U >> (i % 3 == 0 ? 24 : 28));
  for (const std::string& plain : {std::string(), std::string("a"), Sample(), mixed, std::string(5'000'000, 'x')}) {
    const std::string packed = CompressGzip(AsBytes(plain));
    EXPECT_EQ(SniffCompression(AsBytes(packed)), Compression::kGzip);
    EXPECT_EQ(Value(Decompress(packed)), plain) << plain.size();
  }
}

TEST(Hasher, KnowsTheStandardVectors) {
  Sha256 sha256;
  sha256.Update(AsBytes("abc"));
  EXPECT_EQ(sha256.Finish().Hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256.Finish().Hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Hasher sha1(HashAlgorithm::kSha1), md5(HashAlgorithm::kMd5);
  sha1.Update(AsBytes("abc"));
  md5.Update(AsBytes("abc"));
  EXPECT_EQ(sha1.FinishHex(), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(md5.FinishHex(), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(ChunkedBlob, ReadsBackAnyRangeAlsoAfterTheWire) {
  const std::string text = Sample();
  ChunkedBlobWriter writer;
  for (std::size_t at = 0; at < text.size(); at += 997)
    ASSERT_TRUE(writer.Write(AsBytes(std::string_view(text).substr(at, 997))));
  const auto before = writer.Finish();
  EXPECT_EQ(before->Size(), text.size());
  EXPECT_LT(before->StoredBytes(), text.size());
  const auto blob = Value(ChunkedBlob::Decode(before->Encode()));
  const auto reader = blob->Open();
  for (const std::size_t at : {std::size_t{0}, std::size_t{131071}, std::size_t{131072}, text.size() - 5}) {
    std::string part(5, '\0');
    ASSERT_TRUE(reader->ReadAt(at, {reinterpret_cast<std::uint8_t*>(part.data()), 5}));
    EXPECT_EQ(part, text.substr(at, 5));
  }
  EXPECT_EQ(Value(reader->ReadRange(0, text.size(), kMiB)).size(), text.size());
  ExpectError(reader->ReadRange(1, text.size(), kMiB), ErrorKind::kCorrupt);
}

TEST(ChunkedBlob, RefusesDamage) {
  ChunkedBlobWriter writer;
  ASSERT_TRUE(writer.WriteText(Sample()));
  const std::string encoded = writer.Finish()->Encode();
  for (std::size_t cut = 0; cut < encoded.size(); cut += 1009)
    EXPECT_FALSE(ChunkedBlob::Decode(encoded.substr(0, cut)));
  std::string damaged = encoded;
  damaged[damaged.size() / 2] = static_cast<char>(~damaged[damaged.size() / 2]);
  if (const auto blob = ChunkedBlob::Decode(damaged)) {
    const auto all = (*blob)->Open()->ReadRange(0, (*blob)->Size(), kMiB);
    EXPECT_TRUE(!all || AsText(*all) != Sample());
  }
}

}  // namespace
}  // namespace holdfast::io
