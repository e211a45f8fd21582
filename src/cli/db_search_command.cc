// What a snapshot says, for people who want to know why: db search and db diff.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "advisory/snapshot.h"
#include "advisory/snapshot_diff.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "cvss/score.h"
#include "io/json.h"
#include "io/safe_text.h"

namespace holdfast::cli {
namespace {

using advisory::Snapshot;

constexpr std::size_t kDescriptionShown = 2000;
constexpr std::size_t kChoicesShown = 40;

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// One row of what an advisory says about a package.
struct Row {
  std::string advisory_id, ecosystem, release, package, versions, fix_state, severity, module_label;
};

std::string VersionsOf(const model::AffectedView& view) {
  std::string text;
  for (const model::RangeView& range : view.ranges) {
    std::string part = range.introduced == "0" ? "" : Format(">= {}", range.introduced);
    if (range.end_kind == model::RangeEnd::kFixed) part += Format("{}< {}", part.empty() ? "" : ", ", range.end);
    if (range.end_kind == model::RangeEnd::kLastAffected)
      part += Format("{}<= {}", part.empty() ? "" : ", ", range.end);
    text += Format("{}{}", text.empty() ? "" : " or ", part.empty() ? "all" : part);
  }
  for (const std::string_view version : view.versions) text += Format("{}{}", text.empty() ? "" : " or ", version);
  return text;
}

// What was found.
struct Found {
  std::optional<model::VulnerabilityFacts> facts;
  std::string description;
  std::vector<model::Advisory> advisories;
  std::vector<std::string> details;  // of each
  std::vector<Row> rows;
  [[nodiscard]] bool Empty() const { return !facts && advisories.empty() && rows.empty(); }
};

class Search {
 public:
  explicit Search(const Snapshot& snapshot) : snapshot_(snapshot) {}

  Result<Found> Run(const std::string& what) {
    // npm's "@scope/name" begins with one that names no ecosystem.
    const std::size_t at = what.rfind('@');
    if (at != std::string::npos && at > 0) {
      HF_TRY(const auto places, Places(what.substr(at + 1)));
      HF_CHECK_OK(Package(what.substr(0, at), places));
      return std::move(found_);
    }
    for (const std::string& name : {what, UpperCase(what)}) {
      HF_CHECK_OK(Vulnerability(name));
      if (!found_.Empty()) return std::move(found_);
    }
    std::vector<model::EcosystemRelease> everywhere;
    for (const auto& row : snapshot_.Info().coverage) everywhere.push_back(row.release);
    HF_CHECK_OK(Package(what, everywhere));
    return std::move(found_);
  }

 private:
  static std::string UpperCase(std::string text) {
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
  }

  // "Debian", "debian:12": in any case, as the snapshot has them. kInvalidInput tells what it has.
  [[nodiscard]] Result<std::vector<model::EcosystemRelease>> Places(std::string_view text) const {
    std::string_view rest = text;
    const std::string_view ecosystem = TakeUntil(rest, ':');
    const bool any_release = ecosystem.size() == text.size();
    std::vector<model::EcosystemRelease> places;
    std::vector<std::string> ecosystems, releases;
    for (const auto& [place, packages] : snapshot_.Info().coverage) {
      if (ecosystems.empty() || ecosystems.back() != place.ecosystem) ecosystems.push_back(place.ecosystem);
      if (!EqualsIgnoreCase(place.ecosystem, ecosystem)) continue;
      releases.push_back(place.release);
      if (any_release || EqualsIgnoreCase(place.release, rest)) places.push_back(place);
    }
    if (!places.empty()) return places;
    if (releases.empty())
      return Fail(ErrorKind::kInvalidInput, Format("there is no ecosystem '{}' in the snapshot; there are: {}",
                                                   io::SafeText(ecosystem), Choices(ecosystems)));
    return Fail(ErrorKind::kInvalidInput, Format("there is no release '{}' of {} in the snapshot; there are: {}",
                                                 io::SafeText(rest), io::SafeText(ecosystem), Choices(releases)));
  }

  static std::string Choices(const std::vector<std::string>& choices) {
    std::string text;
    for (std::size_t i = 0; i < std::min(choices.size(), kChoicesShown); ++i)
      text += Format("{}{}", i == 0 ? "" : ", ", choices[i].empty() ? "(none)" : choices[i]);
    if (choices.size() > kChoicesShown) text += Format(" and {} more", choices.size() - kChoicesShown);
    return text;
  }

