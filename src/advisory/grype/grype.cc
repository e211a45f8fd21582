#include "advisory/grype/grype.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "advisory/grype/blob.h"
#include "advisory/grype/database.h"
#include "advisory/grype/rows.h"
#include "base/format.h"
#include "base/text.h"
#include "io/sqlite.h"
#include "model/ecosystem.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kNvd = "nvd";
constexpr std::string_view kAlma = "alma";
constexpr std::size_t kMergedMax = 200;  // references, scores, aliases of several records together
// Parsed blobs: rows that lie together often share one.
constexpr std::size_t kCachedMax = 4096, kCachedBytesMax = 16U << 20U;

const version::Scheme& SchemeOf(std::string_view ecosystem) {
  const model::EcosystemInfo* info = model::FindEcosystem(ecosystem);
  return *version::FindScheme(info != nullptr ? info->version_scheme : kGrypeCpeScheme);
}

void AddMissing(std::vector<std::string>& into, const std::vector<std::string>& texts) {
  for (const std::string& text : texts)
    if (into.size() < kMergedMax && std::ranges::find(into, text) == into.end()) into.push_back(text);
}

// Gives what one database says.
class Giver {
 public:
  Giver(GrypeDatabase& database, io::SqliteRows records, io::SqliteRows blobs, AdvisorySink& sink)
      : database_(database), records_(std::move(records)), blobs_(std::move(blobs)), sink_(sink) {}

  Result<void> Give() {
    for (const Error& problem : database_.problems) sink_.Problem(problem);
    for (const GrypeSystem& system : database_.systems)
      if (const auto life = LifeOf(system)) sink_.AddReleaseLife(*life);
    HF_CHECK_OK(ReadWeaknesses());
    HF_CHECK_OK(GiveGroups());
    if (rootio_ > 0)
      sink_.Problem(Error(ErrorKind::kUnsupported, Format("rows about packages that Root.io patched: {}", rootio_)));
    GiveOtherWeaknesses();
    HF_CHECK_OK(GiveScores());
    return GiveKnownExploited();
  }

 private:
  struct Group {
    std::string name;
    std::uint32_t provider = 0;
    model::Advisory advisory;
    std::string captured;
    std::size_t records = 0, withdrawn = 0;
    bool rejected = false;
    bool cut = false;
  };

  // Absent: there is no such blob. kLimit when all that were fetched are too much: few large ones may serve many rows.
  Result<std::optional<std::string_view>> Blob(std::int64_t id) {
    HF_TRY_IN("blobs", const bool found, blobs_.Seek(id));
    if (!found) return std::nullopt;
    const std::string_view text = blobs_.Text(0);
    parsed_bytes_ += text.size();
    if (parsed_bytes_ > kGrypeParsedBytesMax)
      return Fail(ErrorKind::kLimit, Format("blobs: over {} bytes to parse", kGrypeParsedBytesMax));
    return text;
  }

  void Complain(const Group& group, const Error& error) {
    sink_.Problem(Error(error.Kind(), Format("{}: {}", group.advisory.id, error.Message())));
  }

  Result<void> GiveGroups() {
    std::size_t row = 0;
    for (std::size_t i = 0; i < database_.records.size();) {
      const std::uint32_t number = database_.records[i].group;
      Group group;
      group.provider = database_.records[i].provider;
      for (; i < database_.records.size() && database_.records[i].group == number; ++i)
        HF_CHECK_OK(ReadRecord(database_.records[i], group));
      GrypeRows rows;
      bool languages = false;
      for (; row < database_.rows.size() && database_.rows[row].group == number; ++row) {
        languages = languages || database_.rows[row].system == 0;
        HF_CHECK_OK(ReadRow(database_.rows[row], group, rows));
      }
      GiveGroup(group, rows, languages);
    }
    return {};
  }

