#include "service/snapshot_update.h"

#include <fcntl.h>
#include <sys/file.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "advisory/snapshot_chunks.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/format.h"
#include "io/file.h"
#include "io/json.h"
#include "io/sha256.h"
#include "io/tar.h"

namespace holdfast::service {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kConnectionsMax = 16;
constexpr std::uint64_t kStateBytesMax = 16 * kKiB;

Result<std::string> ReadWhole(const fs::path& path, std::uint64_t bytes_max) {
  HF_TRY(const auto source, io::OpenFile(path));
  return source->ReadText(bytes_max);
}

// The snapshot that is here, as long as it is whole: what is damaged is replaced.
std::unique_ptr<advisory::Snapshot> OpenPresent(const fs::path& path, Logger& logger) {
  std::error_code error;
  if (!fs::exists(path, error)) return nullptr;
  const auto verified = advisory::Snapshot::Verify(path);
  auto snapshot = verified ? advisory::Snapshot::Open(path) : std::unexpected(verified.error());
  if (snapshot) return *std::move(snapshot);
  logger.Warning(Format("{}: {}; it is made anew", path.string(), snapshot.error().Message()));
  return nullptr;
}

// Chunks that were fetched and are not yet in a snapshot. Safe to share.
class FetchedChunks {
 public:
  explicit FetchedChunks(fs::path folder) : folder_(std::move(folder)) {}

  Result<void> Begin() {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) return Fail(ErrorKind::kDenied, Format("{}: {}", folder_.string(), error.message()));
    return {};
  }
  // The records of a chunk that is here and good.
  [[nodiscard]] std::optional<std::string> Find(const advisory::Chunk& chunk) const {
    const auto file = ReadWhole(folder_ / chunk.file.Hex(), chunk.file_bytes);
    auto records = file ? advisory::UnpackChunk(chunk, *file) : std::unexpected(file.error());
    if (!records) return std::nullopt;
    return *std::move(records);
  }
  // Verifies it first. It appears whole; a crash may take it away again, since it can be fetched once more.
  [[nodiscard]] Result<void> Put(const advisory::Chunk& chunk, std::string_view file) const {
    HF_CHECK_OK(advisory::UnpackChunk(chunk, file));
    const fs::path path = folder_ / chunk.file.Hex();
    const fs::path temporary = path.string() + ".part";
    std::ofstream out(temporary, std::ios::binary);
    out << file;
    out.close();
    std::error_code error;
    if (out) fs::rename(temporary, path, error);
    if (!out || error)
      return Fail(ErrorKind::kUnavailable, Format("{}: it cannot be written; the disk may be full", path.string()));
    return {};
  }
  // All but those of the manifest.
  void Keep(const std::unordered_map<std::string, std::size_t>& names) const {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_, error))
      if (!names.contains(entry.path().filename().string())) fs::remove(entry.path(), error);
  }
  void RemoveAll() const {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

 private:
  fs::path folder_;
};

// What the mirror said the last time, and which snapshot came of it.
struct MirrorState {
  std::string from;
  Validators validators;
  std::string content, built;
};

fs::path StatePath(const fs::path& snapshot) { return snapshot.string() + ".mirror"; }

MirrorState ReadState(const fs::path& snapshot) {
  const auto text = ReadWhole(StatePath(snapshot), kStateBytesMax);
  const auto document = text ? io::JsonDocument::Parse(*text) : std::unexpected(text.error());
  if (!document) return {};
  const auto get = [&](std::string_view key) { return std::string(document->Root()[key].StringOr("")); };
  return {get("from"), {get("etag"), get("last_modified")}, get("content"), get("built")};
}

// Only saves a question: what goes wrong here is no failure.
void WriteState(const fs::path& snapshot, const MirrorState& state) {
  io::JsonWriter writer;
  writer.BeginObject().Field("from", state.from).Field("etag", state.validators.etag);
  writer.Field("last_modified", state.validators.last_modified).Field("content", state.content);
  writer.Field("built", state.built).EndObject();
  if (const auto file = io::FileWriter::Create(StatePath(snapshot)); file && (*file)->WriteText(writer.Text()))
    (void)(*file)->Commit();
}

