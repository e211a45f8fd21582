// Everything goes into one transaction in key order, with LMDB's append mode: pages are filled one after
// the other, which makes the file compact and its bytes a function of the content.

#include "advisory/snapshot_writer.h"

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "advisory/lmdb_error.h"
#include "advisory/record.h"
#include "advisory/snapshot_format.h"
#include "base/format.h"
#include "io/sha256.h"
#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kWriting = "writing the advisory snapshot";

bool InRange(const version::Scheme& scheme, const model::VersionRange& range, std::string_view version) {
  const auto compare = [&](std::string_view bound) { return version::Compare(scheme, version, bound); };
  if (range.introduced != "0") {
    const auto start = compare(range.introduced);
    if (!start || *start < 0) return false;
  }
  if (range.fixed) {
    const auto end = compare(*range.fixed);
    return end && *end < 0;
  }
  if (range.last_affected) {
    const auto end = compare(*range.last_affected);
    return end && *end <= 0;
  }
  return compare(version).has_value();
}

// PyPI's advisories list every affected version beside the ranges that say the same. What a range
// covers need not be stored.
std::vector<std::string> VersionsBesideRanges(const model::Affected& affected) {
  const version::Scheme* scheme = version::FindScheme(affected.version_scheme);
  std::vector<std::string> versions;
  for (const std::string& version : affected.versions)
    if (scheme == nullptr ||
        std::ranges::none_of(affected.ranges, [&](const auto& range) { return InRange(*scheme, range, version); }))
      versions.push_back(version);
  return versions;
}

class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    if (transaction_ != nullptr) mdb_txn_abort(transaction_);
    if (env_ != nullptr) mdb_env_close(env_);
  }

  // `bytes` is about what will be stored: LMDB reserves addresses, not memory or disk.
  Result<void> Create(const std::filesystem::path& path, std::uint64_t bytes) {
    HF_CHECK_OK(CheckLmdb(mdb_env_create(&env_), kWriting));
    const std::uint64_t map_bytes = (bytes * 4 + (64U << 20U)) / kTrailerBytes * kTrailerBytes;
    HF_CHECK_OK(CheckLmdb(mdb_env_set_mapsize(env_, map_bytes), kWriting));
    HF_CHECK_OK(CheckLmdb(mdb_env_open(env_, path.c_str(), MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0644), kWriting));
    HF_CHECK_OK(CheckLmdb(mdb_txn_begin(env_, nullptr, 0, &transaction_), kWriting));
    return CheckLmdb(mdb_dbi_open(transaction_, nullptr, 0, &database_), kWriting);
  }

  // Keys must come in ascending order.
  Result<void> Append(std::string_view key, std::string_view value) {
    for (const std::string_view part : {key, value}) {
      std::uint64_t size = part.size();
      hash_.Update({reinterpret_cast<const std::uint8_t*>(&size), sizeof size});
      hash_.Update(AsBytes(part));
    }
    // LMDB's type is not const, but it only reads both.
    MDB_val stored_key{key.size(), const_cast<char*>(key.data())};
    MDB_val stored_value{value.size(), const_cast<char*>(value.data())};
    return CheckLmdb(mdb_put(transaction_, database_, &stored_key, &stored_value, MDB_APPEND), kWriting);
  }

  Sha256Value ContentDigest() { return hash_.Finish(); }

  Result<void> Commit() { return CheckLmdb(mdb_txn_commit(std::exchange(transaction_, nullptr)), kWriting); }

 private:
  MDB_env* env_ = nullptr;
  MDB_txn* transaction_ = nullptr;
  MDB_dbi database_ = 0;
  io::Sha256 hash_;
};

Result<Sha256Value> HashFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  io::Sha256 hash;
  std::vector<char> buffer(1U << 20U);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.Update(AsBytes(std::string_view(buffer.data(), static_cast<std::size_t>(file.gcount()))));
  }
  if (!file.eof()) return Fail(ErrorKind::kUnavailable, Format("cannot read back {}", path.string()));
  return hash.Finish();
}

Result<void> SyncFile(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) return Fail(ErrorKind::kUnavailable, Format("{}: {}", kWriting, std::strerror(reason)));
  return {};
}

Result<std::uint64_t> AppendTrailer(const std::filesystem::path& path) {
  std::error_code error;
  SnapshotTrailer trailer;
  trailer.database_bytes = std::filesystem::file_size(path, error);
  if (error) return Fail(ErrorKind::kUnavailable, Format("{}: {}", kWriting, error.message()));
  HF_TRY(trailer.database_digest, HashFile(path));
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << EncodeTrailer(trailer);
  file.close();
  if (!file) return Fail(ErrorKind::kUnavailable, Format("{}: the disk may be full", kWriting));
  HF_CHECK_OK(SyncFile(path));
  return trailer.database_bytes + kTrailerBytes;
}

}  // namespace

