#include "service/snapshot_update.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <vector>

#include "advisory/snapshot_writer.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/format.h"
#include "image/tar_header.h"
#include "support/test_support.h"

namespace holdfast::service {
namespace {

namespace fs = std::filesystem;
using test::ExpectError;
using test::ReadFile;
using test::TemporaryFolder;
using test::Value;
using test::WriteFile;

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr int kAdvisories = 3000;

class Warnings final : public Logger {
 public:
  void Log(LogLevel, std::string_view message) override { text += message; }
  std::string text;
};

model::Advisory MakeAdvisory(int number, std::string_view summary) {
  model::Advisory advisory;
  advisory.id = Format("X-{:05}", number);
  advisory.summary = Format("{} {}", summary, number * 7919);
  model::Affected affected;
  affected.ecosystem = "PyPI";
  affected.package = Format("package-{}", number);
  affected.version_scheme = "pep440";
  affected.ranges = {{"0", Format("{}.0", number), std::nullopt}};
  advisory.affected = {affected};
  return advisory;
}

// A site that publishes and a site that follows it.
class SnapshotUpdate : public testing::Test {
 protected:
  SnapshotUpdate() { Build("one"); }

  // A snapshot of the day `now_ms_` whose advisory 17 says `summary`.
  void Build(std::string_view summary) {
    advisory::SnapshotWriter writer;
    for (int i = 0; i < kAdvisories; ++i) writer.Add(MakeAdvisory(i, i == 17 ? summary : "summary"), "source");
    Value(writer.Write(site_, FormatTime(now_ms_)));
  }
  ExportReport Export() {
    return Value(ExportToMirror(site_, mirror_, {.key = &key_, .keep_days = 7, .now_ms = now_ms_}));
  }
  UpdateOptions Options() const {
    return {.snapshot = copy_,
            .keys = Value(crypto::TrustedKeys::Parse(key_.PublicText())),
            .allow_unsigned = false,
            .allow_older = false,
            .connections = 2,
            .now_ms = now_ms_};
  }
  Result<UpdateReport> Follow() { return Follow(Options()); }
  Result<UpdateReport> Follow(const UpdateOptions& options) {
    return UpdateFromMirror(mirror_.string(), {}, options, logger_);
  }
  void ExpectSame() const { EXPECT_TRUE(ReadFile(copy_) == ReadFile(site_)) << "not byte for byte the same"; }
  [[nodiscard]] std::vector<fs::path> Chunks() const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(mirror_ / "chunks"))
      if (entry.is_regular_file()) paths.push_back(entry.path());
    std::ranges::sort(paths);
    return paths;
  }
  [[nodiscard]] std::size_t Manifests() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(mirror_ / "manifests"), {})) / 2;
  }

  TemporaryFolder folder_;
  std::int64_t now_ms_ = 1'780'000'000'000;
  fs::path site_ = folder_.Path() / "site.hfdb";
  fs::path mirror_ = folder_.Path() / "mirror";
  fs::path copy_ = folder_.Path() / "elsewhere" / "copy.hfdb";
  crypto::SigningKey key_ = Value(crypto::SigningKey::CreateFile(folder_.Path() / "key"));
  Warnings logger_;
};

TEST_F(SnapshotUpdate, MovesWhatChanged) {
  const ExportReport first = Export();
  EXPECT_EQ(first.chunks_new, first.chunks);
  EXPECT_GT(first.chunks, 5U);
  const UpdateReport all = Value(Follow());
  ExpectSame();
  EXPECT_FALSE(all.unchanged);
  EXPECT_EQ(all.signed_by, key_.Id());
  EXPECT_EQ(all.built_before, "");
  EXPECT_EQ(all.chunks_fetched, first.chunks);
  EXPECT_EQ(all.bytes_moved, all.bytes);
  EXPECT_FALSE(fs::exists(copy_.string() + ".chunks")) << "nothing stays of what was fetched";

  EXPECT_TRUE(Value(Follow()).unchanged);
  EXPECT_EQ(Export().bytes_new, 0U);

  now_ms_ += kDayMs;
  Build("two");
  const ExportReport second = Export();
  EXPECT_EQ(second.chunks_new, 1U);
  const UpdateReport one = Value(Follow());
  ExpectSame();
  EXPECT_EQ(one.chunks_fetched, 1U);
  EXPECT_LT(one.bytes_moved, one.bytes / 2);
  EXPECT_EQ(one.built_before, FormatTime(now_ms_ - kDayMs));
}

TEST_F(SnapshotUpdate, ReplacedManifestsStayForAWhile) {
  Export();
  const auto before = Chunks();
  now_ms_ += 30 * kDayMs;
  Build("two");
  EXPECT_EQ(Export().removed, 0U) << "it was the newest until now";
  EXPECT_EQ(Manifests(), 2U);
  EXPECT_EQ(Chunks().size(), before.size() + 1);
  now_ms_ += 8 * kDayMs;
  Build("three");
  EXPECT_EQ(Export().removed, 3U) << "the first manifest, its signature, its chunk";
  EXPECT_EQ(Manifests(), 2U);
  // A chunk that nobody lists, and one whose name is another's.
  WriteFile(mirror_ / "chunks" / "aa" / "aa.zst", "x");
  EXPECT_EQ(Export().removed, 1U);
  Value(Follow());
  ExpectSame();
}

