#include "advisory/snapshot_chunks.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "advisory/snapshot_format.h"
#include "advisory/snapshot_writer.h"
#include "base/format.h"
#include "base/wire.h"
#include "io/decompress.h"
#include "io/sha256.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::ReadFile;
using test::TemporaryFolder;
using test::Value;

constexpr std::string_view kBuilt = "2026-01-02T03:04:05Z";
constexpr int kAdvisories = 3000;

model::Advisory MakeAdvisory(int number, std::string_view summary) {
  model::Advisory advisory;
  advisory.id = Format("X-{:05}", number);
  advisory.aliases = {Format("CVE-2024-{}", 10000 + number)};
  advisory.summary = Format("{} {}", summary, number * 7919);
  advisory.details = Format("what is to be said of {}", number);
  advisory.modified = "2024-01-01T00:00:00Z";
  model::Affected affected;
  affected.ecosystem = "PyPI";
  affected.package = Format("package-{}", number % 500);
  affected.version_scheme = "pep440";
  affected.ranges = {{"0", Format("{}.0", number), std::nullopt}};
  advisory.affected = {affected};
  return advisory;
}

// All advisories, of which one says something else.
void WriteSnapshot(const std::filesystem::path& path, int changed = -1, int count = kAdvisories) {
  SnapshotWriter writer;
  for (int i = 0; i < count; ++i) writer.Add(MakeAdvisory(i, i == changed ? "other" : "summary"), "one");
  Value(writer.Write(path, kBuilt));
}

// A snapshot in chunks, in memory.
struct Published {
  Manifest manifest;
  std::map<Sha256Value, std::string> files;
};

Published Publish(const std::filesystem::path& path) {
  const auto snapshot = Value(Snapshot::Open(path));
  auto cutter = Value(ChunkCutter::Open(*snapshot));
  Published published;
  published.manifest.info = snapshot->Info();
  published.manifest.info.file_bytes = 0;
  while (const auto cut = Value(cutter.Next())) {
    std::string file = PackChunk(cut->records);
    const Sha256Value name = io::Sha256Of(file);
    published.manifest.chunks.push_back(
        {cut->first_key, io::Sha256Of(cut->records), name, cut->records.size(), file.size()});
    published.files[name] = std::move(file);
  }
  return published;
}

Result<SnapshotInfo> Assemble(const Published& published, const std::filesystem::path& out) {
  SnapshotAssembler assembler(published.manifest, out);
  HF_CHECK_OK(assembler.Begin());
  for (const Chunk& chunk : published.manifest.chunks) {
    HF_TRY(const std::string records, UnpackChunk(chunk, published.files.at(chunk.file)));
    HF_CHECK_OK(assembler.Append(records));
  }
  return assembler.Finish();
}

class SnapshotChunks : public testing::Test {
 protected:
  SnapshotChunks() { WriteSnapshot(file_); }
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.Path() / "a.hfdb";
  std::filesystem::path out_ = folder_.Path() / "out.hfdb";
};

TEST_F(SnapshotChunks, MakeTheSameFileAgain) {
  const Published published = Publish(file_);
  EXPECT_GT(published.manifest.chunks.size(), 10U);
  const Published again{Value(DecodeManifest(EncodeManifest(published.manifest))), published.files};
  EXPECT_EQ(again.manifest, published.manifest);
  const SnapshotInfo info = Value(Assemble(again, out_));
  EXPECT_TRUE(ReadFile(out_) == ReadFile(file_)) << "not byte for byte the same";
  EXPECT_EQ(info, Value(Snapshot::Open(file_))->Info());
}

TEST_F(SnapshotChunks, OfEmptyAndOfLargeRecordsAreOfOneSize) {
  for (const Chunk& chunk : Publish(file_).manifest.chunks) {
    EXPECT_LE(chunk.records_bytes, kChunkBytesUsual);
    EXPECT_GT(chunk.records_bytes, 0U);
  }
  // A record that is larger than chunks are is one of its own.
  SnapshotWriter writer;
  for (int i = 0; i < 5; ++i) {
    model::Advisory advisory = MakeAdvisory(i, "summary");
    advisory.details = std::string(2 * kChunkBytesUsual, static_cast<char>('a' + i));
    writer.Add(advisory, "one");
  }
  Value(writer.Write(file_, kBuilt));
  const Published published = Publish(file_);
  int large = 0;
  for (const Chunk& chunk : published.manifest.chunks) large += chunk.records_bytes > kChunkBytesUsual ? 1 : 0;
  EXPECT_EQ(large, 5);
  Value(Assemble(published, out_));
  EXPECT_TRUE(ReadFile(out_) == ReadFile(file_));
}