void SnapshotWriter::Add(const model::Advisory& advisory, std::string_view source) {
  const auto known = advisories_.find(advisory.id);
  if (known != advisories_.end() && known->second.modified >= advisory.modified) return;
  Pending pending;
  pending.modified = advisory.modified;
  pending.source = source;
  pending.cold = EncodeAdvisory(advisory);
  pending.details = advisory.details;
  pending.withdrawn = !advisory.withdrawn.empty();
  for (const auto* names : {&advisory.aliases, &advisory.related})
    for (const std::string& name : *names)
      if (name.size() < kKeyBytesMax) pending.names.insert(name);
  pending.names.insert(advisory.id);
  for (const model::Affected& affected : advisory.affected) {
    if (pending.withdrawn) break;
    model::Affected stored = affected;
    stored.versions = VersionsBesideRanges(affected);
    pending.releases.insert({affected.ecosystem, affected.release});
    pending.rows.emplace_back(PackageKey(affected.ecosystem, affected.release,
                                         model::NormalisePackageName(affected.ecosystem, affected.package)),
                              EncodeAffectedRow(advisory, stored));
  }
  advisories_.insert_or_assign(advisory.id, std::move(pending));
}

SnapshotWriter::PackageRows SnapshotWriter::GatherRows() const {
  PackageRows packages;
  for (const auto& [id, advisory] : advisories_)
    for (const auto& [key, row] : advisory.rows) packages[key].push_back(row);
  // Advisories for several repositories of one release say the same thing of a package more than once.
  for (auto& [key, rows] : packages) {
    std::ranges::sort(rows);
    const auto repeated = std::ranges::unique(rows);
    rows.erase(repeated.begin(), repeated.end());
  }
  return packages;
}

SnapshotInfo SnapshotWriter::Summarise(const PackageRows& rows) const {
  SnapshotInfo info;
  info.advisories = advisories_.size();
  info.packages = rows.size();
  std::map<std::string, SnapshotSource> sources;
  std::map<model::EcosystemRelease, std::set<std::string_view>> coverage;
  for (const auto& [id, advisory] : advisories_) {
    SnapshotSource& source = sources[advisory.source];
    source.name = advisory.source;
    ++source.advisories;
    source.newest_modified = std::max(source.newest_modified, advisory.modified);
    info.withdrawn += advisory.withdrawn ? 1U : 0U;
    for (const auto& release : advisory.releases) {
      auto& keys = coverage[release];
      const std::string prefix = PackageKey(release.ecosystem, release.release, "");
      for (const auto& [key, row] : advisory.rows)
        if (key.starts_with(prefix) || key.starts_with('q')) keys.insert(key);
    }
  }
  for (auto& [name, source] : sources) info.sources.push_back(std::move(source));
  for (const auto& [release, keys] : coverage) info.coverage.push_back({release, keys.size()});
  return info;
}

Result<SnapshotInfo> SnapshotWriter::WriteDatabase(const std::filesystem::path& path, std::string_view built) const {
  const PackageRows packages = GatherRows();
  SnapshotInfo info = Summarise(packages);
  std::map<std::string, std::vector<std::string>> by_name;
  std::uint64_t bytes = 0;
  for (const auto& [id, advisory] : advisories_) {
    for (const std::string& name : advisory.names) by_name[name].push_back(id);
    bytes += advisory.cold.size() + advisory.details.size() + 1024;
    for (const auto& [key, row] : advisory.rows) bytes += key.size() + row.size();
  }
  Database database;
  HF_CHECK_OK(database.Create(path, bytes));
  for (const auto& [id, advisory] : advisories_) HF_CHECK_OK(database.Append("a" + id, advisory.cold));
  for (const auto& [name, ids] : by_name) HF_CHECK_OK(database.Append("c" + name, EncodeTexts(ids)));
  for (const auto& [id, advisory] : advisories_)
    if (!advisory.details.empty()) HF_CHECK_OK(database.Append("d" + id, advisory.details));
  for (const auto& [key, rows] : packages) HF_CHECK_OK(database.Append(key, EncodeAffectedRecord(rows)));
  info.built = built;
  info.content = Digest(database.ContentDigest());
  HF_CHECK_OK(database.Append(kMetaKey, EncodeMeta(info)));
  HF_CHECK_OK(database.Commit());
  return info;
}

Result<SnapshotInfo> SnapshotWriter::Write(const std::filesystem::path& path, std::string_view built) {
  std::error_code ignored;
  const std::filesystem::path temporary = path.string() + Format(".{}.tmp", ::getpid());
  std::filesystem::remove(temporary, ignored);
  auto info = WriteDatabase(temporary, built);
  advisories_.clear();
  if (info) {
    if (const auto file_bytes = AppendTrailer(temporary))
      info->file_bytes = *file_bytes;
    else
      info = std::unexpected(file_bytes.error());
  }
  if (info && std::rename(temporary.c_str(), path.c_str()) != 0)
    info = Fail(ErrorKind::kUnavailable, Format("cannot put {} in place: {}", path.string(), std::strerror(errno)));
  if (!info) std::filesystem::remove(temporary, ignored);
  return info;
}

}  // namespace holdfast::advisory
