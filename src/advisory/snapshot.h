// Snapshot: all advisories of one build, in one immutable memory-mapped file. Opening maps it and reads
// three pages; a look-up is one search in a B-tree and decodes only the record it finds.
//
// The file is an LMDB database (symas.com/lmdb, data format 1) without a lock file, followed by one page
// that holds its length and SHA-256. What is guaranteed of a file from elsewhere:
//   Open    refuses what is not a snapshot, is of another format, or was cut or extended (kCorrupt,
//           kUnsupported). Each stored value is decoded with bounds checks: a damaged one is kCorrupt.
//   Verify  reads the whole file: after it succeeded, every byte is as the writer left it.
// LMDB itself trusts its B-tree pages, so a file whose *inner pages* were damaged or forged can crash the
// reader. A file that came over a wire is therefore verified once, before it is first opened.
//
// A Snapshot belongs to one thread at a time; each thread opens its own, which costs microseconds and
// shares the memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/record.h"
#include "base/digest.h"
#include "base/result.h"
#include "model/advisory.h"
#include "model/ecosystem.h"
#include "model/vulnerability_facts.h"

struct MDB_env;
struct MDB_txn;

namespace holdfast::advisory {

inline constexpr std::uint32_t kSnapshotFormat = 3;

// Where advisories came from: a file or folder directly inside the folder that was read.
struct SnapshotSource {
  std::string name;
  std::uint64_t advisories = 0;  // withdrawn ones included
  std::string newest_modified;   // RFC 3339; empty: none was stated
  std::uint64_t facts = 0;       // statements about vulnerabilities and releases
  std::string read;              // RFC 3339; when this was read: the build, unless older data was kept
  std::string failure;           // why newer data was not taken; empty: this is the newest

  friend bool operator==(const SnapshotSource&, const SnapshotSource&) = default;
};

struct SnapshotCoverage {
  model::EcosystemRelease release;
  std::uint64_t packages = 0;

  friend bool operator==(const SnapshotCoverage&, const SnapshotCoverage&) = default;
};

struct SnapshotInfo {
  std::string built;  // RFC 3339, as given to the writer
  Digest content;     // of the advisories alone: equal content, equal digest, whenever built
  std::uint64_t advisories = 0;
  std::uint64_t withdrawn = 0;
  std::uint64_t packages = 0;
  std::uint64_t vulnerabilities = 0;  // with facts, by CVE
  std::uint64_t file_bytes = 0;
  std::vector<SnapshotSource> sources;     // by name
  std::vector<SnapshotCoverage> coverage;  // by ecosystem and release

  friend bool operator==(const SnapshotInfo&, const SnapshotInfo&) = default;
};

class Snapshot {
 public:
  // kNotFound, kCorrupt, kUnsupported (another format version).
  [[nodiscard]] static Result<std::unique_ptr<Snapshot>> Open(const std::filesystem::path& path);
  // kCorrupt when the file is not byte for byte what the writer wrote.
  [[nodiscard]] static Result<void> Verify(const std::filesystem::path& path);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  [[nodiscard]] const SnapshotInfo& Info() const { return info_; }

  // Whether there is anything about that release of that ecosystem.
  [[nodiscard]] bool Covers(std::string_view ecosystem, std::string_view release) const;
  // What advisories say about a package, by advisory id. `name` is in any spelling the ecosystem allows.
  [[nodiscard]] Result<void> VisitAffected(std::string_view ecosystem, std::string_view release, std::string_view name,
                                           const AffectedVisitor& visit) const;
  // Without details; `affected` has names and symbols only.
  [[nodiscard]] Result<std::optional<model::Advisory>> FindAdvisory(std::string_view id) const;
  [[nodiscard]] Result<std::optional<std::string>> FindDetails(std::string_view id) const;
  // Ids of the advisories that are called, or are about, `alias` (a CVE, or an advisory's own id), sorted.
  [[nodiscard]] Result<std::vector<std::string>> FindByAlias(std::string_view alias) const;
  // Without the description.
  [[nodiscard]] Result<std::optional<model::VulnerabilityFacts>> FindFacts(std::string_view cve) const;
  [[nodiscard]] Result<std::optional<std::string>> FindDescription(std::string_view cve) const;
  [[nodiscard]] Result<std::optional<model::ReleaseLife>> FindReleaseLife(std::string_view distro_id,
                                                                          std::string_view release) const;

 private:
  friend class RecordCursor;
  Snapshot() = default;
  Result<void> Map(const std::filesystem::path& path);
  [[nodiscard]] Result<std::optional<std::string_view>> Find(std::string_view key) const;
  [[nodiscard]] Result<std::optional<std::string>> FindText(std::string_view letter, std::string_view name) const;

  MDB_env* env_ = nullptr;
  MDB_txn* transaction_ = nullptr;  // one read transaction for the whole life: the file never changes
  unsigned database_ = 0;
  SnapshotInfo info_;
};

}  // namespace holdfast::advisory