TEST_F(SnapshotChunks, ThatHoldNoChangeStayAsTheyAre) {
  const Published before = Publish(file_);
  // One advisory says something else: its cold record and no other.
  WriteSnapshot(out_, 1234);
  const Published after = Publish(out_);
  std::size_t fresh = 0;
  for (const auto& [name, file] : after.files) fresh += before.files.contains(name) ? 0U : 1U;
  EXPECT_EQ(fresh, 1U);
  // One advisory more: its four records (advisory, two names, details) and its package's.
  WriteSnapshot(out_, -1, kAdvisories + 1);
  fresh = 0;
  const Published more = Publish(out_);
  for (const auto& [name, file] : more.files) fresh += before.files.contains(name) ? 0U : 1U;
  EXPECT_GE(fresh, 1U);
  EXPECT_LE(fresh, 10U);
  EXPECT_GT(more.files.size(), 3 * fresh);
}

TEST_F(SnapshotChunks, ThatASnapshotHasAreFoundInIt) {
  WriteSnapshot(out_, 1234);
  const Published wanted = Publish(out_);
  for (const auto& [path, missing] : {std::pair{out_, 0U}, std::pair{file_, 1U}}) {
    const auto local = Value(Snapshot::Open(path));
    auto finder = Value(ChunkFinder::Open(*local, wanted.manifest));
    SnapshotAssembler assembler(wanted.manifest, folder_.Path() / "third.hfdb");
    Value(assembler.Begin());
    unsigned fetched = 0;
    for (const Chunk& chunk : wanted.manifest.chunks) {
      auto records = Value(finder.Next());
      if (!records) ++fetched;
      Value(assembler.Append(records ? *records : Value(UnpackChunk(chunk, wanted.files.at(chunk.file)))));
    }
    Value(assembler.Finish());
    EXPECT_EQ(fetched, missing);
    EXPECT_TRUE(ReadFile(folder_.Path() / "third.hfdb") == ReadFile(out_));
  }
  // One that has more, or less, or nothing in common.
  WriteSnapshot(file_, -1, 10);
  const auto small = Value(Snapshot::Open(file_));
  auto finder = Value(ChunkFinder::Open(*small, wanted.manifest));
  for (std::size_t i = 0; i < wanted.manifest.chunks.size(); ++i) EXPECT_FALSE(Value(finder.Next()));
}

TEST_F(SnapshotChunks, FilesThatAreNotWhatTheyShouldBe) {
  Published published = Publish(file_);
  const Chunk chunk = published.manifest.chunks[1];
  const std::string file = published.files.at(chunk.file);
  std::string changed = file;
  changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
  ExpectError(UnpackChunk(chunk, changed), ErrorKind::kCorrupt, "its content");
  ExpectError(UnpackChunk(chunk, file.substr(0, file.size() - 1)), ErrorKind::kCorrupt, "its content");
  ExpectError(UnpackChunk(chunk, ""), ErrorKind::kCorrupt, "its content");
  // A frame that inflates to more than the manifest says; it is not inflated.
  const std::string bomb = io::CompressZstd(AsBytes(std::string(64 << 20, '\0')));
  Chunk lying = chunk;
  lying.file = io::Sha256Of(bomb);
  lying.file_bytes = bomb.size();
  ExpectError(UnpackChunk(lying, bomb), ErrorKind::kLimit);
  // A good frame of other records.
  const std::string other = PackChunk("x");
  lying.file = io::Sha256Of(other);
  lying.file_bytes = other.size();
  ExpectError(UnpackChunk(lying, other), ErrorKind::kCorrupt, "its records");
  // No frame at all.
  lying.file = io::Sha256Of("no frame");
  lying.file_bytes = 8;
  ExpectError(UnpackChunk(lying, "no frame"), ErrorKind::kCorrupt);
}

std::string Records(std::initializer_list<std::pair<std::string_view, std::string_view>> records) {
  WireWriter writer;
  for (const auto& [key, value] : records) writer.Text(key).Text(value);
  return writer.Take();
}

