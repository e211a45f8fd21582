// Opening the advisory snapshot, and matching 1,000 packages. Targets: < 1 ms and < 10 ms.
//
// The data: HOLDFAST_BENCH_ADVISORIES names a folder of advisories (OSV, as `holdfast db build` reads them);
// the bench builds a snapshot of it once and says what that took. Packages are drawn from the advisories
// themselves, so that every look-up finds something: the worst case.

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "advisory/osv/osv.h"
#include "advisory/snapshot.h"
#include "advisory/source_reader.h"
#include "io/json.h"
#include "match/lookup.h"
#include "match/matcher.h"
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

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