  // Columns: name, status, published_date, modified_date, withdrawn_date, blob_id.
  Result<void> ReadRecord(const GrypeRecord& record, Group& group) {
    HF_TRY(const bool found, records_.Seek(record.id));
    if (!found) return Fail(ErrorKind::kCorrupt, "a vulnerability that was there is not any more");
    model::Advisory& advisory = group.advisory;
    if (group.name.empty()) {
      group.name = records_.Text(0);
      advisory.id = IdOf(database_.providers[group.provider], group.name);
      advisory.source = Format("grype:{}", database_.providers[group.provider]);
      group.captured = database_.captured[group.provider];
    }
    ++group.records;
    const bool rejected = EqualsIgnoreCase(records_.Text(1), "rejected");
    group.rejected = group.rejected || rejected;
    const std::string published = GrypeTime(records_.Text(2));
    if (!published.empty() && (advisory.published.empty() || published < advisory.published))
      advisory.published = published;
    advisory.modified = std::max(advisory.modified, GrypeTime(records_.Text(3)));
    const std::string withdrawn = GrypeTime(records_.Text(4));
    group.withdrawn += rejected || !withdrawn.empty() ? 1U : 0U;
    advisory.withdrawn = std::max(advisory.withdrawn, withdrawn);
    HF_TRY(const auto blob, Blob(records_.Integer(5).value_or(0)));
    if (!blob) return {};
    const auto parsed = ParseGrypeVulnerability(*blob);
    if (!parsed) {
      Complain(group, parsed.error());
      return {};
    }
    Describe(*parsed, advisory);
    return {};
  }

  static void Describe(const GrypeVulnerability& said, model::Advisory& advisory) {
    if (advisory.details.empty()) advisory.details = said.description;
    advisory.severity = std::max(advisory.severity, said.severity);
    AddMissing(advisory.aliases, said.aliases);
    for (const model::CvssVector& score : said.cvss)
      if (advisory.cvss.size() < kMergedMax && std::ranges::find(advisory.cvss, score) == advisory.cvss.end())
        advisory.cvss.push_back(score);
    for (const model::Reference& reference : said.references)
      if (advisory.references.size() < kMergedMax &&
          std::ranges::find(advisory.references, reference.url, &model::Reference::url) == advisory.references.end())
        advisory.references.push_back(reference);
  }

  Result<void> ReadRow(const GrypeRow& row, Group& group, GrypeRows& rows) {
    const bool cpe = row.Kind() == GrypeRowKind::kAffectedCpe || row.Kind() == GrypeRowKind::kUnaffectedCpe;
    const GrypeSubject& subject = (cpe ? database_.cpes : database_.packages)[row.subject];
    GrypeRows::Statement statement;
    if (row.system != 0) {
      statement.place = *database_.places[row.system - 1];
    } else {
      statement.place.ecosystem = subject.ecosystem;
    }
    statement.name = subject.name;
    if (cpe) statement.target_software = subject.target_software;
    statement.blob = row.blob;
    statement.unaffected = row.Kind() == GrypeRowKind::kUnaffected || row.Kind() == GrypeRowKind::kUnaffectedCpe;
    statement.from_fix_on = database_.providers[group.provider] == kAlma;
    if (statement.name.empty()) return {};
    HF_TRY(statement.package, PackageOf(row.blob, SchemeOf(statement.place.ecosystem), group));
    if (statement.package == nullptr) return {};
    if (statement.package->rootio) {
      ++rootio_;
    } else if (!rows.Add(statement) && !std::exchange(group.cut, true)) {
      Complain(group, Error(ErrorKind::kLimit, Format("not all is read: more than {} rows, or {} bytes of them",
                                                      kGrypeAdvisoryRowsMax, kGrypeAdvisoryBytesMax)));
    }
    return {};
  }

  // Null for one that is not there, or broken: told of when it is met first.
  Result<std::shared_ptr<const GrypePackage>> PackageOf(std::uint32_t blob, const version::Scheme& scheme,
                                                        const Group& group) {
    const std::pair key{blob, &scheme};
    if (const auto known = cached_.find(key); known != cached_.end()) return known->second;
    HF_TRY(const auto text, Blob(blob));
    std::shared_ptr<const GrypePackage> package;
    if (!text) {
      Complain(group, Error(ErrorKind::kCorrupt, "a row refers to what is not there"));
    } else if (auto parsed = ParseGrypePackage(*text, scheme); parsed) {
      package = std::make_shared<const GrypePackage>(*std::move(parsed));
    } else {
      Complain(group, parsed.error());
    }
    cached_bytes_ += package != nullptr ? package->bytes : 0;
    if (cached_.size() >= kCachedMax || cached_bytes_ > kCachedBytesMax) {
      cached_.clear();
      cached_bytes_ = 0;
    }
    cached_.emplace(key, package);
    return package;
  }

