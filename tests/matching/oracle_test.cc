// The indexed matcher against a brute-force one, on all AlmaLinux, Go, PyPI and GitHub advisories.
//
// The oracle keeps OSV documents as they are written and evaluates each package against each of them by
// the pseudocode of the OSV schema ("Evaluation"): no index, no intervals, no snapshot. Only the JSON reader
// and the order of versions are shared.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "advisory/source_reader.h"
#include "base/format.h"
#include "io/json.h"
#include "match/search.h"
#include "service/snapshot_lookup.h"
#include "support/test_support.h"
#include "version/scheme.h"

namespace holdfast {
namespace {

using test::Value;

struct Event {
  std::string kind, version;
};

struct RawAffected {
  std::string id, ecosystem, name;
  std::vector<std::vector<Event>> ranges;
  std::vector<std::string> versions;
  std::string module;  // "" or the text between "Severity: " and " security", if it has a colon
};

// PEP 503's own regular expression, by hand: re.sub(r"[-_.]+", "-", name).lower().
std::string PythonName(const std::string& name) {
  std::string result;
  for (const char c : name) {
    const char mapped = c == '_' || c == '.' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (mapped != '-' || result.empty() || result.back() != '-') result.push_back(mapped);
  }
  return result;
}

const std::map<std::string, std::string>& Schemes() {
  static const std::map<std::string, std::string> schemes = {
      {"AlmaLinux:8", "rpm"}, {"AlmaLinux:9", "rpm"}, {"AlmaLinux:10", "rpm"},
      {"Go", "go"},           {"PyPI", "pep440"},     {"npm", "npm"},
      {"Maven", "maven"},     {"RubyGems", "gem"},    {"crates.io", "semver"}};
  return schemes;
}

bool NamesCve(io::JsonView list) {
  for (const io::JsonView item : list)
    if (item.StringOr("").starts_with("CVE-")) return true;
  return false;
}

std::string ModuleOf(std::string_view summary) {
  const std::size_t begin = summary.find(": ");
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = summary.substr(begin + 2);
  const std::string_view first = rest.substr(0, rest.find(' '));
  return first.find(':') == std::string_view::npos ? std::string() : std::string(rest);
}

void Keep(io::JsonView root, std::vector<RawAffected>& all) {
  const std::string id(root["id"].StringOr(""));
  if (!root["withdrawn"].IsNull()) return;
  if ((id.starts_with("ALBA") || id.starts_with("ALEA")) && !NamesCve(root["related"])) return;
  for (const io::JsonView item : root["affected"]) {
    RawAffected affected;
    affected.id = id;
    affected.ecosystem = item["package"]["ecosystem"].StringOr("");
    affected.name = item["package"]["name"].StringOr("");
    if (!Schemes().contains(affected.ecosystem)) continue;
    if (affected.ecosystem == "PyPI") affected.name = PythonName(affected.name);
    if (affected.ecosystem.starts_with("AlmaLinux")) affected.module = ModuleOf(root["summary"].StringOr(""));
    for (const io::JsonView range : item["ranges"]) {
      if (range["type"].StringOr("") == "GIT") continue;
      auto& events = affected.ranges.emplace_back();
      for (const io::JsonView event : range["events"])
        for (std::size_t i = 0; i < event.Size(); ++i)
          events.push_back({std::string(event.KeyAt(i)), std::string(event.At(i).StringOr(""))});
      // GitHub's statement beside an open range: what osv.dev itself turns into an event.
      const std::string_view last = item["database_specific"]["last_known_affected_version_range"].StringOr("");
      if (events.size() != 1 || item["ranges"].Size() != 1) continue;
      if (last.starts_with("<= ")) events.push_back({"last_affected", std::string(last.substr(3))});
      if (last.starts_with("< ")) events.push_back({"fixed", std::string(last.substr(2))});
    }
    for (const io::JsonView version : item["versions"]) affected.versions.emplace_back(version.StringOr(""));
    all.push_back(std::move(affected));
  }
}

class Oracle {
 public:
  Oracle(const std::vector<RawAffected>& all, std::string ecosystem)
      : all_(all), ecosystem_(std::move(ecosystem)), scheme_(*version::FindScheme(Schemes().at(ecosystem_))) {}

  std::set<std::string> Matches(const std::string& name, const std::string& version, const std::string& label) const {
    std::set<std::string> ids;
    for (const RawAffected& affected : all_)
      if (affected.ecosystem == ecosystem_ && affected.name == name && ModuleFits(affected, version, label) &&
          Affects(affected, version))
        ids.insert(affected.id);
    return ids;
  }

 private:
  int Order(std::string_view a, std::string_view b) const {
    if (a == b) return 0;
    if (a == "0" || b == "0") return a == "0" ? -1 : 1;
    const auto order = version::Compare(scheme_, a, b);
    if (!order) throw std::runtime_error(Format("cannot compare {} and {}", a, b));
    return *order < 0 ? -1 : *order > 0 ? 1 : 0;
  }

  bool Affects(const RawAffected& affected, const std::string& version) const {
    for (const std::string& listed : affected.versions)
      if (Readable(listed) && Order(listed, version) == 0) return true;
    return std::ranges::any_of(affected.ranges, [&](const auto& events) {
      // A few advisories state ends that are no versions ("4.1.0-NA"): nobody can decide these.
      const bool readable = std::ranges::all_of(
          events, [this](const Event& event) { return event.version == "0" || Readable(event.version); });
      return readable && InRange(events, version);
    });
  }

