// Before LMDB sees the file, its length is checked against the trailer and against the meta pages: LMDB
// would take a page number beyond the end of the mapping for a valid address.

#include "advisory/snapshot.h"

#include <lmdb.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <tuple>

#include "advisory/lmdb_error.h"
#include "advisory/snapshot_format.h"
#include "base/format.h"
#include "io/sha256.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kOpening = "opening the advisory snapshot";
constexpr std::string_view kReading = "reading the advisory snapshot";

Result<std::string> ReadPart(std::ifstream& file, std::uint64_t offset, std::size_t bytes) {
  std::string text(bytes, '\0');
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(text.data(), static_cast<std::streamsize>(bytes));
  if (!file) return Fail(ErrorKind::kCorrupt, "cannot read the advisory snapshot");
  return text;
}

// One of LMDB's two meta pages (mdb.c, MDB_page and MDB_meta, 64-bit little-endian layout): page header of
// 16 bytes, magic, version, address, map size, two database descriptors of 48 bytes, last page, transaction.
// The first word of the first descriptor is the page size.
Result<void> CheckMetaPage(std::string_view page, std::uint64_t database_bytes) {
  constexpr std::uint32_t kLmdbMagic = 0xBEEFC0DE;
  constexpr std::uint32_t kLmdbVersion = 1;
  const Bytes raw = AsBytes(page);
  if (LoadLittle<std::uint32_t>(raw, 16) != kLmdbMagic || LoadLittle<std::uint32_t>(raw, 20) != kLmdbVersion)
    return Fail(ErrorKind::kCorrupt, "the advisory snapshot's database is damaged");
  const auto page_bytes = LoadLittle<std::uint32_t>(raw, 40);
  const auto last_page = LoadLittle<std::uint64_t>(raw, 136);
  if (page_bytes != kTrailerBytes || last_page >= database_bytes / page_bytes)
    return Fail(ErrorKind::kCorrupt, "the advisory snapshot's database is longer than its file");
  return {};
}

struct Checked {
  std::uint64_t file_bytes = 0;
  SnapshotTrailer trailer;
};

Result<Checked> CheckFile(const std::filesystem::path& path, std::ifstream& file) {
  std::error_code error;
  Checked checked;
  if (!std::filesystem::is_regular_file(path, error))
    return Fail(ErrorKind::kNotFound, Format("no advisory snapshot at {}", path.string()));
  checked.file_bytes = std::filesystem::file_size(path, error);
  file.open(path, std::ios::binary);
  if (error || !file) return Fail(ErrorKind::kDenied, Format("cannot read {}", path.string()));
  if (checked.file_bytes < 3 * kTrailerBytes) return Fail(ErrorKind::kCorrupt, "not an advisory snapshot: too short");
  HF_TRY(const auto end, ReadPart(file, checked.file_bytes - kTrailerBytes, kTrailerBytes));
  HF_TRY(checked.trailer, DecodeTrailer(end));
  if (checked.trailer.database_bytes != checked.file_bytes - kTrailerBytes)
    return Fail(ErrorKind::kCorrupt, "the advisory snapshot was cut or extended");
  HF_TRY(const auto start, ReadPart(file, 0, 2 * kTrailerBytes));
  HF_CHECK_OK(CheckMetaPage(std::string_view(start).substr(0, kTrailerBytes), checked.trailer.database_bytes));
  HF_CHECK_OK(CheckMetaPage(std::string_view(start).substr(kTrailerBytes), checked.trailer.database_bytes));
  return checked;
}

}  // namespace

Result<std::unique_ptr<Snapshot>> Snapshot::Open(const std::filesystem::path& path) {
  std::unique_ptr<Snapshot> snapshot(new Snapshot);
  HF_CHECK_OK(snapshot->Map(path));
  return snapshot;
}

Result<void> Snapshot::Map(const std::filesystem::path& path) {
  std::ifstream file;
  HF_TRY(const Checked checked, CheckFile(path, file));
  HF_CHECK_OK(CheckLmdb(mdb_env_create(&env_), kOpening));
  HF_CHECK_OK(CheckLmdb(mdb_env_set_mapsize(env_, checked.file_bytes), kOpening));
  HF_CHECK_OK(CheckLmdb(
      mdb_env_open(env_, path.c_str(), MDB_RDONLY | MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS | MDB_NORDAHEAD, 0444),
      kOpening));
  HF_CHECK_OK(CheckLmdb(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &transaction_), kOpening));
  HF_CHECK_OK(CheckLmdb(mdb_dbi_open(transaction_, nullptr, 0, &database_), kOpening));
  HF_TRY(const auto meta, Find(kMetaKey));
  if (!meta) return Fail(ErrorKind::kCorrupt, "the advisory snapshot has no meta record");
  HF_TRY(info_, DecodeMeta(*meta));
  info_.file_bytes = checked.file_bytes;
  return {};
}

