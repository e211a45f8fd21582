// What the language databases say in their own form against what GitHub says about the same flaws of the same packages
// in OSV's: both must decide the same for each version at which something changes for either, but for the differences
// below, whose reasons were read from both documents.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <span>

#include "advisory/osv/osv.h"
#include "advisory/php/php.h"
#include "advisory/rubysec/rubysec.h"
#include "advisory/rustsec/rustsec.h"
#include "advisory/source_reader.h"
#include "base/format.h"
#include "io/json.h"
#include "match/decide.h"
#include "match/matcher.h"
#include "match/memory_lookup.h"
#include "support/test_support.h"
#include "version/scheme.h"

namespace holdfast {
namespace {

using test::Value;

std::optional<model::Advisory> ParseAny(const advisory::SourceDocument& document) {
  if (advisory::LooksLikeRustsec(document.text)) return Value(advisory::ParseRustsec(document.name, document.text));
  if (document.notation == advisory::Notation::kText) return std::nullopt;
  const bool json = document.notation == advisory::Notation::kJson;
  const auto tree = Value(json ? io::JsonDocument::Parse(document.text) : io::JsonDocument::ParseYaml(document.text));
  const io::JsonView root = tree.Root();
  if (advisory::LooksLikeOsv(root)) return Value(advisory::ParseOsv(root));
  if (advisory::LooksLikeRubysec(root)) return Value(advisory::ParseRubysec(document.name, root));
  if (advisory::LooksLikePhp(root)) return Value(advisory::ParsePhp(document.name, root));
  return std::nullopt;
}

std::vector<model::Advisory> ReadAll(const std::filesystem::path& archive) {
  const test::TemporaryFolder folder;
  std::filesystem::copy(archive, folder.Path() / archive.filename());
  std::vector<model::Advisory> all;
  advisory::SourceVisitor visitor;
  visitor.document = [&](const advisory::SourceDocument& document) {
    if (auto advisory = ParseAny(document)) all.push_back(*std::move(advisory));
  };
  visitor.problem = [](std::string_view name, const Error& error) { ADD_FAILURE() << name << error.Message(); };
  visitor.other = [](std::string_view) {};
  Value(advisory::ReadSources(folder.Path(), visitor));
  return all;
}

// "here" and "GitHub" say on which side the versions are affected.

// Bounds that nobody published: the end of "~> 2.2.5" before the first pre-release of 2.3, the start of Composer's
// ">=2.0" before that of 2.0, and what follows a version that RustSec calls unaffected. Pre-releases between such a
// bound and the release are affected here, as the databases' own tools decide, and not by GitHub's plain order.
constexpr std::string_view kPreReleases[] = {
    "GHSA-25mq-v84q-4j7r FriendsOfPHP/guzzlehttp/guzzle/CVE-2022-31090 here: 7-dev",
    "GHSA-735f-pc8j-v9w8 rubysec/gems/google-protobuf/CVE-2024-7254 here: 3.26.A",
    "GHSA-735f-pc8j-v9w8 rubysec/gems/google-protobuf/CVE-2024-7254 here: 4.28.A",
    "GHSA-9f46-5r25-5wfm FriendsOfPHP/league/flysystem/CVE-2021-32708 here: 2.0.0-dev",
    "GHSA-9qj7-jvg4-qr2x rubysec/gems/passenger/CVE-2013-2119 here: 3.1.A",
    "GHSA-cwmx-hcrq-mhc3 FriendsOfPHP/guzzlehttp/guzzle/CVE-2022-29248 here: 7-dev",
    "GHSA-f2wf-25xc-69c9 FriendsOfPHP/guzzlehttp/guzzle/CVE-2022-31042 here: 4-dev",
    "GHSA-f2wf-25xc-69c9 FriendsOfPHP/guzzlehttp/guzzle/CVE-2022-31042 here: 7-dev",
    "GHSA-gxhx-g4fq-49hj rubysec/gems/carrierwave/CVE-2023-49090 here: 2.3.A",
    "GHSA-h4h5-3hr4-j3g2 rubysec/gems/google-protobuf/CVE-2022-3171 here: 3.17.A",
    "GHSA-h4h5-3hr4-j3g2 rubysec/gems/google-protobuf/CVE-2022-3171 here: 3.20.A",
    "GHSA-h4h5-3hr4-j3g2 rubysec/gems/google-protobuf/CVE-2022-3171 here: 3.21.A",
    "GHSA-q559-8m2m-g699 FriendsOfPHP/guzzlehttp/guzzle/CVE-2022-31091 here: 7-dev",
    "GHSA-q7rv-6hp3-vh96 FriendsOfPHP/guzzlehttp/psr7/CVE-2022-24775 here: 2-dev",
    "GHSA-q7rv-6hp3-vh96 FriendsOfPHP/guzzlehttp/psr7/CVE-2023-29197 here: 2-dev",
    "GHSA-w248-ffj2-4v5q FriendsOfPHP/guzzlehttp/guzzle/CVE-2022-31043 here: 4-dev",
    "GHSA-w248-ffj2-4v5q FriendsOfPHP/guzzlehttp/guzzle/CVE-2022-31043 here: 7-dev",
    "GHSA-wcg3-cvx6-7396 RUSTSEC-2020-0071 here: 0.2.1-0",
    "GHSA-wcg3-cvx6-7396 RUSTSEC-2020-0071 here: 0.2.2-0",
    "GHSA-wcg3-cvx6-7396 RUSTSEC-2020-0071 here: 0.2.3-0",
    "GHSA-wcg3-cvx6-7396 RUSTSEC-2020-0071 here: 0.2.4-0",
    "GHSA-wcg3-cvx6-7396 RUSTSEC-2020-0071 here: 0.2.5-0",
    "GHSA-wcg3-cvx6-7396 RUSTSEC-2020-0071 here: 0.2.6-0",
    "GHSA-wcg3-cvx6-7396 RUSTSEC-2020-0071 here: 0.2.7-0",
    "GHSA-wjx8-cgrm-hh8p FriendsOfPHP/contao/core-bundle/CVE-2019-19745 here: 4.0.0-dev",
    "GHSA-wjx8-cgrm-hh8p FriendsOfPHP/contao/core-bundle/CVE-2019-19745 here: 4.5.0-dev",
    "GHSA-wxmh-65f7-jcvw FriendsOfPHP/guzzlehttp/psr7/CVE-2022-24775 here: 2-dev",
    "GHSA-wxmh-65f7-jcvw FriendsOfPHP/guzzlehttp/psr7/CVE-2023-29197 here: 2-dev",
};

// Where the flaw began. FriendsOfPHP begins with Guzzle 4, GitHub with the first version. The Ruby database states no
// beginning for lodash-rails, GitHub 4.0.0; for CVE-2020-11022 it states jQuery's version ("< 1.2.0" is unaffected) as
// that of jquery-rails. RustSec excludes ascii 0.6.0 ("<= 0.6.0"), GitHub begins with it. Of time, RustSec excludes
// 0.2.0 to 0.2.6 alone, GitHub also what is before 0.1, but not 0.2.
constexpr std::string_view kFirstVersions[] = {
    "GHSA-25mq-v84q-4j7r FriendsOfPHP/guzzlehttp/guzzle/CVE-2022-31090 GitHub: 0.0.1 to v3.8.1",
    "GHSA-29mw-wpgm-hmr9 rubysec/gems/lodash-rails/CVE-2020-28500 here: 0.0.1",
    "GHSA-cwmx-hcrq-mhc3 FriendsOfPHP/guzzlehttp/guzzle/CVE-2022-29248 GitHub: 0.0.1 to v3.8.1",
    "GHSA-gxr4-xjj5-5px2 rubysec/gems/jquery-rails/CVE-2020-11022 GitHub: 0.0.1 to 1.0.19",
    "GHSA-mrrw-grhq-86gf RUSTSEC-2023-0015 GitHub: 0.6.0",
    "GHSA-q559-8m2m-g699 FriendsOfPHP/guzzlehttp/guzzle/CVE-2022-31091 GitHub: 0.0.1 to v3.8.1",
    "GHSA-wcg3-cvx6-7396 RUSTSEC-2020-0071 GitHub: 0.2",
    "GHSA-wcg3-cvx6-7396 RUSTSEC-2020-0071 here: 0.0.1",
    "GHSA-x5rq-j2xg-h7qm rubysec/gems/lodash-rails/CVE-2019-1010266 here: 0.0.1",
};

// Which version has the fix. The Ruby database knows of a backport, jquery-rails 2.1.4, and of jquery-rails 1.6.3 as
// the fix where GitHub says 1.0.16; for CVE-2020-11022 it states jQuery's version, 3.5.0, as that of jquery-rails.
constexpr std::string_view kFixes[] = {
    "GHSA-2pqj-h3vj-pqgw rubysec/gems/jquery-rails/CVE-2012-6708 GitHub: 2.1.4",
    "GHSA-579v-mp3v-rrw5 rubysec/gems/jquery-rails/CVE-2011-4969 here: 1.0.16",
    "GHSA-gxr4-xjj5-5px2 rubysec/gems/jquery-rails/CVE-2020-11022 GitHub: 3.5.0 to 4.3.5",
    "GHSA-q4m3-2j7h-f7xw rubysec/gems/jquery-rails/CVE-2020-7656 GitHub: 2.1.4",
};

// GitHub's two flaws of psr7 are written as aliases of each other in the sample, so one is compared with the other.
constexpr std::string_view kAliases[] = {
    "GHSA-q7rv-6hp3-vh96 FriendsOfPHP/guzzlehttp/psr7/CVE-2023-29197 here: 1.8.4",
    "GHSA-q7rv-6hp3-vh96 FriendsOfPHP/guzzlehttp/psr7/CVE-2023-29197 here: 2.1.1",
    "GHSA-wxmh-65f7-jcvw FriendsOfPHP/guzzlehttp/psr7/CVE-2022-24775 GitHub: 1.8.4 to 1.9.0",
    "GHSA-wxmh-65f7-jcvw FriendsOfPHP/guzzlehttp/psr7/CVE-2022-24775 GitHub: 2.1.1 to 2.4.4",
};

using PackageKey = std::pair<std::string, std::string>;

std::map<PackageKey, std::vector<model::VersionRange>> RangesByPackage(const model::Advisory& advisory) {
  std::map<PackageKey, std::vector<model::VersionRange>> ranges;
  for (const model::Affected& row : advisory.affected)
    if (row.release.empty()) {
      auto& of_package = ranges[{row.ecosystem, row.package}];
      of_package.insert(of_package.end(), row.ranges.begin(), row.ranges.end());
      for (const std::string& version : row.versions) of_package.push_back({version, std::nullopt, version});
    }
  return ranges;
}

Result<std::strong_ordering> Order(const version::Scheme& scheme, std::string_view a, std::string_view b) {
  const auto order = version::Compare(scheme, a, b);
  if (!order) return Fail(ErrorKind::kCorrupt, Format("{} or {} is no version of {}", a, b, scheme.id));
  return *order;
}

// In the scheme's order.
std::vector<std::string> Boundaries(const std::vector<model::VersionRange>& own,
                                    const std::vector<model::VersionRange>& github, const version::Scheme& scheme) {
  std::vector<std::string> versions = {"0.0.1"};
  for (const auto* ranges : {&own, &github})
    for (const model::VersionRange& range : *ranges)
      for (const auto& version : {std::optional(range.introduced), range.fixed, range.last_affected})
        if (version && *version != "0") versions.push_back(*version);
  std::ranges::sort(versions, [&](const auto& a, const auto& b) {
    const auto order = Value(Order(scheme, a, b));
    return order != 0 ? order < 0 : a < b;
  });
  const auto repeated =
      std::ranges::unique(versions, [&](const auto& a, const auto& b) { return Value(Order(scheme, a, b)) == 0; });
  versions.erase(repeated.begin(), repeated.end());
  return versions;
}

bool Affects(const std::vector<model::VersionRange>& ranges, const version::Scheme& scheme, std::string_view version) {
  return std::ranges::any_of(ranges, [&](const auto& range) { return match::Contains(range, scheme, version); });
}

struct Agreement {
  std::size_t pairs = 0, compared = 0;
  std::vector<std::string> differences;
};

void Compare(const model::Advisory& own, const model::Advisory& github, Agreement& agreement) {
  const auto of_github = RangesByPackage(github);
  for (const auto& [key, ranges] : RangesByPackage(own)) {
    const auto found = of_github.find(key);
    if (found == of_github.end()) continue;
    ++agreement.pairs;
    const std::string_view id = key.first == "crates.io" ? "semver" : key.first == "RubyGems" ? "gem" : "composer";
    const version::Scheme& scheme = *version::FindScheme(id);
    std::string side, first, last;
    const auto tell = [&] {
      if (!side.empty())
        agreement.differences.push_back(
            Format("{} {} {}: {}{}", github.id, own.id, side, first, first == last ? "" : Format(" to {}", last)));
    };
    for (const std::string& version : Boundaries(ranges, found->second, scheme)) {
      ++agreement.compared;
      const bool here = Affects(ranges, scheme, version), there = Affects(found->second, scheme, version);
      const std::string_view next = here == there ? "" : here ? "here" : "GitHub";
      if (next != side) {
        tell();
        side = next;
        first = version;
      }
      last = version;
    }
    tell();
  }
}

Agreement CompareAll(const std::filesystem::path& shared) {
  std::multimap<std::string, const model::Advisory*> by_name;
  const auto github = ReadAll(shared / "advisories/ghsa-osv.tar.zst");
  for (const model::Advisory& advisory : github) {
    by_name.emplace(advisory.id, &advisory);
    for (const std::string& alias : advisory.aliases) by_name.emplace(alias, &advisory);
  }
  Agreement agreement;
  for (const std::string_view archive : {"rustsec", "ruby", "php"})
    for (const model::Advisory& own : ReadAll(shared / "advisories" / Format("{}.tar.zst", archive))) {
      std::set<const model::Advisory*> same;
      for (const std::string& alias : own.aliases)
        for (auto [at, end] = by_name.equal_range(alias); at != end; ++at) same.insert(at->second);
      if (!own.withdrawn.empty()) continue;
      for (const model::Advisory* other : same)
        if (other->withdrawn.empty()) Compare(own, *other, agreement);
    }
  std::ranges::sort(agreement.differences);
  return agreement;
}

std::string Lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(MatchingLanguages, AgreeWithGitHubAboutTheSameFlaw) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const Agreement agreement = CompareAll(*shared);
  EXPECT_EQ(agreement.pairs, 61U);
  EXPECT_EQ(agreement.compared, 2142U);
  std::vector<std::string> known;
  for (const auto lines :
       std::initializer_list<std::span<const std::string_view>>{kPreReleases, kFirstVersions, kFixes, kAliases})
    known.insert(known.end(), lines.begin(), lines.end());
  std::ranges::sort(known);
  EXPECT_EQ(Lines(agreement.differences), Lines(known));
}

TEST(MatchingLanguages, OneFlawOfSeveralDatabasesIsOneFinding) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  std::vector<model::Advisory> all;
  for (const std::string_view archive : {"rustsec", "ruby", "php", "ghsa-osv"})
    std::ranges::move(ReadAll(*shared / "advisories" / Format("{}.tar.zst", archive)), std::back_inserter(all));
  const match::MemoryAdvisories lookup(std::move(all));
  struct Case {
    std::string_view ecosystem, package, version, id, sources;
  };
  for (const Case& item : {Case{"crates.io", "smallvec", "1.0.0", "CVE-2021-25900", "osv,rustsec"},
                           Case{"RubyGems", "ffi", "1.9.23", "CVE-2018-1000201", "osv,rubysec"},
                           Case{"Packagist", "league/flysystem", "2.0.0", "CVE-2021-32708", "osv,php"}}) {
    model::ImageAnalysis analysis;
    model::Package& package = analysis.packages.emplace_back();
    package.ecosystem = item.ecosystem;
    package.name = item.package;
    package.version = item.version;
    const auto result = Value(match::Match(analysis, lookup));
    ASSERT_EQ(result.findings.size(), 1U) << item.package;
    EXPECT_EQ(result.findings[0].id, item.id);
    EXPECT_EQ(result.findings[0].source, item.sources);
    EXPECT_NE(result.findings[0].severity, model::Severity::kUnknown);
  }
}

}  // namespace
}  // namespace holdfast