  bool InRange(std::vector<Event> events, const std::string& version) const {
    // Insertion sort: stable, and nothing that the project's own code uses.
    for (std::size_t i = 1; i < events.size(); ++i)
      for (std::size_t j = i; j > 0 && Order(events[j].version, events[j - 1].version) < 0; --j)
        std::swap(events[j], events[j - 1]);
    bool vulnerable = false;
    for (const Event& event : events) {
      const int order = Order(version, event.version);
      if (event.kind == "introduced" && order >= 0) vulnerable = true;
      if (event.kind == "fixed" && order >= 0) vulnerable = false;
      if (event.kind == "last_affected" && order > 0) vulnerable = false;
    }
    return vulnerable;
  }

  bool Readable(std::string_view version) const { return version::Compare(scheme_, version, version).has_value(); }

  static bool ModuleFits(const RawAffected& affected, const std::string& version, const std::string& label) {
    if (!affected.ecosystem.starts_with("AlmaLinux")) return true;
    bool modular = !affected.module.empty();
    for (const auto& events : affected.ranges)
      for (const Event& event : events) modular = modular || event.version.find(".module") != std::string::npos;
    if (modular != (version.find(".module") != std::string::npos)) return false;
    if (affected.module.empty() || label.empty()) return true;
    return (" " + affected.module + " ").find(" " + label + " ") != std::string::npos;
  }

  const std::vector<RawAffected>& all_;
  std::string ecosystem_;
  const version::Scheme& scheme_;
};

model::Package PackageOf(const std::string& ecosystem, const std::string& name, const std::string& version,
                         const std::string& label) {
  model::Package package;
  package.name = name;
  package.version = version;
  package.version_scheme = Schemes().at(ecosystem);
  if (!ecosystem.starts_with("AlmaLinux")) package.ecosystem = ecosystem;
  if (!label.empty()) package.module_label = label + ":8000:abc";
  return package;
}

std::vector<RawAffected> ReadAll(const std::filesystem::path& folder) {
  std::vector<RawAffected> all;
  advisory::SourceVisitor visitor;
  visitor.document = [&](const advisory::SourceDocument& document) {
    const auto parsed = document.notation == advisory::Notation::kJson ? io::JsonDocument::Parse(document.text)
                                                                       : io::JsonDocument::ParseYaml(document.text);
    if (parsed) Keep(parsed->Root(), all);
  };
  visitor.problem = [](std::string_view name, const Error& error) { ADD_FAILURE() << name << ": " << error.Message(); };
  visitor.other = [](std::string_view) {};
  Value(advisory::ReadSources(folder, visitor));
  return all;
}

// Versions at which something changes for a package: those of its events and lists, and one below all.
std::vector<std::string> Boundaries(const std::vector<const RawAffected*>& of_package) {
  std::set<std::string> versions = {"0.0.1"};
  for (const RawAffected* affected : of_package) {
    for (const auto& events : affected->ranges)
      for (const Event& event : events) versions.insert(event.version);
    versions.insert(affected->versions.begin(), affected->versions.end());
  }
  versions.erase("0");
  return {versions.begin(), versions.end()};
}

TEST(MatchingOracle, AgreesOnGeneratedPackages) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  const auto data = folder.Path() / "data";
  std::filesystem::create_directories(data);
  for (const std::string_view name : {"almalinux-osv", "go-osv", "pypa-osv", "ghsa-osv"})
    std::filesystem::copy(*shared / "advisories" / Format("{}.tar.zst", name), data / Format("{}.tar.zst", name));
  const auto path = folder.Path() / "snapshot";
  const auto report =
      Value(advisory::BuildSnapshot(advisory::BuiltinProviders(), data, path, {.built = "2026-01-01T00:00:00Z"}));
  EXPECT_EQ(report.rejected, 0U);
  const auto snapshot = Value(advisory::Snapshot::Open(path));
  const service::SnapshotLookup lookup(*snapshot);
  const std::vector<RawAffected> all = ReadAll(data);

  std::map<std::string, std::map<std::string, std::vector<const RawAffected*>>> packages;
  for (const RawAffected& affected : all) packages[affected.ecosystem][affected.name].push_back(&affected);
  std::mt19937 random(20260101);
  std::size_t compared = 0, found = 0, undecided = 0;
  for (const auto& [ecosystem, by_name] : packages) {
    const Oracle oracle(all, ecosystem);
    std::vector<model::EcosystemRelease> distro;
    if (ecosystem.starts_with("AlmaLinux")) distro = {{"AlmaLinux", ecosystem.substr(10)}};
    for (int i = 0; i < 120; ++i) {
      const auto& [name, rows] = *std::next(by_name.begin(), static_cast<std::ptrdiff_t>(random() % by_name.size()));
      const auto versions = Boundaries(rows);
      const std::string version = versions[random() % versions.size()];
      const RawAffected& any = *rows[random() % rows.size()];
      const std::string label =
          version.find(".module") == std::string::npos ? "" : any.module.substr(0, any.module.find(' '));
      const auto result = Value(match::SearchPackage(PackageOf(ecosystem, name, version, label), distro, lookup));
      std::set<std::string> ids;
      for (const match::Hit& hit : result.hits) ids.insert(hit.advisory_id);
      const auto scheme = version::FindScheme(Schemes().at(ecosystem));
      if (!version::Compare(*scheme, version, version)) continue;
      EXPECT_EQ(ids, oracle.Matches(name, version, label)) << Format("{} {} {} {}", ecosystem, name, version, label);
      undecided += result.problem.empty() ? 0U : 1U;
      ++compared;
      found += ids.size();
    }
  }
  EXPECT_GT(compared, 1000U);
  EXPECT_LT(undecided, compared / 50);
  EXPECT_GT(found, compared / 2) << "packages without any advisory prove little";
}

}  // namespace
}  // namespace holdfast
