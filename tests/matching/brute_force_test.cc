// The indexed matcher against a brute-force one, on every advisory set and every image at hand.
//
// The oracle keeps the advisories as the providers gave them and holds each package against each row of each: no index,
// no snapshot, no prepared candidates. It knows the matching rules from their documentation and was written apart from
// the code; only the orders of versions, the table of ecosystems and the mapping of distributions are shared.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "advisory/build.h"
#include "advisory/builtin/builtin.h"
#include "base/format.h"
#include "image/open.h"
#include "match/distro.h"
#include "match/search.h"
#include "service/analyse_image.h"
#include "service/analyzer.h"
#include "service/snapshot_lookup.h"
#include "support/test_support.h"
#include "version/scheme.h"

namespace holdfast {
namespace {

using test::Value;

// Hands everything through, and keeps what matching needs of it.
class Tee final : public advisory::AdvisorySink {
 public:
  Tee(advisory::AdvisorySink& next, std::vector<model::Advisory>& kept) : next_(next), kept_(kept) {}
  void Add(const model::Advisory& advisory) override {
    model::Advisory& kept = kept_.emplace_back();
    kept.id = advisory.id;
    kept.modified = advisory.modified;
    kept.withdrawn = advisory.withdrawn;
    kept.affected = advisory.affected;
    next_.Add(advisory);
  }
  void AddFacts(const model::VulnerabilityFacts& facts) override { next_.AddFacts(facts); }
  void AddReleaseLife(const model::ReleaseLife& life) override { next_.AddReleaseLife(life); }
  void LeaveOut() override { next_.LeaveOut(); }
  void Problem(const Error& error) override { next_.Problem(error); }

 private:
  advisory::AdvisorySink& next_;
  std::vector<model::Advisory>& kept_;
};

class Recording final : public advisory::Provider {
 public:
  Recording(std::unique_ptr<advisory::Provider> provider, std::vector<model::Advisory>& kept)
      : provider_(std::move(provider)), kept_(kept) {}
  [[nodiscard]] std::string_view Id() const override { return provider_->Id(); }
  [[nodiscard]] bool Recognises(const advisory::Document& document) const override {
    return provider_->Recognises(document);
  }
  [[nodiscard]] Result<void> Read(const advisory::Document& document, advisory::AdvisorySink& sink) override {
    Tee tee(sink, kept_);
    return provider_->Read(document, tee);
  }
  void Finish(advisory::AdvisorySink& sink) override {
    Tee tee(sink, kept_);
    provider_->Finish(tee);
  }

 private:
  std::unique_ptr<advisory::Provider> provider_;
  std::vector<model::Advisory>& kept_;
};

// Of several advisories with one id the one without a date holds, else the newest; where that does not settle it, the
// oracle has no opinion.
struct Known {
  std::vector<model::Advisory> advisories;
  std::set<std::string> unsettled;
};

Known Settle(std::vector<model::Advisory> all) {
  Known known;
  std::map<std::string, std::size_t> places;
  for (model::Advisory& advisory : all) {
    const auto [place, fresh] = places.emplace(advisory.id, known.advisories.size());
    if (fresh) {
      known.advisories.push_back(std::move(advisory));
      continue;
    }
    model::Advisory& held = known.advisories[place->second];
    if (held.modified == advisory.modified) {
      if (held.affected != advisory.affected) known.unsettled.insert(advisory.id);
    } else if (!held.modified.empty() && (advisory.modified.empty() || held.modified < advisory.modified)) {
      held = std::move(advisory);
    }
  }
  return known;
}

// One way to ask for a package.
struct Name {
  std::string text, version;
  bool source = false, marked_only = false, without_epoch = false;
};

std::string StripEpoch(const std::string& version) {
  const std::size_t colon = version.find(':');
  return colon == std::string::npos ? version : version.substr(colon + 1);
}

class BruteForce {
 public:
  explicit BruteForce(const Known& known) : known_(known) {}

  std::set<std::string> Matches(const model::Package& package,
                                const std::vector<model::EcosystemRelease>& distro) const {
    std::set<std::string> ids;
    for (const model::Advisory& advisory : known_.advisories)
      for (const model::Affected& row : advisory.affected)
        if (advisory.withdrawn.empty() && Concerns(row, package, distro)) ids.insert(advisory.id);
    return ids;
  }

 private:
  static bool Concerns(const model::Affected& row, const model::Package& package,
                       const std::vector<model::EcosystemRelease>& distro) {
    if (row.fix_state == model::FixState::kNotAffected) return false;
    const bool language = !package.ecosystem.empty();
    if (language && (row.ecosystem != package.ecosystem || !row.release.empty())) return false;
    if (!language && std::ranges::find(distro, model::EcosystemRelease{row.ecosystem, row.release}) == distro.end())
      return false;
    const std::string wanted = model::NormalisePackageName(row.ecosystem, row.package);
    for (const Name& name : language ? LanguageNames(package) : DistroNames(row.ecosystem, package))
      if (name.text == wanted && Holds(row, package, name)) return true;
    return false;
  }