  void GiveGroup(Group& group, GrypeRows& rows, bool languages) {
    model::Advisory& advisory = group.advisory;
    const bool cve = IsGrypeCve(group.name);
    const bool nvd = database_.providers[group.provider] == kNvd;
    const bool withdrawn = group.withdrawn == group.records;
    if (advisory.modified.empty()) advisory.modified = advisory.published;
    if (advisory.modified.empty()) advisory.modified = group.captured;
    if (nvd && cve) GiveFacts(group, withdrawn);
    advisory.affected = rows.Take();
    if (advisory.affected.empty()) return;
    if (!withdrawn)
      advisory.withdrawn.clear();
    else if (advisory.withdrawn.empty())
      advisory.withdrawn = advisory.modified.empty() ? advisory.published : advisory.modified;
    if (nvd) advisory.details.clear();  // the facts have it
    std::erase(advisory.aliases, advisory.id);
    if (nvd && cve) {
      advisory.aliases = {group.name};
    } else if (cve) {
      advisory.aliases.clear();
      advisory.related = {group.name};
    } else if (!languages) {
      // What a distribution's advisory is about are vulnerabilities of their own.
      advisory.related = std::exchange(advisory.aliases, {});
    }
    sink_.Add(advisory);
  }

  void GiveFacts(const Group& group, bool withdrawn) {
    model::VulnerabilityFacts facts;
    facts.id = group.name;
    facts.source = kNvd;
    facts.rejected = withdrawn && group.rejected;
    facts.published = group.advisory.published;
    facts.modified = group.advisory.modified;
    facts.description = group.advisory.details;
    facts.cvss = group.advisory.cvss;
    if (const auto known = weaknesses_.find(group.name); known != weaknesses_.end()) {
      for (const std::uint32_t number : known->second) facts.cwes.push_back(Format("CWE-{}", number));
      weaknesses_.erase(known);
    }
    sink_.AddFacts(facts);
  }

  template <typename Visit>
  Result<void> ForEach(std::string_view table, io::SqliteFile::Columns columns, const Visit& visit) {
    HF_TRY_IN(table, io::SqliteRows rows, database_.file->Rows(table, columns));
    for (std::size_t count = 0;; ++count) {
      HF_TRY_IN(table, const bool more, rows.Next());
      if (!more) return {};
      if (count == kGrypeFactsMax) return Fail(ErrorKind::kLimit, Format("{}: more than {} rows", table, count));
      HF_CHECK_OK(visit(std::as_const(rows)));
    }
  }

  Result<void> ReadWeaknesses() {
    constexpr std::array<std::string_view, 2> kColumns = {"cve", "cwe"};
    constexpr std::string_view kPrefix = "CWE-";
    constexpr std::size_t kOfOneMax = 100;
    return ForEach("cwe_handles", kColumns, [&](const io::SqliteRows& row) -> Result<void> {
      const std::string_view cve = row.Text(0), cwe = row.Text(1);
      std::uint32_t number = 0;
      if (!IsGrypeCve(cve) || !cwe.starts_with(kPrefix)) return {};
      const auto [end, error] = std::from_chars(cwe.data() + kPrefix.size(), cwe.data() + cwe.size(), number);
      if (error != std::errc() || end != cwe.data() + cwe.size()) return {};
      auto& numbers = weaknesses_[std::string(cve)];
      if (numbers.size() < kOfOneMax && std::ranges::find(numbers, number) == numbers.end()) numbers.push_back(number);
      return {};
    });
  }