// One update: the manifest, the chunks that are missing, the snapshot.
class Update {
 public:
  Update(const UpdateOptions& options, Logger& logger)
      : options_(options), logger_(logger), fetched_(options.snapshot.string() + ".chunks") {}

  Result<void> Open() {
    if (options_.keys.Empty() && !options_.allow_unsigned)
      return Fail(ErrorKind::kInvalidInput, "there is no key to verify the snapshot's signature with");
    std::error_code error;
    if (options_.snapshot.has_parent_path()) fs::create_directories(options_.snapshot.parent_path(), error);
    HF_CHECK_OK(Lock());
    present_ = OpenPresent(options_.snapshot, logger_);
    if (present_ != nullptr) report_.built_before = present_->Info().built;
    return {};
  }
  [[nodiscard]] const advisory::Snapshot* Present() const { return present_.get(); }

  // Whether there is something to do.
  Result<bool> TakeManifest(const Latest& latest, std::string_view bytes, std::string_view signatures) {
    if (bytes.size() != latest.bytes || io::Sha256Of(bytes) != latest.manifest)
      return Fail(ErrorKind::kCorrupt, "the manifest is not the one that latest.json names");
    if (!options_.allow_unsigned) {
      HF_TRY_IN("the snapshot's manifest", report_.signed_by, options_.keys.Verify(bytes, signatures));
    } else if (const auto signer = options_.keys.Verify(bytes, signatures)) {
      report_.signed_by = *signer;
    }
    HF_TRY(manifest_, advisory::DecodeManifest(bytes));
    report_.bytes_moved += bytes.size() + signatures.size();
    report_.bytes = bytes.size() + signatures.size();
    report_.chunks = manifest_.chunks.size();
    for (const advisory::Chunk& chunk : manifest_.chunks) report_.bytes += chunk.file_bytes;
    HF_CHECK_OK(CheckTime());
    const bool same = present_ != nullptr && present_->Info().content == manifest_.info.content &&
                      present_->Info().built == manifest_.info.built;
    if (!same) HF_CHECK_OK(Plan());
    return !same;
  }

  UpdateReport Unchanged() {
    report_.unchanged = true;
    report_.snapshot = present_->Info();
    return report_;
  }

  [[nodiscard]] const std::vector<std::size_t>& Missing() const { return missing_; }
  [[nodiscard]] const advisory::Chunk& ChunkAt(std::size_t number) const { return manifest_.chunks[number]; }
  // A chunk that is missing, by the digits of its name.
  [[nodiscard]] const advisory::Chunk* FindMissing(const std::string& hex) const {
    const auto found = names_.find(hex);
    return found == names_.end() || !is_missing_[found->second] ? nullptr : &manifest_.chunks[found->second];
  }
  Result<void> Put(const advisory::Chunk& chunk, std::string_view file) {
    HF_CHECK_OK(fetched_.Put(chunk, file));
    const std::scoped_lock lock(mutex_);
    ++report_.chunks_fetched;
    report_.bytes_moved += file.size();
    return {};
  }

  // Out of what is here and what was fetched.
  Result<UpdateReport> Assemble() {
    advisory::SnapshotAssembler assembler(manifest_, options_.snapshot);
    HF_CHECK_OK(assembler.Begin());
    std::optional<advisory::ChunkFinder> finder;
    if (present_ != nullptr) {
      HF_TRY(finder, advisory::ChunkFinder::Open(*present_, manifest_));
    }
    for (const advisory::Chunk& chunk : manifest_.chunks) {
      std::optional<std::string> records;
      if (finder) {
        HF_TRY(records, finder->Next());
      }
      if (!records) records = fetched_.Find(chunk);
      if (!records) return Fail(ErrorKind::kCorrupt, Format("chunk {} is missing", Digest(chunk.file).Short()));
      HF_CHECK_OK(assembler.Append(*records));
    }
    HF_TRY(report_.snapshot, assembler.Finish());
    fetched_.RemoveAll();
    return report_;
  }