  static std::vector<Name> LanguageNames(const model::Package& package) {
    std::vector<std::string> texts = package.advisory_names;
    if (texts.empty()) texts.push_back(package.name);
    std::string version = package.version;
    if (package.ecosystem == "Go" && version.starts_with("go")) version = version.substr(2);
    std::vector<Name> names;
    for (const std::string& text : texts)
      names.push_back({model::NormalisePackageName(package.ecosystem, text), version});
    return names;
  }

  static std::vector<Name> DistroNames(const std::string& ecosystem, const model::Package& package) {
    using enum model::AdvisoryNames;
    const model::EcosystemInfo* info = model::FindEcosystem(ecosystem);
    if (info == nullptr || info->version_scheme != package.version_scheme) return {};
    if (ecosystem == "EPEL" && !package.supplier.empty() &&
        package.supplier.find("Fedora Project") == std::string::npos)
      return {};
    const bool has_source = !package.upstreams.empty();
    std::vector<Name> names;
    if (info->advisory_names != kSourcePackages || !has_source) names.push_back({package.name, package.version});
    if (info->advisory_names == kBinaryPackages) return names;
    for (const model::Upstream& upstream : package.upstreams) {
      Name name{upstream.name, upstream.version.empty() ? package.version : upstream.version, true,
                info->advisory_names == kBinaryPackagesAndMarkedSources, false};
      // A source RPM's file name has no epoch; the package's own is the same where the rest is.
      if (package.version_scheme == "rpm" && name.version.find(':') == std::string::npos) {
        if (StripEpoch(package.version) == name.version)
          name.version = package.version;
        else
          name.without_epoch = true;
      }
      names.push_back(std::move(name));
    }
    return names;
  }

  static bool Holds(const model::Affected& row, const model::Package& package, const Name& name) {
    if (!ArchitectureFits(row, package, name) || !ModuleFits(row, package, name)) return false;
    const std::string scheme_id = package.version_scheme.empty()
                                      ? std::string(model::FindEcosystem(package.ecosystem)->version_scheme)
                                      : package.version_scheme;
    const version::Scheme* scheme = version::FindScheme(scheme_id);
    const auto order = [&](const std::string& a, const std::string& b) -> std::optional<int> {
      const auto result =
          version::Compare(*scheme, name.without_epoch ? StripEpoch(a) : a, name.without_epoch ? StripEpoch(b) : b);
      if (!result) return std::nullopt;
      return *result < 0 ? -1 : *result > 0 ? 1 : 0;
    };
    for (const std::string& version : row.versions)
      if (version == name.version || (order(name.version, name.version) && order(name.version, version) == 0))
        return true;
    if (!order(name.version, name.version)) return false;
    return std::ranges::any_of(row.ranges, [&](const model::VersionRange& range) {
      if (range.introduced != "0") {
        const auto start = order(name.version, range.introduced);
        if (!start || *start < 0) return false;
      }
      if (range.fixed) return order(name.version, *range.fixed).value_or(1) < 0;
      if (range.last_affected) return order(name.version, *range.last_affected).value_or(1) <= 0;
      return true;
    });
  }

  static std::string Machine(std::string name) {
    static const std::map<std::string, std::string> same = {{"amd64", "x86_64"}, {"arm64", "aarch64"},
                                                            {"i386", "x86"},     {"i586", "x86"},
                                                            {"i686", "x86"},     {"ppc64el", "ppc64le"}};
    const auto found = same.find(name);
    return found == same.end() ? name : found->second;
  }

  static bool ArchitectureFits(const model::Affected& row, const model::Package& package, const Name& name) {
    if (row.architecture == "src") return name.source;
    if (name.marked_only) return false;
    for (const std::string& machine : {row.architecture, package.architecture})
      if (machine.empty() || machine == "noarch" || machine == "all") return true;
    return Machine(row.architecture) == Machine(package.architecture);
  }

  static bool ModuleFits(const model::Affected& row, const model::Package& package, const Name& name) {
    if (package.version_scheme != "rpm") return true;
    bool row_modular = !row.module_label.empty();
    for (const model::VersionRange& range : row.ranges) {
      const std::string end = range.fixed ? *range.fixed : range.last_affected.value_or("");
      row_modular = row_modular || end.find(".module") != std::string::npos;
    }
    const bool own_modular = !package.module_label.empty() || name.version.find(".module") != std::string::npos;
    if (row_modular != own_modular) return false;
    if (row.module_label.empty() || package.module_label.empty()) return true;
    for (std::size_t begin = 0; begin <= row.module_label.size();) {
      const std::size_t end = std::min(row.module_label.find(',', begin), row.module_label.size());
      if ((package.module_label + ":").starts_with(row.module_label.substr(begin, end - begin) + ":")) return true;
      begin = end + 1;
    }
    return false;
  }

  const Known& known_;
};

class SilentProgress final : public service::Progress {
  void Expect(std::uint64_t) override {}
  void Advance(std::uint64_t) override {}
};

// All advisories, read once for all tests.
struct World {
  test::TemporaryFolder folder;
  Known known;
  std::unique_ptr<advisory::Snapshot> snapshot;