  // Of CVEs that nvd has no record of.
  void GiveOtherWeaknesses() {
    for (const auto& [cve, numbers] : weaknesses_) {
      model::VulnerabilityFacts facts;
      facts.id = cve;
      facts.source = kNvd;
      for (const std::uint32_t number : numbers) facts.cwes.push_back(Format("CWE-{}", number));
      sink_.AddFacts(facts);
    }
    weaknesses_.clear();
  }

  Result<void> GiveScores() {
    std::string day;
    constexpr std::array<std::string_view, 1> kDateColumn = {"date"};
    HF_CHECK_OK(ForEach("epss_metadata", kDateColumn, [&](const io::SqliteRows& row) -> Result<void> {
      day = std::max(day, GrypeTime(row.Text(0)));
      return {};
    }));
    constexpr std::array<std::string_view, 3> kColumns = {"cve", "epss", "percentile"};
    const auto is_share = [](std::optional<double> value) { return value && *value >= 0 && *value <= 1; };
    std::uint64_t broken = 0;
    HF_CHECK_OK(ForEach("epss_handles", kColumns, [&](const io::SqliteRows& row) -> Result<void> {
      model::VulnerabilityFacts facts;
      facts.id = row.Text(0);
      facts.source = "epss";
      facts.modified = day;
      if (!IsGrypeCve(facts.id) || !is_share(row.Number(1)) || !is_share(row.Number(2))) {
        ++broken;
        return {};
      }
      facts.epss = model::Epss{*row.Number(1), *row.Number(2)};
      sink_.AddFacts(facts);
      return {};
    }));
    if (broken > 0) sink_.Problem(Error(ErrorKind::kCorrupt, Format("scores of EPSS that are none: {}", broken)));
    return {};
  }

  Result<void> GiveKnownExploited() {
    constexpr std::string_view kSource = "kev";
    const auto provider = std::ranges::find(database_.providers, kSource);
    const std::string captured =
        provider == database_.providers.end()
            ? std::string()
            : database_.captured[static_cast<std::size_t>(provider - database_.providers.begin())];
    constexpr std::array<std::string_view, 1> kColumns = {"blob_id"};
    return ForEach("known_exploited_vulnerability_handles", kColumns, [&](const io::SqliteRows& row) -> Result<void> {
      HF_TRY(const auto blob, Blob(row.Integer(0).value_or(0)));
      auto facts = ParseGrypeKnownExploited(blob.value_or("{}"));
      if (!facts) {
        sink_.Problem(facts.error());
        return {};
      }
      facts->source = kSource;
      facts->modified = captured;
      sink_.AddFacts(*facts);
      return {};
    });
  }

  struct KeyHash {
    std::size_t operator()(const std::pair<std::uint32_t, const version::Scheme*>& key) const {
      return std::hash<std::uint32_t>()(key.first) ^ std::hash<const void*>()(key.second);
    }
  };

  GrypeDatabase& database_;
  io::SqliteRows records_, blobs_;
  AdvisorySink& sink_;
  std::unordered_map<std::pair<std::uint32_t, const version::Scheme*>, std::shared_ptr<const GrypePackage>, KeyHash>
      cached_;
  std::map<std::string, std::vector<std::uint32_t>> weaknesses_;  // by CVE
  std::uint64_t rootio_ = 0, parsed_bytes_ = 0;
  std::size_t cached_bytes_ = 0;
};

class GrypeProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "grype"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    return document.notation == Notation::kSqlite && LooksLikeGrype(document.path);
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    HF_TRY(GrypeDatabase database, GrypeDatabase::Read(document.path));
    constexpr std::array<std::string_view, 6> kRecord = {"name",          "status",         "published_date",
                                                         "modified_date", "withdrawn_date", "blob_id"};
    constexpr std::array<std::string_view, 1> kBlob = {"value"};
    HF_TRY(io::SqliteRows records, database.file->RowsById("vulnerability_handles", kRecord));
    HF_TRY(io::SqliteRows blobs, database.file->RowsById("blobs", kBlob));
    return Giver(database, std::move(records), std::move(blobs), sink).Give();
  }
};

}  // namespace

std::unique_ptr<Provider> MakeGrypeProvider() { return std::make_unique<GrypeProvider>(); }

}  // namespace holdfast::advisory