TEST_F(SnapshotUpdate, GoesOnWhereItWasInterrupted) {
  Export();
  const auto chunks = Chunks();
  fs::rename(chunks.back(), folder_.Path() / "lost");
  ExpectError(Follow(), ErrorKind::kNotFound);
  EXPECT_FALSE(fs::exists(copy_));
  const auto kept = static_cast<std::size_t>(std::distance(fs::directory_iterator(copy_.string() + ".chunks"), {}));
  EXPECT_GT(kept, 0U);
  // One of them is damaged meanwhile, and there is one that belongs to nothing.
  const fs::path damaged = *fs::directory_iterator(copy_.string() + ".chunks");
  WriteFile(damaged, "x");
  WriteFile(copy_.string() + ".chunks/other", "x");
  fs::rename(folder_.Path() / "lost", chunks.back());
  const UpdateReport report = Value(Follow());
  EXPECT_EQ(report.chunks_fetched, report.chunks - kept + 1);
  ExpectSame();
}

TEST_F(SnapshotUpdate, WhatIsNotSignedByATrustedKeyIsNotTaken) {
  Export();
  UpdateOptions other = Options();
  const auto stranger = Value(crypto::SigningKey::CreateFile(folder_.Path() / "stranger"));
  other.keys = Value(crypto::TrustedKeys::Parse(stranger.PublicText()));
  ExpectError(Follow(other), ErrorKind::kDenied, key_.Id());
  other.keys = {};
  ExpectError(Follow(other), ErrorKind::kInvalidInput, "no key");
  for (const auto& entry : fs::directory_iterator(mirror_ / "manifests"))
    if (entry.path().extension() == ".sig") fs::remove(entry.path());
  ExpectError(Follow(), ErrorKind::kDenied, "not signed");
  EXPECT_FALSE(fs::exists(copy_));
  UpdateOptions anybody = other;
  anybody.allow_unsigned = true;
  EXPECT_EQ(Value(Follow(anybody)).signed_by, "");
  ExpectSame();
}

TEST_F(SnapshotUpdate, WhatIsPublishedMustBeWhatItSays) {
  Export();
  Value(Follow());
  const std::string before = ReadFile(copy_);
  now_ms_ += kDayMs;
  Build("two");
  const auto old_chunks = Chunks();
  Export();
  const auto expect_refused = [&](const fs::path& path, std::string_view content, ErrorKind kind) {
    const std::string good = ReadFile(path);
    WriteFile(path, content);
    ExpectError(Follow(), kind);
    EXPECT_TRUE(ReadFile(copy_) == before) << path;
    WriteFile(path, good);
  };
  std::vector<fs::path> fresh;
  std::ranges::set_difference(Chunks(), old_chunks, std::back_inserter(fresh));
  ASSERT_EQ(fresh.size(), 1U);
  const std::string chunk = ReadFile(fresh[0]);
  expect_refused(fresh[0], std::string(chunk.size(), 'x'), ErrorKind::kCorrupt);
  expect_refused(fresh[0], chunk.substr(1), ErrorKind::kCorrupt);
  expect_refused(fresh[0], chunk + "x", ErrorKind::kLimit);
  const std::string latest = ReadFile(mirror_ / kLatestName);
  const fs::path manifest = mirror_ / ManifestName(Value(ParseLatest(latest)).manifest);
  const std::string bytes = ReadFile(manifest);
  expect_refused(manifest, bytes.substr(0, bytes.size() - 1), ErrorKind::kCorrupt);
  expect_refused(manifest, bytes + "x", ErrorKind::kLimit);
  for (const std::string_view text : {"", "{}", "[1]", R"({"format": 1})", R"({"format": 1, "manifest": "sha256:12"})"})
    expect_refused(mirror_ / kLatestName, text, ErrorKind::kCorrupt);
  expect_refused(mirror_ / kLatestName, R"({"format": 2})", ErrorKind::kUnsupported);
  expect_refused(mirror_ / kLatestName, std::string(kLatestBytesMax + 1, ' '), ErrorKind::kLimit);
  Value(Follow());
  ExpectSame();
}

TEST_F(SnapshotUpdate, DoesNotGoBackInTimeUnlessItIsTold) {
  Export();
  const std::string old_latest = ReadFile(mirror_ / kLatestName);
  now_ms_ += kDayMs;
  Build("two");
  Export();
  Value(Follow());
  WriteFile(mirror_ / kLatestName, old_latest);
  ExpectError(Follow(), ErrorKind::kConflict, "before the one that is here");
  ExpectSame();
  UpdateOptions options = Options();
  options.allow_older = true;
  EXPECT_EQ(Value(Follow(options)).snapshot.built, FormatTime(now_ms_ - kDayMs));

  Build("three");
  Export();
  now_ms_ -= 3 * kDayMs;
  ExpectError(Follow(), ErrorKind::kCorrupt, "to come");
}