  explicit World(const std::filesystem::path& advisories) {
    std::vector<model::Advisory> recorded;
    advisory::Providers providers;
    for (auto& provider : advisory::BuiltinProviders())
      providers.push_back(std::make_unique<Recording>(std::move(provider), recorded));
    const auto path = folder.Path() / "snapshot";
    const auto report = Value(advisory::BuildSnapshot(std::move(providers), advisories, path,
                                                      {.built = "2026-01-01T00:00:00Z", .problems_max = 0}));
    EXPECT_GT(report.documents, 30'000U);
    known = Settle(std::move(recorded));
    snapshot = Value(advisory::Snapshot::Open(path));
  }
};

class BruteForceTest : public testing::Test {
 protected:
  static void TearDownTestSuite() { TheWorld().reset(); }

  void SetUp() override {
    const auto shared = test::SharedData();
    if (!shared) GTEST_SKIP() << "no shared data";
    shared_ = *shared;
    if (TheWorld() == nullptr) TheWorld() = std::make_unique<World>(shared_ / "advisories");
  }

  static std::unique_ptr<World>& TheWorld() {
    static std::unique_ptr<World> world;
    return world;
  }

  void Compare(const model::Package& package, const std::vector<model::EcosystemRelease>& distro) {
    const service::SnapshotLookup lookup(*TheWorld()->snapshot);
    const auto result = Value(match::SearchPackage(package, distro, lookup));
    std::set<std::string> ids;
    for (const match::Hit& hit : result.hits) ids.insert(hit.advisory_id);
    std::set<std::string> expected = BruteForce(TheWorld()->known).Matches(package, distro);
    for (const std::string& id : TheWorld()->known.unsettled) {
      ids.erase(id);
      expected.erase(id);
    }
    EXPECT_EQ(ids, expected) << package.name << " " << package.version << " of " << package.ecosystem
                             << (distro.empty() ? "" : distro.front().ecosystem + ":" + distro.front().release);
    ++compared_;
    found_ += ids.size();
  }

  std::filesystem::path shared_;
  std::size_t compared_ = 0, found_ = 0;
};

TEST_F(BruteForceTest, AgreesOnEveryImage) {
  NullLogger logger;
  const auto analyzer = service::MakeLocalAnalyzer({});
  SilentProgress progress;
  for (const auto& file : std::filesystem::directory_iterator(shared_ / "images")) {
    const auto source = image::OpenSource(file.path().string(), {}, logger);
    if (!source) continue;  // of a form that needs a name for its kind; the others suffice
    const auto analysis = service::AnalyseImage(**source, *analyzer, progress, Deadline());
    if (!analysis) continue;
    const auto distro = match::EcosystemsOf(analysis->distro);
    for (const model::Package& package : analysis->packages) Compare(package, distro);
  }
  EXPECT_GT(compared_, 300U);
  RecordProperty("packages", static_cast<int>(compared_));
  RecordProperty("matches", static_cast<int>(found_));
}

// Packages that advisories speak of, at the versions where something changes.
TEST_F(BruteForceTest, AgreesAtTheBoundariesOfWhatAdvisoriesName) {
  std::map<model::EcosystemRelease, std::vector<const model::Affected*>> rows;
  for (const model::Advisory& advisory : TheWorld()->known.advisories)
    for (const model::Affected& row : advisory.affected) rows[{row.ecosystem, row.release}].push_back(&row);
  std::mt19937 random(20261129);
  constexpr int kOfEachPlace = 12;
  for (const auto& [where, of_place] : rows) {
    const model::EcosystemInfo* info = model::FindEcosystem(where.ecosystem);
    if (info == nullptr || info->version_scheme.empty()) continue;
    for (int i = 0; i < kOfEachPlace; ++i) {
      const model::Affected& row = *of_place[random() % of_place.size()];
      std::vector<std::string> versions = row.versions;
      for (const model::VersionRange& range : row.ranges) {
        if (range.introduced != "0") versions.push_back(range.introduced);
        if (range.fixed) versions.push_back(*range.fixed);
        if (range.last_affected) versions.push_back(*range.last_affected);
      }
      if (versions.empty()) versions.emplace_back("0.0.1");
      model::Package package;
      package.name = row.package;
      package.version = versions[random() % versions.size()];
      package.version_scheme = info->version_scheme;
      const bool language = info->advisory_names == model::AdvisoryNames::kNotADistribution;
      if (language) package.ecosystem = where.ecosystem;
      if (i % 3 == 1) package.architecture = row.architecture == "src" ? "x86_64" : row.architecture;
      if (i % 3 == 2) package.module_label = row.module_label;
      // Half of the distribution's packages are found by the source they were built from.
      if (!language && i % 2 == 1) {
        package.upstreams = {{row.package, StripEpoch(package.version)}};
        package.name = "built-from-" + row.package;
        if (i % 4 == 1) package.version = "1:" + package.version;
      }
      Compare(package, language ? std::vector<model::EcosystemRelease>() : std::vector{where});
    }
  }
  EXPECT_GT(compared_, 500U);
  EXPECT_GT(found_, compared_ / 4) << "packages without any advisory prove little";
}

}  // namespace
}  // namespace holdfast
