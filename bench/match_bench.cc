// Opening the advisory snapshot, and matching 1,000 packages. Targets: < 1 ms and < 10 ms. In the same run, the same
// question (which rows hold for these packages?) to the snapshot, to SQLite with an index, and to all rows one by one.
//
// The data: HOLDFAST_BENCH_ADVISORIES names a folder of advisories (OSV, as `holdfast db build` reads them);
// the bench builds a snapshot of it once and says what that took. Packages are drawn from the advisories
// themselves, so that every look-up finds something: the worst case.

#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "advisory/osv/osv.h"
#include "advisory/record.h"
#include "advisory/record_cursor.h"
#include "advisory/snapshot.h"
#include "advisory/snapshot_format.h"
#include "advisory/source_reader.h"
#include "io/json.h"
#include "match/lookup.h"
#include "match/matcher.h"
#include "match/search.h"
#include "service/snapshot_lookup.h"
#include "version/scheme.h"

namespace holdfast {
namespace {

struct Data {
  std::filesystem::path snapshot;
  model::ImageAnalysis distro;     // 1,000 RPM packages of AlmaLinux 9
  model::ImageAnalysis languages;  // 1,000 Python, Go, npm and Maven packages
};

model::Package PackageFor(const model::Affected& affected, std::string version) {
  model::Package package;
  package.name = affected.package;
  package.version_scheme = affected.version_scheme;
  package.architecture = "x86_64";
  package.version = std::move(version);
  if (affected.ecosystem != "AlmaLinux") package.ecosystem = affected.ecosystem;
  return package;
}

// Nine packages in ten have the newest fix; the tenth has the one before: a maintained image.
void Collect(const std::filesystem::path& folder, Data& data) {
  std::map<std::string, std::size_t> distro_rows, language_rows;
  std::map<std::string, std::string> newest;
  data.distro.distro.id = "almalinux";
  data.distro.distro.version_id = "9.3";
  const auto take = [&](const model::Affected& affected) {
    const bool distro = affected.ecosystem == "AlmaLinux";
    if ((distro && (affected.release != "9" || !affected.module_label.empty())) || affected.ranges.empty()) return;
    const auto& fixed = affected.ranges.back().fixed;
    if (!fixed) return;
    auto& packages = distro ? data.distro.packages : data.languages.packages;
    auto& rows = distro ? distro_rows : language_rows;
    std::string& last = newest[affected.ecosystem + affected.package];
    const auto known = rows.find(affected.package);
    if (known == rows.end()) {
      if (packages.size() >= 1000) return;
      rows.emplace(affected.package, packages.size());
      packages.push_back(PackageFor(affected, *fixed));
      last = *fixed;
      return;
    }
    const version::Scheme* scheme = version::FindScheme(affected.version_scheme);
    if (scheme == nullptr) return;
    if (const auto order = version::Compare(*scheme, last, *fixed); !order || *order >= 0) return;
    packages[known->second].version = known->second % 10 == 0 ? last : *fixed;
    last = *fixed;
  };
  advisory::SourceVisitor visitor;
  visitor.problem = [](std::string_view, const Error&) {};
  visitor.other = [](std::string_view) {};
  visitor.document = [&](const advisory::SourceDocument& document) {
    const auto parsed = document.notation == advisory::Notation::kJson ? io::JsonDocument::Parse(document.text)
                                                                       : io::JsonDocument::ParseYaml(document.text);
    if (!parsed || !advisory::LooksLikeOsv(parsed->Root())) return;
    const auto advisory = advisory::ParseOsv(parsed->Root());
    if (!advisory || !advisory::IsVulnerability(*advisory)) return;
    for (const model::Affected& affected : advisory->affected) take(affected);
  };
  (void)advisory::ReadSources(folder, visitor);
}

const Data& TheData() {
  static const Data data = [] {
    Data result;
    const char* folder = std::getenv("HOLDFAST_BENCH_ADVISORIES");
    if (folder == nullptr) {
      std::fprintf(stderr, "HOLDFAST_BENCH_ADVISORIES is not set\n");
      std::exit(2);
    }
    result.snapshot = std::filesystem::temp_directory_path() / "holdfast-match-bench.snapshot";
    const auto start = std::chrono::steady_clock::now();
    const auto report = advisory::BuildSnapshot(advisory::BuiltinProviders(), folder, result.snapshot,
                                                {.built = "2026-01-01T00:00:00Z"});
    if (!report) {
      std::fprintf(stderr, "%s\n", report.error().Message().c_str());
      std::exit(2);
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("snapshot: %llu advisories, %llu packages, %llu bytes, built in %.2f s, peak %ld MiB\n",
                static_cast<unsigned long long>(report->snapshot.advisories),
                static_cast<unsigned long long>(report->snapshot.packages),
                static_cast<unsigned long long>(report->snapshot.file_bytes), seconds.count(), usage.ru_maxrss / 1024);
    std::printf("documents %llu, rejected %llu, bug fixes %llu\n", static_cast<unsigned long long>(report->documents),
                static_cast<unsigned long long>(report->rejected), static_cast<unsigned long long>(report->bug_fixes));
    for (std::size_t i = 0; i < report->problems.size() && i < 5; ++i)
      std::printf("  %s: %s\n", report->problems[i].path.c_str(), report->problems[i].message.c_str());
    Collect(folder, result);
    return result;
  }();
  return data;
}

void OpenSnapshot(benchmark::State& state) {
  const Data& data = TheData();
  for (auto _ : state) {
    auto snapshot = advisory::Snapshot::Open(data.snapshot);
    benchmark::DoNotOptimize(snapshot);
  }
}
BENCHMARK(OpenSnapshot);

void MatchPackages(benchmark::State& state, const model::ImageAnalysis& analysis) {
  const auto snapshot = advisory::Snapshot::Open(TheData().snapshot);
  const service::SnapshotLookup lookup(**snapshot);
  std::size_t findings = 0;
  for (auto _ : state) {
    auto result = match::Match(analysis, lookup);
    findings = result->findings.size();
    benchmark::DoNotOptimize(result);
  }
  state.counters["packages"] = static_cast<double>(analysis.packages.size());
  state.counters["findings"] = static_cast<double>(findings);
}

void MatchDistroPackages(benchmark::State& state) { MatchPackages(state, TheData().distro); }
BENCHMARK(MatchDistroPackages)->Unit(benchmark::kMillisecond);
void MatchLanguagePackages(benchmark::State& state) { MatchPackages(state, TheData().languages); }
BENCHMARK(MatchLanguagePackages)->Unit(benchmark::kMillisecond);

// All rows, out of the snapshot: what the two others are made of.
struct FlatRow {
  std::string ecosystem, release, name, advisory, scheme, introduced, end;
  model::RangeEnd end_kind = model::RangeEnd::kOpen;
};

const std::vector<FlatRow>& AllRows() {
  static const std::vector<FlatRow> rows = [] {
    std::vector<FlatRow> all;
    const auto snapshot = advisory::Snapshot::Open(TheData().snapshot);
    auto cursor = advisory::RecordCursor::Open(**snapshot);
    for (auto more = cursor->Next(); more && *more; more = cursor->Next()) {
      const auto key = advisory::SplitPackageKey(cursor->Key());
      if (!key) continue;
      (void)advisory::VisitAffectedRecord(cursor->Value(), [&](const model::AffectedView& view) {
        // The packages are of no module: rows of modules are not theirs, and only the snapshot knows.
        const auto modular = [](const model::RangeView& range) { return range.end.contains(".module"); };
        if (!view.module_label.empty() || std::ranges::any_of(view.ranges, modular)) return;
        for (const model::RangeView& range : view.ranges)
          all.push_back({key->where.ecosystem, key->where.release, std::string(key->name),
                         std::string(view.advisory_id), std::string(view.version_scheme), std::string(range.introduced),
                         std::string(range.end), range.end_kind});
      });
    }
    return all;
  }();
  return rows;
}

bool Holds(const model::Package& package, std::string_view scheme_id, std::string_view introduced,
           model::RangeEnd end_kind, std::string_view end) {
  const version::Scheme* scheme = version::FindScheme(scheme_id);
  if (scheme == nullptr) return false;
  if (introduced != "0") {
    const auto order = version::Compare(*scheme, package.version, introduced);
    if (!order || *order < 0) return false;
  }
  if (end_kind == model::RangeEnd::kOpen) return true;
  const auto order = version::Compare(*scheme, package.version, end);
  return order && (end_kind == model::RangeEnd::kFixed ? *order < 0 : *order <= 0);
}

model::EcosystemRelease WhereOf(const model::Package& package) {
  return package.ecosystem.empty() ? model::EcosystemRelease{"AlmaLinux", "9"}
                                   : model::EcosystemRelease{package.ecosystem, ""};
}

void SearchSnapshot(benchmark::State& state) {
  const auto snapshot = advisory::Snapshot::Open(TheData().snapshot);
  const service::SnapshotLookup lookup(**snapshot);
  std::size_t hits = 0;
  for (auto _ : state) {
    hits = 0;
    for (const model::Package& package : TheData().distro.packages)
      hits += match::SearchPackage(package, {WhereOf(package)}, lookup)->hits.size();
  }
  state.counters["hits"] = static_cast<double>(hits);
}
BENCHMARK(SearchSnapshot)->Unit(benchmark::kMillisecond);

void SearchBruteForce(benchmark::State& state) {
  const auto& rows = AllRows();
  std::size_t hits = 0;
  for (auto _ : state) {
    hits = 0;
    for (const model::Package& package : TheData().distro.packages) {
      const auto where = WhereOf(package);
      std::set<std::string_view> ids;
      for (const FlatRow& row : rows)
        if (row.name == package.name && row.ecosystem == where.ecosystem && row.release == where.release &&
            Holds(package, row.scheme, row.introduced, row.end_kind, row.end))
          ids.insert(row.advisory);
      hits += ids.size();
    }
  }
  state.counters["hits"] = static_cast<double>(hits);
  state.counters["rows"] = static_cast<double>(rows.size());
}
BENCHMARK(SearchBruteForce)->Unit(benchmark::kMillisecond);

void Run(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return;
  std::fprintf(stderr, "%s\n", sqlite3_errmsg(database));
  std::exit(2);
}

void BindText(sqlite3_stmt* statement, int place, std::string_view text) {
  sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

std::string_view ColumnText(sqlite3_stmt* statement, int column) {
  return {reinterpret_cast<const char*>(sqlite3_column_text(statement, column)),
          static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

sqlite3* MakeSqlite() {
  sqlite3* database = nullptr;
  sqlite3_open(":memory:", &database);
  Run(database,
      "CREATE TABLE rows(ecosystem TEXT, release TEXT, name TEXT, advisory TEXT, scheme TEXT, introduced TEXT, "
      "end_kind INTEGER, end_version TEXT); BEGIN");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO rows VALUES(?,?,?,?,?,?,?,?)", -1, &insert, nullptr);
  for (const FlatRow& row : AllRows()) {
    int place = 0;
    for (const std::string* text :
         {&row.ecosystem, &row.release, &row.name, &row.advisory, &row.scheme, &row.introduced})
      BindText(insert, ++place, *text);
    sqlite3_bind_int(insert, ++place, static_cast<int>(row.end_kind));
    BindText(insert, ++place, row.end);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  Run(database, "COMMIT; CREATE INDEX by_name ON rows(name, ecosystem, release); ANALYZE");
  return database;
}

// In memory and prepared: as good as SQLite can be.
void SearchSqlite(benchmark::State& state) {
  static sqlite3* const database = MakeSqlite();
  sqlite3_stmt* select = nullptr;
  sqlite3_prepare_v2(
      database,
      "SELECT advisory, scheme, introduced, end_kind, end_version FROM rows WHERE name = ? AND ecosystem "
      "= ? AND release = ?",
      -1, &select, nullptr);
  std::size_t hits = 0;
  for (auto _ : state) {
    hits = 0;
    for (const model::Package& package : TheData().distro.packages) {
      const auto where = WhereOf(package);
      BindText(select, 1, package.name);
      BindText(select, 2, where.ecosystem);
      BindText(select, 3, where.release);
      std::set<std::string> ids;
      while (sqlite3_step(select) == SQLITE_ROW)
        if (Holds(package, ColumnText(select, 1), ColumnText(select, 2),
                  static_cast<model::RangeEnd>(sqlite3_column_int(select, 3)), ColumnText(select, 4)))
          ids.emplace(ColumnText(select, 0));
      hits += ids.size();
      sqlite3_reset(select);
    }
  }
  sqlite3_finalize(select);
  state.counters["hits"] = static_cast<double>(hits);
}
BENCHMARK(SearchSqlite)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