TEST_F(SnapshotUpdate, OneUpdatesAndOneExportsAtATime) {
  Export();
  Value(Follow());
  const auto locked = [](const fs::path& path) {
    Descriptor lock(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    EXPECT_EQ(::flock(lock.Get(), LOCK_EX | LOCK_NB), 0);
    return lock;
  };
  {
    const Descriptor lock = locked(copy_.string() + ".lock");
    ExpectError(Follow(), ErrorKind::kUnavailable, "already");
  }
  Value(Follow());
  const Descriptor lock = locked(mirror_ / ".lock");
  ExpectError(ExportToMirror(site_, mirror_, {}), ErrorKind::kConflict);
}

TEST_F(SnapshotUpdate, ADamagedCopyIsMadeAnew) {
  Export();
  Value(Follow());
  std::string damaged = ReadFile(copy_);
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  WriteFile(copy_, damaged);
  EXPECT_FALSE(Value(Follow()).unchanged);
  EXPECT_NE(logger_.text.find("made anew"), std::string::npos);
  ExpectSame();
}

TEST_F(SnapshotUpdate, OneFileCarriesItAll) {
  const fs::path exported = folder_.Path() / "exported.tar";
  const ExportOptions exporting{.key = &key_, .keep_days = 7, .now_ms = now_ms_};
  const ExportReport report = Value(ExportToFile(site_, exported, exporting));
  EXPECT_FALSE(fs::exists(exported.string() + ".making"));
  const UpdateReport taken = Value(ImportFromFile(exported, Options(), logger_));
  EXPECT_EQ(taken.chunks_fetched, report.chunks);
  ExpectSame();
  EXPECT_TRUE(Value(ImportFromFile(exported, Options(), logger_)).unchanged);
  // The same snapshot gives the same file.
  const std::string bytes = ReadFile(exported);
  Value(ExportToFile(site_, exported, exporting));
  EXPECT_TRUE(ReadFile(exported) == bytes);
  // Unpacked it is a mirror.
  fs::create_directories(mirror_);
  test::RunCommand(Format("tar -xf '{}' -C '{}'", exported.string(), mirror_.string()));
  fs::remove(copy_);
  Value(Follow());
  ExpectSame();
}

TEST_F(SnapshotUpdate, ExportedFilesThatAreCutOrLie) {
  const fs::path exported = folder_.Path() / "exported.tar";
  Value(ExportToFile(site_, exported, {.key = &key_, .keep_days = 7, .now_ms = now_ms_}));
  const std::string bytes = ReadFile(exported);
  const fs::path broken = folder_.Path() / "broken.tar";
  for (const std::size_t size : {std::size_t{0}, std::size_t{700}, std::size_t{1024}, bytes.size() / 2}) {
    WriteFile(broken, bytes.substr(0, size));
    EXPECT_FALSE(ImportFromFile(broken, Options(), logger_)) << size;
    EXPECT_FALSE(fs::exists(copy_));
  }
  // Chunks before the manifest.
  io::TarEntry entry{.path = "chunks/aa/aa.zst", .link_target = {}, .mode = 0644};
  entry.size = 1;
  WriteFile(broken, image::TarHeader(entry) + "x" + std::string(image::TarPadding(1), '\0') + bytes);
  ExpectError(ImportFromFile(broken, Options(), logger_), ErrorKind::kCorrupt, "beginning");
  entry.type = io::TarType::kSymlink;
  entry.size = 0;
  entry.link_target = "/etc/passwd";
  WriteFile(broken, image::TarHeader(entry) + bytes);
  ExpectError(ImportFromFile(broken, Options(), logger_), ErrorKind::kCorrupt, "something else");
  WriteFile(broken, "no tar");
  EXPECT_FALSE(ImportFromFile(broken, Options(), logger_));
  // What it has beside its chunks is left out.
  entry = {.path = "chunks/../../escaped", .link_target = {}, .mode = 0644};
  entry.size = 1;
  const std::string extra = image::TarHeader(entry) + "x" + std::string(image::TarPadding(1), '\0');
  WriteFile(broken, bytes.substr(0, bytes.size() - image::TarEnd().size()) + extra + image::TarEnd());
  Value(ImportFromFile(broken, Options(), logger_));
  ExpectSame();
}

TEST_F(SnapshotUpdate, WhatIsNoSnapshotAndNoMirror) {
  Export();
  WriteFile(site_, "no snapshot");
  ExpectError(ExportToMirror(site_, mirror_, {}), ErrorKind::kCorrupt);
  ExpectError(ExportToMirror(folder_.Path() / "gone", mirror_, {}), ErrorKind::kNotFound);
  ExpectError(OpenMirror((folder_.Path() / "gone").string(), {}), ErrorKind::kNotFound);
  ExpectError(OpenMirror("https://host/x?y=z", {}), ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace holdfast::service
