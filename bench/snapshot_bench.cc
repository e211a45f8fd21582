// What a day's change moves between two sites that have a snapshot in chunks. Target: < 5 MB.
//
// The data: HOLDFAST_BENCH_ADVISORIES names a folder of advisories, as `holdfast db build` reads them; the scores of
// EPSS are made up, as many as there are. Yesterday's snapshot lacks the advisories that were modified last, one in a
// hundred, and has another score for each vulnerability.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advisory/builtin/builtin.h"
#include "advisory/snapshot_chunks.h"
#include "advisory/snapshot_writer.h"
#include "advisory/source_reader.h"
#include "base/format.h"
#include "io/json.h"
#include "io/sha256.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kScores = 300'000;
constexpr std::string_view kToday = "2026-12";  // feeds hold dates to come

class Sink final : public advisory::AdvisorySink {
 public:
  explicit Sink(std::function<void(const model::Advisory&)> take) : take_(std::move(take)) {}
  void Add(const model::Advisory& advisory) override { take_(advisory); }
  void AddFacts(const model::VulnerabilityFacts&) override {}
  void AddReleaseLife(const model::ReleaseLife&) override {}
  void LeaveOut() override {}
  void Problem(const Error&) override {}

 private:
  std::function<void(const model::Advisory&)> take_;
};

void ReadAll(const fs::path& folder, const std::function<void(const model::Advisory&)>& take) {
  const advisory::Providers providers = advisory::BuiltinProviders();
  Sink sink(take);
  advisory::SourceVisitor visitor;
  visitor.problem = [](std::string_view, const Error&) {};
  visitor.other = [](std::string_view) {};
  visitor.document = [&](const advisory::SourceDocument& source) {
    advisory::Document document{
        .name = source.name, .source = source.source, .notation = source.notation, .text = source.text, .root = {}};
    std::optional<io::JsonDocument> tree;
    const io::JsonLimits limits{.bytes_max = 96 * kMiB};
    if (source.notation == advisory::Notation::kJson || source.notation == advisory::Notation::kYaml) {
      auto parsed = source.notation == advisory::Notation::kJson ? io::JsonDocument::Parse(source.text, limits)
                                                                 : io::JsonDocument::ParseYaml(source.text, limits);
      if (!parsed) return;
      document.root = tree.emplace(*std::move(parsed)).Root();
    }
    const auto provider = std::ranges::find_if(providers, [&](const auto& one) { return one->Recognises(document); });
    if (provider != providers.end()) (void)(*provider)->Read(document, sink);
  };
  (void)advisory::ReadSources(folder, visitor);
  for (const auto& provider : providers) provider->Finish(sink);
}

void AddScores(advisory::SnapshotWriter& writer, std::uint64_t seed) {
  for (std::uint64_t i = 0; i < kScores; ++i) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    model::VulnerabilityFacts facts;
    facts.id = Format("CVE-{}-{:04}", 2002 + i / 12'500, 1 + (i % 12'500) * 4);
    facts.source = "epss";
    facts.modified = "2026-01-01";
    // Most scores are small: the square of a share, and the share itself.
    const double share = static_cast<double>(seed >> 40U) / static_cast<double>(1U << 24U);
    facts.epss = {share * share * share, share};
    writer.AddFacts(facts, "epss");
  }
}

struct Chunks {
  std::map<Sha256Value, std::uint64_t> file_bytes;  // by records
  std::uint64_t bytes = 0;
};

Chunks Cut(const fs::path& path, std::uint64_t target) {
  Chunks chunks;
  const auto snapshot = advisory::Snapshot::Open(path);
  auto cutter = advisory::ChunkCutter::Open(**snapshot, target);
  while (true) {
    const auto cut = cutter->Next();
    if (!cut || !*cut) return chunks;
    const std::uint64_t bytes = advisory::PackChunk((*cut)->records).size();
    chunks.file_bytes[io::Sha256Of((*cut)->records)] = bytes;
    chunks.bytes += bytes;
  }
}

// The chunks, and the manifest: two digests, a key and lengths for each.
double MovedMegabytes(const Chunks& before, const Chunks& after) {
  constexpr std::uint64_t kManifestItemBytes = 95;
  std::uint64_t bytes = after.file_bytes.size() * kManifestItemBytes;
  for (const auto& [records, size] : after.file_bytes)
    if (!before.file_bytes.contains(records)) bytes += size;
  return static_cast<double>(bytes) / 1e6;
}

void Run(const fs::path& folder) {
  std::vector<std::string> dates;
  ReadAll(folder, [&](const model::Advisory& advisory) {
    if (!advisory.modified.empty() && advisory.modified < kToday) dates.push_back(advisory.modified);
  });
  std::ranges::sort(dates);
  const std::string newest = dates.empty() ? "" : dates[dates.size() - 1 - dates.size() / 100];
  const auto write = [&](std::string_view name, bool all, std::uint64_t seed) {
    advisory::SnapshotWriter writer;
    ReadAll(folder, [&](const model::Advisory& advisory) {
      const bool is_new = advisory.modified > newest && advisory.modified < kToday;
      if (all || !is_new) writer.Add(advisory, "all");
    });
    AddScores(writer, seed);
    const fs::path path = fs::temp_directory_path() / Format("holdfast-snapshot-bench-{}.hfdb", name);
    const auto info = writer.Write(path, "2026-01-01T00:00:00Z");
    if (info)
      std::printf("%s: %llu advisories, %.1f MB\n", std::string(name).c_str(),
                  static_cast<unsigned long long>(info->advisories), static_cast<double>(info->file_bytes) / 1e6);
    return path;
  };
  const fs::path today = write("today", true, 1);
  const fs::path fewer = write("without-newest", false, 1);
  const fs::path scores = write("other-scores", true, 2);
  const fs::path yesterday = write("yesterday", false, 2);
  std::printf("%8s %8s %10s %14s %14s %12s   (MB moved)\n", "target", "chunks", "whole", "1%% newest", "EPSS", "both");
  for (const std::uint64_t target : {8 * kKiB, 16 * kKiB, 32 * kKiB, 64 * kKiB, 128 * kKiB}) {
    const Chunks now = Cut(today, target);
    std::printf("%5llu KiB %8zu %10.2f %14.2f %14.2f %12.2f\n", static_cast<unsigned long long>(target / kKiB),
                now.file_bytes.size(), MovedMegabytes({}, now), MovedMegabytes(Cut(fewer, target), now),
                MovedMegabytes(Cut(scores, target), now), MovedMegabytes(Cut(yesterday, target), now));
  }
  for (const fs::path& path : {today, fewer, scores, yesterday}) fs::remove(path);
}

}  // namespace
}  // namespace holdfast

int main() {
  const char* folder = std::getenv("HOLDFAST_BENCH_ADVISORIES");
  if (folder == nullptr) {
    std::fprintf(stderr, "HOLDFAST_BENCH_ADVISORIES is not set\n");
    return 2;
  }
  holdfast::Run(folder);
  return 0;
}