  Result<void> Vulnerability(const std::string& name) {
    HF_TRY(found_.facts, snapshot_.FindFacts(name));
    HF_TRY(auto description, snapshot_.FindDescription(name));
    found_.description = std::move(description).value_or("");
    HF_TRY(const auto ids, snapshot_.FindByAlias(name));
    for (const std::string& id : ids) {
      HF_TRY(const bool there, Advisory(id));
      if (!there) continue;
      for (const model::Affected& affected : found_.advisories.back().affected)
        HF_CHECK_OK(Rows({affected.ecosystem, affected.release}, affected.package, id));
    }
    return {};
  }

  Result<void> Package(const std::string& name, const std::vector<model::EcosystemRelease>& places) {
    for (const auto& place : places) HF_CHECK_OK(Rows(place, name, ""));
    std::vector<std::string> ids;
    for (const Row& row : found_.rows) ids.push_back(row.advisory_id);
    std::ranges::sort(ids);
    const auto repeated = std::ranges::unique(ids);
    ids.erase(repeated.begin(), repeated.end());
    for (const std::string& id : ids) HF_CHECK_OK(Advisory(id));
    return {};
  }

  Result<bool> Advisory(const std::string& id) {
    HF_TRY(auto advisory, snapshot_.FindAdvisory(id));
    if (!advisory) return false;
    HF_TRY(auto details, snapshot_.FindDetails(id));
    found_.advisories.push_back(*std::move(advisory));
    found_.details.push_back(std::move(details).value_or(""));
    return true;
  }

  // Of one advisory, or of all.
  Result<void> Rows(const model::EcosystemRelease& place, const std::string& name, std::string_view only) {
    return snapshot_.VisitAffected(place.ecosystem, place.release, name, [&](const model::AffectedView& view) {
      if (!only.empty() && view.advisory_id != only) return;
      found_.rows.push_back({std::string(view.advisory_id), place.ecosystem, place.release, name, VersionsOf(view),
                             std::string(model::FixStateName(view.fix_state)),
                             std::string(model::SeverityName(view.severity)), std::string(view.module_label)});
    });
  }

