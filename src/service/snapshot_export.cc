#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "advisory/snapshot_chunks.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/format.h"
#include "image/tar_header.h"
#include "io/file.h"
#include "io/json.h"
#include "io/sha256.h"
#include "service/snapshot_mirror.h"

namespace holdfast::service {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr std::string_view kManifestEnd = ".manifest";
constexpr std::string_view kSignatureEnd = ".sig";
constexpr std::string_view kLockName = ".lock";

Result<void> MakeFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Fail(ErrorKind::kDenied, Format("{}: {}", folder.string(), error.message()));
  return {};
}

Result<void> PutFile(const fs::path& path, std::string_view content) {
  HF_CHECK_OK(MakeFolder(path.parent_path()));
  HF_TRY(const auto writer, io::FileWriter::Create(path));
  HF_CHECK_OK(writer->WriteText(content));
  return writer->Commit();
}

Result<Descriptor> Lock(const fs::path& mirror) {
  Descriptor lock(open((mirror / kLockName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.Get() < 0) return Fail(ErrorKind::kDenied, Format("{}: it cannot be written to", mirror.string()));
  if (flock(lock.Get(), LOCK_EX | LOCK_NB) != 0)
    return Fail(ErrorKind::kConflict, Format("{}: somebody else is writing there", mirror.string()));
  return lock;
}

fs::file_time_type FileTime(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  return std::chrono::time_point_cast<fs::file_time_type::duration>(std::chrono::file_clock::from_sys(time));
}

// One export into one mirror.
class Exporter {
 public:
  Exporter(fs::path mirror, const ExportOptions& options) : mirror_(std::move(mirror)), options_(options) {}

  Result<ExportReport> Run(const fs::path& file) {
    HF_CHECK_OK(advisory::Snapshot::Verify(file));
    HF_TRY(const auto snapshot, advisory::Snapshot::Open(file));
    HF_CHECK_OK(MakeFolder(mirror_));
    HF_TRY(const Descriptor lock, Lock(mirror_));
    ReadBefore();
    report_.snapshot = snapshot->Info();
    manifest_.info = snapshot->Info();
    HF_CHECK_OK(PutChunks(*snapshot));
    HF_CHECK_OK(PutManifest());
    RemoveOld();
    return report_;
  }

  [[nodiscard]] const advisory::Manifest& Written() const { return manifest_; }
  [[nodiscard]] const Sha256Value& Name() const { return name_; }

 private:
  // The chunks of the snapshot that was published last: those whose records did not change keep their names, even when
  // another version of zstd would compress them otherwise. A mirror that is damaged is made anew.
  void ReadBefore() {
    const auto mirror = OpenMirror(mirror_.string(), {});
    if (!mirror) return;
    const auto text = (*mirror)->Read(kLatestName, kLatestBytesMax);
    const auto latest = text ? ParseLatest(*text) : std::unexpected(text.error());
    if (!latest) return;
    const auto bytes = (*mirror)->Read(ManifestName(latest->manifest), advisory::kManifestBytesMax);
    if (!bytes || io::Sha256Of(*bytes) != latest->manifest) return;
    before_ = latest->manifest;
    const auto manifest = advisory::DecodeManifest(*bytes);
    if (!manifest) return;
    for (const advisory::Chunk& chunk : manifest->chunks) known_.emplace(chunk.records, chunk);
  }

  [[nodiscard]] bool IsThere(const advisory::Chunk& chunk) const {
    std::error_code error;
    return fs::file_size(mirror_ / ChunkName(chunk.file), error) == chunk.file_bytes && !error;
  }

  Result<void> PutChunks(const advisory::Snapshot& snapshot) {
    HF_TRY(auto cutter, advisory::ChunkCutter::Open(snapshot));
    while (true) {
      HF_TRY(const auto cut, cutter.Next());
      if (!cut) return {};
      if (manifest_.chunks.size() >= advisory::kChunksMax)
        return Fail(ErrorKind::kLimit, Format("a snapshot of more than {} chunks", advisory::kChunksMax));
      HF_CHECK_OK(PutChunk(*cut));
    }
  }

  Result<void> PutChunk(const advisory::ChunkCutter::Cut& cut) {
    const Sha256Value records = io::Sha256Of(cut.records);
    if (const auto known = known_.find(records); known != known_.end() && IsThere(known->second)) {
      manifest_.chunks.push_back(known->second);
    } else {
      const std::string file = advisory::PackChunk(cut.records);
      const advisory::Chunk chunk{.first_key = cut.first_key,
                                  .records = records,
                                  .file = io::Sha256Of(file),
                                  .records_bytes = cut.records.size(),
                                  .file_bytes = file.size()};
      manifest_.chunks.push_back(chunk);
      if (!IsThere(chunk)) {
        HF_CHECK_OK(PutFile(mirror_ / ChunkName(chunk.file), file));
        ++report_.chunks_new;
        report_.bytes_new += file.size();
      }
    }
    ++report_.chunks;
    report_.bytes += manifest_.chunks.back().file_bytes;
    return {};
  }

  Result<void> PutManifest() {
    const std::string bytes = advisory::EncodeManifest(manifest_);
    if (bytes.size() > advisory::kManifestBytesMax)
      return Fail(ErrorKind::kLimit, Format("a manifest of more than {} bytes", advisory::kManifestBytesMax));
    name_ = io::Sha256Of(bytes);
    report_.bytes += bytes.size();
    if (options_.key != nullptr) HF_CHECK_OK(PutFile(mirror_ / SignatureName(name_), options_.key->Sign(bytes)));
    if (before_ == name_) return {};
    report_.bytes_new += bytes.size();
    HF_CHECK_OK(PutFile(mirror_ / ManifestName(name_), bytes));
    io::JsonWriter latest(2);
    latest.BeginObject().Key("format").Integer(1).Field("built", manifest_.info.built);
    latest.Field("manifest", Digest(name_).Text()).Key("bytes").Unsigned(bytes.size()).EndObject();
    HF_CHECK_OK(PutFile(mirror_ / kLatestName, latest.Take() + "\n"));
    // From now on the one before is old.
    std::error_code ignored;
    if (before_) fs::last_write_time(mirror_ / ManifestName(*before_), FileTime(options_.now_ms), ignored);
    return {};
  }

  void Remove(const fs::path& path) {
    std::error_code ignored;
    if (fs::remove(path, ignored)) ++report_.removed;
  }

  // Manifests that were replaced long ago, then the chunks that none of those that are left lists. When one of these
  // cannot be read, all chunks stay.
  void RemoveOld() {
    std::set<std::string> needed;
    for (const advisory::Chunk& chunk : manifest_.chunks) needed.insert(chunk.file.Hex());
    std::error_code error;
    bool all_known = true;
    std::vector<fs::path> gone;
    for (const auto& entry : fs::directory_iterator(mirror_ / "manifests", error)) {
      const fs::path& path = entry.path();
      if (path.extension() != kManifestEnd || path.stem() == name_.Hex()) continue;
      if (fs::last_write_time(path, error) <= FileTime(options_.now_ms - options_.keep_days * kDayMs)) {
        gone.push_back(path);
      } else {
        all_known = AddChunksOf(path, needed) && all_known;
      }
    }
    for (fs::path path : gone) {
      Remove(path);
      Remove(path.replace_extension(kSignatureEnd));
    }
    if (all_known) RemoveChunksBut(needed);
  }

  static bool AddChunksOf(const fs::path& path, std::set<std::string>& needed) {
    const auto source = io::OpenFile(path);
    if (!source) return false;
    const auto bytes = (*source)->ReadText(advisory::kManifestBytesMax);
    if (!bytes) return false;
    const auto manifest = advisory::DecodeManifest(*bytes);
    // Of an older format: nobody who reads this one reads that.
    if (!manifest) return manifest.error().Kind() == ErrorKind::kUnsupported;
    for (const advisory::Chunk& chunk : manifest->chunks) needed.insert(chunk.file.Hex());
    return true;
  }

  void RemoveChunksBut(const std::set<std::string>& needed) {
    std::error_code error;
    std::vector<fs::path> gone;
    for (const auto& entry : fs::recursive_directory_iterator(mirror_ / "chunks", error))
      if (entry.is_regular_file(error) && !needed.contains(entry.path().stem().string())) gone.push_back(entry.path());
    for (const fs::path& path : gone) Remove(path);
  }

  fs::path mirror_;
  ExportOptions options_;
  ExportReport report_;
  advisory::Manifest manifest_;
  Sha256Value name_;
  std::optional<Sha256Value> before_;
  std::map<Sha256Value, advisory::Chunk> known_;  // by their records
};

Result<void> AddToTar(io::ByteSink& tar, const fs::path& folder, const std::string& name, std::int64_t mtime) {
  HF_TRY(const auto file, io::OpenRandomFile(folder / name));
  io::TarEntry entry{.path = name, .link_target = {}, .mode = 0644};
  entry.size = file->Size();
  entry.mtime = mtime;
  HF_CHECK_OK(tar.WriteText(image::TarHeader(entry)));
  const auto content = io::ReadFrom(*file, 0, file->Size());
  while (true) {
    HF_TRY(const Bytes view, content->Next());
    if (view.empty()) break;
    HF_CHECK_OK(tar.Write(view));
  }
  return tar.WriteText(std::string(image::TarPadding(entry.size), '\0'));
}

// Removes a folder at the end, whatever happened.
struct Scratch {
  fs::path folder;
  explicit Scratch(fs::path path) : folder(std::move(path)) { Remove(); }
  ~Scratch() { Remove(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  void Remove() const {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
};

}  // namespace

Result<ExportReport> ExportToMirror(const fs::path& snapshot, const fs::path& mirror, const ExportOptions& options) {
  return Exporter(mirror, options).Run(snapshot);
}

Result<ExportReport> ExportToFile(const fs::path& snapshot, const fs::path& file, const ExportOptions& options) {
  const Scratch scratch(file.string() + ".making");
  Exporter exporter(scratch.folder, options);
  HF_TRY(const ExportReport report, exporter.Run(snapshot));
  const std::int64_t mtime = ParseTime(report.snapshot.built).value_or(0) / 1000;
  HF_TRY(const auto tar, io::FileWriter::Create(file));
  std::vector<std::string> names = {std::string(kLatestName), ManifestName(exporter.Name())};
  if (options.key != nullptr) names.push_back(SignatureName(exporter.Name()));
  for (const advisory::Chunk& chunk : exporter.Written().chunks) names.push_back(ChunkName(chunk.file));
  for (const std::string& name : names) HF_CHECK_OK(AddToTar(*tar, scratch.folder, name, mtime));
  HF_CHECK_OK(tar->WriteText(image::TarEnd()));
  HF_CHECK_OK(tar->Commit());
  return report;
}

}  // namespace holdfast::service
