// The tables of a Grype database of schema 6 that say what belongs together, in memory: which vulnerabilities there
// are, and which rows speak of each of them. The JSON that they point to is fetched one by one.
//
// A vulnerability has a record for each release that it was published for, and rows come in any order. Both are put in
// order here, 16 bytes a row, since SQLite would need a temporary file for it.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "advisory/grype/places.h"
#include "base/error.h"
#include "base/result.h"
#include "io/sqlite.h"

namespace holdfast::advisory {

inline constexpr std::size_t kGrypeRowsMax = 20'000'000;            // of packages and CPE names, all together
inline constexpr std::size_t kGrypeVulnerabilitiesMax = 5'000'000;  // records
inline constexpr std::size_t kGrypeNamesMax = 2'000'000;            // packages, and CPE names
inline constexpr std::size_t kGrypeSystemsMax = 100'000;            // and providers
inline constexpr std::size_t kGrypeNameBytesMax = 1024;
inline constexpr std::size_t kGrypeNamesBytesMax = 256U << 20U;  // of all names together

// "2024-05-30 11:22:33+00:00", with fractions of a second or without → "2024-05-30T11:22:33Z"; a day is its beginning.
// Empty for another text.
[[nodiscard]] std::string GrypeTime(std::string_view text);

enum class GrypeRowKind : std::uint8_t { kAffected, kUnaffected, kAffectedCpe, kUnaffectedCpe };

struct GrypeRow {
  std::uint32_t group = 0;  // position of the vulnerability, by provider and name
  std::uint32_t blob = 0;
  std::uint32_t subject = 0;      // position of the package or CPE name
  std::uint32_t system : 30 = 0;  // position of the system and 1; 0: none
  std::uint32_t kind : 2 = 0;

  [[nodiscard]] GrypeRowKind Kind() const { return static_cast<GrypeRowKind>(kind); }
};

struct GrypeSubject {
  std::string ecosystem;  // of a package as OSV names it, empty for one that is installed from a system
  std::string name;       // of a CPE name "vendor:product"
  std::string target_software;
};

struct GrypeRecord {
  std::int64_t id = 0;
  std::uint32_t group = 0;
  std::uint32_t provider = 0;
};

class GrypeDatabase {
 public:
  // Reads and orders the tables. kUnsupported for another model than 6; kLimit as above; errors of io::SqliteFile.
  [[nodiscard]] static Result<GrypeDatabase> Read(const std::filesystem::path& path);

  // By group.
  std::vector<GrypeRecord> records;
  std::vector<GrypeRow> rows;
  std::vector<std::string> providers;  // ids
  std::vector<std::string> captured;   // when each was, RFC 3339
  std::vector<GrypeSystem> systems;
  std::vector<std::optional<GrypePlace>> places;  // of each system
  std::vector<GrypeSubject> packages, cpes;
  std::vector<Error> problems;  // rows that no place of ours has, or that refer to nothing
  std::unique_ptr<io::SqliteFile> file;

 private:
  using Positions = std::unordered_map<std::int64_t, std::uint32_t>;
  struct Handles;

  Result<void> CheckModel();
  Result<void> CountName(std::size_t bytes);
  Result<void> ReadProviders();
  Result<void> ReadSystems();
  Result<void> ReadPackages();
  Result<void> ReadCpes();
  Result<void> ReadRecords();
  Result<void> ReadRows();
  Result<void> ReadTable(const Handles& handles);

  std::unordered_map<std::string, std::uint32_t> provider_positions_;
  Positions system_positions_, package_positions_, cpe_positions_;
  std::vector<std::pair<std::int64_t, std::uint32_t>> groups_by_id_;
  std::unordered_map<std::string, std::uint64_t> unknown_;  // system or ecosystem → rows
  std::uint64_t dangling_ = 0;
  std::size_t names_bytes_ = 0;
};

// Whether it is one of Grype's databases, of whatever model.
[[nodiscard]] bool LooksLikeGrype(const std::filesystem::path& path);

}  // namespace holdfast::advisory