  const Snapshot& snapshot_;
  Found found_;
};

std::optional<double> ScoreOf(const model::CvssVector& vector) {
  const auto parsed = cvss::Vector::Parse(vector.vector);
  if (!parsed) return std::nullopt;
  return cvss::OverallScore(*parsed);
}

std::string Line(std::string_view name, std::string_view value) {
  return value.empty() ? std::string() : Format("{:<15}{}\n", name, io::SafeText(value));
}

std::string CvssLines(const std::vector<model::CvssVector>& vectors) {
  std::string text;
  for (const model::CvssVector& vector : vectors) {
    const auto score = ScoreOf(vector);
    text += Line("CVSS", Format("{}{}{}{}", score ? Format("{:.1f}  ", *score) : "", vector.vector,
                                vector.source.empty() ? "" : "  by ", vector.source));
  }
  return text;
}

std::string Join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

std::string FactsText(const Found& found) {
  if (!found.facts) return {};
  const model::VulnerabilityFacts& facts = *found.facts;
  std::string text = Line("vulnerability", facts.id + (facts.rejected ? " (rejected)" : ""));
  text += Line("published", facts.published) + CvssLines(facts.cvss) + Line("weaknesses", Join(facts.cwes));
  if (facts.epss)
    text += Line("EPSS", Format("{:.3f}% within 30 days, higher than {:.1f}% of all", 100 * facts.epss->probability,
                                100 * facts.epss->percentile));
  if (facts.known_exploited)
    text += Line("exploited", Format("known to be, since {}{}", facts.known_exploited->added,
                                     facts.known_exploited->ransomware ? ", in ransomware campaigns" : ""));
  if (facts.ssvc)
    text += Line("SSVC", Format("exploitation {}, automatable {}, technical impact {}", facts.ssvc->exploitation,
                                facts.ssvc->automatable, facts.ssvc->technical_impact));
  text += Line("facts of", facts.source);
  return text + Line("description", CleanText(found.description, kDescriptionShown)) + "\n";
}

std::string TextOf(const Found& found, const Options& options) {
  std::string text = FactsText(found);
  for (const model::Advisory& advisory : found.advisories) {
    text += Line("advisory", advisory.id + (advisory.withdrawn.empty() ? "" : " (withdrawn)"));
    text += Line("source", advisory.source) + Line("aliases", Join(advisory.aliases));
    text += Line("related", Join(advisory.related)) + Line("summary", CleanText(advisory.summary, kDescriptionShown));
    text += Line("severity", model::SeverityName(advisory.severity)) + CvssLines(advisory.cvss);
    text += Line("modified", advisory.modified) + "\n";
  }
  Table rows({{"ADVISORY"}, {"ECOSYSTEM"}, {"RELEASE"}, {"PACKAGE"}, {"AFFECTED", 12}, {"FIX"}, {"SEVERITY"}});
  for (const Row& row : found.rows)
    rows.Add({{row.advisory_id},
              {row.ecosystem},
              {row.release},
              {row.package + (row.module_label.empty() ? "" : " (" + row.module_label + ")")},
              {row.versions},
              {row.fix_state},
              {row.severity}});
  return rows.Empty() ? text : text + rows.Render(TerminalWidth(STDOUT_FILENO), UseColor(options.color, STDOUT_FILENO));
}

void PutTexts(io::JsonWriter& writer, std::string_view key, const std::vector<std::string>& texts) {
  writer.Key(key).BeginArray();
  for (const std::string& text : texts) writer.String(text);
  writer.EndArray();
}

void PutCvss(io::JsonWriter& writer, const std::vector<model::CvssVector>& vectors) {
  writer.Key("cvss").BeginArray();
  for (const model::CvssVector& vector : vectors) {
    writer.BeginObject().Field("version", vector.version).Field("vector", vector.vector);
    writer.OptionalField("source", vector.source);
    if (const auto score = ScoreOf(vector)) writer.Key("score").Double(*score);
    writer.EndObject();
  }
  writer.EndArray();
}

void PutFacts(io::JsonWriter& writer, const Found& found) {
  writer.Key("vulnerability");
  if (!found.facts) {
    writer.Null();
    return;
  }
  const model::VulnerabilityFacts& facts = *found.facts;
  writer.BeginObject().Field("id", facts.id).Field("sources", facts.source).Key("rejected").Bool(facts.rejected);
  writer.OptionalField("published", facts.published).OptionalField("modified", facts.modified);
  writer.OptionalField("description", found.description);
  PutCvss(writer, facts.cvss);
  PutTexts(writer, "cwes", facts.cwes);
  if (facts.epss)
    writer.Key("epss")
        .BeginObject()
        .Key("probability")
        .Double(facts.epss->probability)
        .Key("percentile")
        .Double(facts.epss->percentile)
        .EndObject();
  if (facts.known_exploited)
    writer.Key("known_exploited")
        .BeginObject()
        .Field("added", facts.known_exploited->added)
        .Field("due", facts.known_exploited->due)
        .Field("required_action", facts.known_exploited->required_action)
        .Key("ransomware")
        .Bool(facts.known_exploited->ransomware)
        .EndObject();
  if (facts.ssvc)
    writer.Key("ssvc")
        .BeginObject()
        .Field("exploitation", facts.ssvc->exploitation)
        .Field("automatable", facts.ssvc->automatable)
        .Field("technical_impact", facts.ssvc->technical_impact)
        .Field("decided", facts.ssvc->decided)
        .EndObject();
  writer.EndObject();
}

std::string JsonOf(const Found& found, std::string_view query) {
  io::JsonWriter writer(2);
  writer.BeginObject().Field("query", query);
  PutFacts(writer, found);
  writer.Key("advisories").BeginArray();
  for (std::size_t i = 0; i < found.advisories.size(); ++i) {
    const model::Advisory& advisory = found.advisories[i];
    writer.BeginObject().Field("id", advisory.id).Field("source", advisory.source);
    PutTexts(writer, "aliases", advisory.aliases);
    PutTexts(writer, "related", advisory.related);
    writer.Field("severity", model::SeverityName(advisory.severity)).OptionalField("summary", advisory.summary);
    writer.OptionalField("details", found.details[i]).OptionalField("published", advisory.published);
    writer.OptionalField("modified", advisory.modified).OptionalField("withdrawn", advisory.withdrawn);
    PutCvss(writer, advisory.cvss);
    PutTexts(writer, "cwes", advisory.cwes);
    writer.Key("references").BeginArray();
    for (const auto& reference : advisory.references) writer.String(reference.url);
    writer.EndArray().EndObject();
  }
  writer.EndArray().Key("affected").BeginArray();
  for (const Row& row : found.rows) {
    writer.BeginObject().Field("advisory", row.advisory_id).Field("ecosystem", row.ecosystem);
    writer.Field("release", row.release).Field("package", row.package).OptionalField("module", row.module_label);
    writer.Field("versions", row.versions).Field("fix_state", row.fix_state).Field("severity", row.severity);
    writer.EndObject();
  }
  return writer.EndArray().EndObject().Take() + "\n";
}

// One difference, for people and programs.
struct Difference {
  advisory::Change change;
  std::string text;
};
using Differences = std::vector<Difference>;

std::array<std::uint64_t, 3> Count(const Differences& differences) {
  std::array<std::uint64_t, 3> counts{};
  for (const Difference& difference : differences) ++counts.at(static_cast<std::size_t>(difference.change));
  return counts;
}

void PutDifferences(io::JsonWriter& writer, std::string_view key, const Differences& differences) {
  writer.Key(key).BeginObject();
  for (const auto change : {advisory::Change::kAdded, advisory::Change::kChanged, advisory::Change::kRemoved}) {
    writer.Key(advisory::ChangeName(change)).BeginArray();
    for (const Difference& difference : differences)
      if (difference.change == change) writer.String(difference.text);
    writer.EndArray();
  }
  writer.EndObject();
}

std::string DifferenceText(std::string_view what, const Differences& differences, bool each) {
  const auto [added, changed, removed] = Count(differences);
  std::string text = Format("{:<16} {} added, {} changed, {} removed\n", what, added, changed, removed);
  if (!each) return text;
  for (const Difference& difference : differences)
    text += Format("  {:<8} {}\n", advisory::ChangeName(difference.change), io::SafeText(difference.text));
  return text;
}

std::string PlaceOf(const model::EcosystemRelease& where, std::string_view name) {
  return Format("{}@{}{}{}", name, where.ecosystem, where.release.empty() ? "" : ":", where.release);
}

}  // namespace

ExitCode RunDbSearch(const Options& options, Logger& logger) {
  const auto snapshot = Snapshot::Open(options.database);
  if (!snapshot) return DbFailure(logger, snapshot.error());
  const auto found = Search(**snapshot).Run(options.target);
  if (!found) return DbFailure(logger, found.error());
  if (found->Empty())
    logger.Warning(Format("the snapshot has nothing about '{}': no vulnerability, advisory or package is called so",
                          io::SafeText(options.target)));
  Print(options.list_output == "json" ? JsonOf(*found, options.target) : TextOf(*found, options));
  return ExitCode::kOk;
}

ExitCode RunDbDiff(const Options& options, Logger& logger) {
  Differences packages, advisories, vulnerabilities;
  const advisory::DiffVisitor visitor{
      .package = [&](const auto& where, auto name, auto change) { packages.push_back({change, PlaceOf(where, name)}); },
      .advisory = [&](auto id, auto change) { advisories.push_back({change, std::string(id)}); },
      .vulnerability = [&](auto cve, auto change) { vulnerabilities.push_back({change, std::string(cve)}); }};
  const auto result = [&]() -> Result<advisory::DiffResult> {
    for (const std::string& path : {options.target, options.second_target})
      if (auto verified = Snapshot::Verify(path); !verified)
        return std::unexpected(std::move(verified).error().In(path));
    HF_TRY_IN(options.target, const auto before, Snapshot::Open(options.target));
    HF_TRY_IN(options.second_target, const auto after, Snapshot::Open(options.second_target));
    return advisory::Diff(*before, *after, visitor);
  }();
  if (!result) return DbFailure(logger, result.error());
  if (options.list_output == "json") {
    io::JsonWriter writer(2);
    writer.BeginObject();
    PutDifferences(writer, "advisories", advisories);
    PutDifferences(writer, "packages", packages);
    PutDifferences(writer, "vulnerabilities", vulnerabilities);
    writer.Key("epss_scores").Unsigned(result->epss).Key("long_names").Bool(result->long_names).EndObject();
    Print(writer.Take() + "\n");
    return ExitCode::kOk;
  }
  const bool each = options.verbose > 0;
  Print(DifferenceText("advisories", advisories, each) + DifferenceText("packages", packages, each) +
        DifferenceText("vulnerabilities", vulnerabilities, each) +
        Format("{:<16} {} differ\n", "EPSS scores", result->epss));
  if (result->long_names) logger.Info("packages with very long names differ, too");
  return ExitCode::kOk;
}

}  // namespace holdfast::cli