TEST_F(SnapshotChunks, RecordsThatDoNotBelongWhereTheyAre) {
  Manifest manifest = Publish(file_).manifest;
  manifest.chunks = {{.first_key = "a1", .records_bytes = 1, .file_bytes = 1},
                     {.first_key = "a5", .records_bytes = 1, .file_bytes = 1}};
  const auto append = [&](std::string_view records) -> Result<void> {
    SnapshotAssembler assembler(manifest, out_);
    HF_CHECK_OK(assembler.Begin());
    return assembler.Append(records);
  };
  Value(append(Records({{"a1", "x"}, {"a2", "y"}})));
  const std::string long_key = "a2" + std::string(kKeyBytesMax, 'x');
  ExpectError(append(Records({{"a2", "x"}})), ErrorKind::kCorrupt, "does not belong");
  ExpectError(append(Records({{"a1", "x"}, {"a1", "x"}})), ErrorKind::kCorrupt, "does not belong");
  ExpectError(append(Records({{"a1", "x"}, {"a3", "x"}, {"a2", "x"}})), ErrorKind::kCorrupt, "does not belong");
  ExpectError(append(Records({{"a1", "x"}, {"a5", "x"}})), ErrorKind::kCorrupt, "does not belong");
  ExpectError(append(Records({{"a1", "x"}, {long_key, "x"}})), ErrorKind::kCorrupt);
  const std::string whole = Records({{"a1", "x"}, {"a2", "yyy"}});
  ExpectError(append(std::string_view(whole).substr(0, whole.size() - 1)), ErrorKind::kCorrupt, "damaged");

  SnapshotAssembler assembler(manifest, out_);
  Value(assembler.Begin());
  Value(assembler.Append(Records({{"a1", "x"}})));
  ExpectError(assembler.Append(Records({{"a5", "x"}, {"z", "x"}})), ErrorKind::kCorrupt, "does not belong");
  SnapshotAssembler early(manifest, out_);
  Value(early.Begin());
  Value(early.Append(Records({{"a1", "x"}})));
  ExpectError(early.Finish(), ErrorKind::kCorrupt, "missing");
  Value(early.Append(Records({{"a5", "x"}})));
  ExpectError(early.Append(Records({{"a6", "x"}})), ErrorKind::kCorrupt, "more chunks");
  ExpectError(early.Finish(), ErrorKind::kCorrupt, "not the advisory snapshot");
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(SnapshotChunks, ManifestsThatLie) {
  const Manifest good = Publish(file_).manifest;
  const std::string bytes = EncodeManifest(good);
  for (std::size_t size = 0; size < bytes.size(); size += size < 2000 ? 1 : 97)
    EXPECT_FALSE(DecodeManifest(std::string_view(bytes).substr(0, size))) << size;
  ExpectError(DecodeManifest(bytes + "x"), ErrorKind::kCorrupt);
  ExpectError(DecodeManifest("x"), ErrorKind::kCorrupt, "this is no manifest");
  ExpectError(DecodeManifest(std::string(kManifestBytesMax + 1, 'x')), ErrorKind::kLimit);

  const auto with = [&](auto change) {
    Manifest manifest = good;
    change(manifest);
    return DecodeManifest(EncodeManifest(manifest));
  };
  ExpectError(with([](Manifest& m) { std::swap(m.chunks[1], m.chunks[2]); }), ErrorKind::kCorrupt, "out of order");
  ExpectError(with([](Manifest& m) { m.chunks[1] = m.chunks[2]; }), ErrorKind::kCorrupt, "out of order");
  ExpectError(with([](Manifest& m) { m.chunks[0].first_key = ""; }), ErrorKind::kCorrupt, "a key");
  ExpectError(with([](Manifest& m) { m.chunks.back().first_key = "z"; }), ErrorKind::kCorrupt, "a key");
  ExpectError(with([](Manifest& m) { m.chunks.back().first_key = std::string(kKeyBytesMax + 1, 'p'); }),
              ErrorKind::kCorrupt, "a key");
  ExpectError(with([](Manifest& m) { m.chunks[0].records_bytes = 0; }), ErrorKind::kCorrupt, "empty");
  ExpectError(with([](Manifest& m) { m.chunks[0].file_bytes = kChunkFileBytesMax + 1; }), ErrorKind::kLimit);
  ExpectError(with([](Manifest& m) { m.chunks[0].records_bytes = kChunkBytesMax + 1; }), ErrorKind::kLimit);
  ExpectError(with([](Manifest& m) { m.info.built = "yesterday"; }), ErrorKind::kCorrupt, "time");
  ExpectError(with([](Manifest& m) {
                m.chunks.clear();
                for (std::uint64_t i = 0; i <= kRecordsBytesMax / kChunkBytesMax; ++i)
                  m.chunks.push_back({Format("a{:05}", i), {}, {}, kChunkBytesMax, 1});
              }),
              ErrorKind::kLimit, "of records");
  std::string other_format = bytes;
  other_format[bytes.find('\n') + 1] = 9;
  ExpectError(DecodeManifest(other_format), ErrorKind::kUnsupported, "format 9");
}

}  // namespace
}  // namespace holdfast::advisory