 private:
  // Two at a time would take each other's chunks away. The file stays: removing it would let a third one in.
  Result<void> Lock() {
    const std::string path = options_.snapshot.string() + ".lock";
    lock_.emplace(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (lock_->Get() < 0) return Fail(ErrorKind::kDenied, Format("{}: it cannot be written to", path));
    if (flock(lock_->Get(), LOCK_EX | LOCK_NB) != 0)
      return Fail(ErrorKind::kUnavailable, Format("{}: it is being updated already", options_.snapshot.string()));
    return {};
  }

  Result<void> CheckTime() const {
    const std::int64_t built = *ParseTime(manifest_.info.built);
    if (built > options_.now_ms + kClockSkewMaxMs && !options_.allow_older)
      return Fail(ErrorKind::kCorrupt,
                  Format("the snapshot says that it was built at {}, which is to come", manifest_.info.built));
    const auto before = ParseTime(report_.built_before);
    if (!options_.allow_older && before && built < *before)
      return Fail(ErrorKind::kConflict, Format("the snapshot was built at {}, before the one that is here ({})",
                                               manifest_.info.built, report_.built_before));
    return {};
  }

  // Which chunks are neither in the present snapshot nor among those that were fetched before.
  Result<void> Plan() {
    HF_CHECK_OK(fetched_.Begin());
    std::optional<advisory::ChunkFinder> finder;
    if (present_ != nullptr) {
      HF_TRY(finder, advisory::ChunkFinder::Open(*present_, manifest_));
    }
    is_missing_.assign(manifest_.chunks.size(), false);
    for (std::size_t i = 0; i < manifest_.chunks.size(); ++i) {
      names_.emplace(manifest_.chunks[i].file.Hex(), i);
      bool here = false;
      if (finder) {
        HF_TRY(const auto records, finder->Next());
        here = records.has_value();
      }
      if (here || fetched_.Find(manifest_.chunks[i])) continue;
      is_missing_[i] = true;
      missing_.push_back(i);
    }
    fetched_.Keep(names_);
    return {};
  }

  const UpdateOptions& options_;
  Logger& logger_;
  FetchedChunks fetched_;
  std::optional<Descriptor> lock_;
  std::unique_ptr<advisory::Snapshot> present_;
  advisory::Manifest manifest_;
  std::vector<std::size_t> missing_;
  std::vector<bool> is_missing_;
  std::unordered_map<std::string, std::size_t> names_;  // digits of a chunk's name → its number
  std::mutex mutex_;                                    // of the report while chunks come in
  UpdateReport report_;
};

// Fetches what is missing over several connections. The first failure ends it; what came in until then stays.
class Fetcher {
 public:
  Fetcher(const std::string& mirror, const MirrorOptions& reading, Update& update)
      : mirror_(mirror), reading_(reading), update_(update) {}

  Result<void> Run(unsigned connections) {
    const std::size_t most = std::min<std::size_t>(update_.Missing().size(), kConnectionsMax);
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < std::min<std::size_t>(connections, most); ++i)
        threads.emplace_back([this] { FetchSome(); });
    }
    if (failure_) return std::unexpected(*failure_);
    return {};
  }

 private:
  void FetchSome() {
    const auto done = [this]() -> Result<void> {
      HF_TRY(const auto reader, OpenMirror(mirror_, reading_));
      while (!failed_) {
        const std::size_t next = next_++;
        if (next >= update_.Missing().size()) break;
        const advisory::Chunk& chunk = update_.ChunkAt(update_.Missing()[next]);
        HF_TRY(const std::string file, reader->Read(ChunkName(chunk.file), chunk.file_bytes));
        HF_CHECK_OK(update_.Put(chunk, file));
      }
      return {};
    }();
    if (done) return;
    const std::scoped_lock lock(mutex_);
    if (!failed_.exchange(true)) failure_ = done.error();
  }

  const std::string& mirror_;
  const MirrorOptions& reading_;
  Update& update_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::optional<Error> failure_;
};

// An update out of an exported file, member after member.
class ExportedFileReader {
 public:
  explicit ExportedFileReader(Update& update) : update_(update) {}