Snapshot::~Snapshot() {
  if (transaction_ != nullptr) mdb_txn_abort(transaction_);
  if (env_ != nullptr) mdb_env_close(env_);
}

Result<void> Snapshot::Verify(const std::filesystem::path& path) {
  std::ifstream file;
  HF_TRY(const Checked checked, CheckFile(path, file));
  file.seekg(0);
  io::Sha256 hash;
  std::vector<char> buffer(1U << 20U);
  for (std::uint64_t left = checked.trailer.database_bytes; left > 0;) {
    const auto part = std::min<std::uint64_t>(left, buffer.size());
    file.read(buffer.data(), static_cast<std::streamsize>(part));
    if (!file) return Fail(ErrorKind::kCorrupt, "cannot read the advisory snapshot");
    hash.Update(AsBytes(std::string_view(buffer.data(), part)));
    left -= part;
  }
  if (hash.Finish() != checked.trailer.database_digest)
    return Fail(ErrorKind::kCorrupt, "the advisory snapshot is damaged: its SHA-256 differs from the recorded one");
  return {};
}

Result<std::optional<std::string_view>> Snapshot::Find(std::string_view key) const {
  if (key.size() > kKeyBytesMax) return std::nullopt;
  // LMDB's type for keys is not const, but it only reads them.
  MDB_val wanted{key.size(), const_cast<char*>(key.data())};
  MDB_val found{};
  const int code = mdb_get(transaction_, database_, &wanted, &found);
  if (code == MDB_NOTFOUND) return std::nullopt;
  HF_CHECK_OK(CheckLmdb(code, kReading));
  return std::string_view(static_cast<const char*>(found.mv_data), found.mv_size);
}

bool Snapshot::Covers(std::string_view ecosystem, std::string_view release) const {
  const auto key = [](const SnapshotCoverage& row) {
    return std::tuple<std::string_view, std::string_view>(row.release.ecosystem, row.release.release);
  };
  return std::ranges::binary_search(info_.coverage, std::tuple(ecosystem, release), {}, key);
}

Result<void> Snapshot::VisitAffected(std::string_view ecosystem, std::string_view release, std::string_view name,
                                     const AffectedVisitor& visit) const {
  const std::string key = PackageKey(ecosystem, release, model::NormalisePackageName(ecosystem, name));
  HF_TRY(const auto record, Find(key));
  return record ? VisitAffectedRecord(*record, visit) : Result<void>();
}

Result<std::optional<model::Advisory>> Snapshot::FindAdvisory(std::string_view id) const {
  HF_TRY(const auto record, Find(Format("{}{}", kColdKey, id)));
  if (!record) return std::nullopt;
  HF_TRY(auto advisory, DecodeAdvisory(*record));
  return advisory;
}

Result<std::optional<std::string>> Snapshot::FindText(std::string_view letter, std::string_view name) const {
  HF_TRY(const auto record, Find(Format("{}{}", letter, name)));
  if (!record) return std::nullopt;
  return std::string(*record);
}

Result<std::optional<std::string>> Snapshot::FindDetails(std::string_view id) const {
  return FindText(kDetailsKey, id);
}

Result<std::optional<std::string>> Snapshot::FindDescription(std::string_view cve) const {
  return FindText(kDescriptionKey, cve);
}

Result<std::optional<model::VulnerabilityFacts>> Snapshot::FindFacts(std::string_view cve) const {
  HF_TRY(const auto record, Find(Format("{}{}", kFactsKey, cve)));
  HF_TRY(const auto epss, Find(Format("{}{}", kEpssKey, cve)));
  if (!record && !epss) return std::nullopt;
  model::VulnerabilityFacts facts;
  facts.id = cve;
  if (record) {
    HF_TRY(facts, DecodeFacts(cve, *record));
  }
  if (epss) {
    HF_TRY(facts.epss, DecodeEpss(*epss));
  }
  return facts;
}

Result<std::optional<model::ReleaseLife>> Snapshot::FindReleaseLife(std::string_view distro_id,
                                                                    std::string_view release) const {
  HF_TRY(const auto record, Find(ReleaseLifeKey(distro_id, release)));
  if (!record) return std::nullopt;
  HF_TRY(auto life, DecodeReleaseLife(*record));
  life.distro_id = distro_id;
  life.release = release;
  return life;
}

Result<std::vector<std::string>> Snapshot::FindByAlias(std::string_view alias) const {
  HF_TRY(const auto record, Find(Format("{}{}", kAliasKey, alias)));
  if (!record) return std::vector<std::string>();
  return DecodeTexts(*record);
}

}  // namespace holdfast::advisory