  Result<UpdateReport> Run(const fs::path& file) {
    HF_TRY(const auto source, io::OpenFile(file));
    const Limits limits;
    io::TarReader tar(*source, limits);
    while (true) {
      HF_TRY(const io::TarEntry* entry, tar.Next());
      if (entry == nullptr) break;
      if (entry->type == io::TarType::kDirectory) continue;
      HF_CHECK_OK(Take(*entry, tar.Content()));
      if (unchanged_) return update_.Unchanged();
    }
    if (!decided_) HF_CHECK_OK(Decide());
    if (unchanged_) return update_.Unchanged();
    return update_.Assemble();
  }

 private:
  Result<void> Take(const io::TarEntry& entry, io::ByteSource& content) {
    const std::string name = entry.path.starts_with("./") ? entry.path.substr(2) : entry.path;
    if (entry.type != io::TarType::kRegular)
      return Fail(ErrorKind::kCorrupt, "the exported file holds something else than files");
    if (name == kLatestName) {
      HF_TRY(const std::string text, content.ReadText(kLatestBytesMax));
      HF_TRY(latest_, ParseLatest(text));
    } else if (latest_ && name == ManifestName(latest_->manifest)) {
      HF_TRY(manifest_, content.ReadText(latest_->bytes));
    } else if (latest_ && name == SignatureName(latest_->manifest)) {
      HF_TRY(signatures_, content.ReadText(kSignaturesBytesMax));
    } else {
      return TakeChunk(name, content);
    }
    return {};
  }

  Result<void> TakeChunk(const std::string& name, io::ByteSource& content) {
    if (!decided_) HF_CHECK_OK(Decide());
    if (unchanged_) return {};
    const advisory::Chunk* chunk = update_.FindMissing(fs::path(name).stem().string());
    if (chunk == nullptr || name != ChunkName(chunk->file)) return {};
    HF_TRY(const std::string file, content.ReadText(chunk->file_bytes));
    return update_.Put(*chunk, file);
  }

  // With the first chunk, all that stands before it must have come.
  Result<void> Decide() {
    if (!latest_ || manifest_.empty())
      return Fail(ErrorKind::kCorrupt, "this is no exported advisory snapshot, or its beginning is missing");
    HF_TRY(const bool wanted, update_.TakeManifest(*latest_, manifest_, signatures_));
    decided_ = true;
    unchanged_ = !wanted;
    return {};
  }

  Update& update_;
  std::optional<Latest> latest_;
  std::string manifest_, signatures_;
  bool decided_ = false, unchanged_ = false;
};

}  // namespace

Result<UpdateReport> UpdateFromMirror(const std::string& mirror, const MirrorOptions& reading,
                                      const UpdateOptions& options, Logger& logger) {
  Update update(options, logger);
  HF_CHECK_OK(update.Open());
  HF_TRY(const auto reader, OpenMirror(mirror, reading));
  MirrorState state = ReadState(options.snapshot);
  const advisory::Snapshot* present = update.Present();
  const bool as_known = present != nullptr && state.from == mirror && present->Info().content.Text() == state.content &&
                        present->Info().built == state.built;
  if (!as_known) state = {.from = mirror, .validators = {}, .content = {}, .built = {}};
  HF_TRY(const auto text, reader->ReadLatest(state.validators));
  if (!text) return update.Unchanged();
  HF_TRY(const Latest latest, ParseLatest(*text));
  HF_TRY(const std::string bytes, reader->Read(ManifestName(latest.manifest), latest.bytes));
  auto signatures = reader->Read(SignatureName(latest.manifest), kSignaturesBytesMax);
  if (!signatures && signatures.error().Kind() == ErrorKind::kNotFound) signatures = std::string();
  HF_CHECK_OK(signatures);
  HF_TRY(const bool wanted, update.TakeManifest(latest, bytes, *signatures));
  if (wanted) HF_CHECK_OK(Fetcher(mirror, reading, update).Run(options.connections));
  UpdateReport report;
  if (wanted) {
    HF_TRY(report, update.Assemble());
  } else {
    report = update.Unchanged();
  }
  state.content = report.snapshot.content.Text();
  state.built = report.snapshot.built;
  WriteState(options.snapshot, state);
  return report;
}

Result<UpdateReport> ImportFromFile(const fs::path& file, const UpdateOptions& options, Logger& logger) {
  Update update(options, logger);
  HF_CHECK_OK(update.Open());
  return ExportedFileReader(update).Run(file);
}

}  // namespace holdfast::service
