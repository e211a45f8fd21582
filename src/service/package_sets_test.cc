#include "service/package_sets.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "io/json.h"
#include "service/analysis_store.h"
#include "store/images.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using namespace std::literals;
using test::ExpectError;
using test::Value;

model::Package MakePackage(std::string_view name, std::uint32_t layer, std::string_view path = "/var/lib/dpkg/status") {
  model::Package package;
  package.name = name;
  package.version = "1.0";
  package.type = "deb";
  package.version_scheme = "dpkg";
  package.locations = {{.path = std::string(path), .layer = layer}};
  return package;
}

model::ImageAnalysis MakeAnalysis(std::vector<model::Package> packages) {
  model::ImageAnalysis analysis;
  analysis.distro.id = "debian";
  analysis.distro.version_id = "12";
  analysis.packages = std::move(packages);
  return analysis;
}

TEST(PackageSetsTest, PackagesAreGroupedByTheLayerThatBroughtThem) {
  const auto grouped = GroupPackages(
      MakeAnalysis({MakePackage("b", 2), MakePackage("a", 0), MakePackage("c", 2), MakePackage("a", 2, "/other")}));
  ASSERT_EQ(grouped.sets.size(), 2U);  // layer 1 brought none
  EXPECT_EQ(grouped.sets[0].members.size(), 1U);
  EXPECT_EQ(grouped.sets[1].members.size(), 3U);
  EXPECT_EQ(grouped.contexts.size(), 3U);  // "a" is one context, found in two places
  EXPECT_EQ(grouped.contexts[0].name, "b");
  EXPECT_TRUE(GroupPackages(MakeAnalysis({})).sets.empty());
}

TEST(PackageSetsTest, EqualSetsShareTheirKey) {
  const auto base = GroupPackages(MakeAnalysis({MakePackage("a", 0), MakePackage("b", 0)}));
  // Another image on the same base, its packages in another order, other layers on top, other licences.
  auto other = MakeAnalysis({MakePackage("z", 3), MakePackage("b", 1), MakePackage("a", 1)});
  other.packages[1].supplier = "somebody";
  const auto derived = GroupPackages(other);
  ASSERT_EQ(derived.sets.size(), 2U);
  EXPECT_EQ(derived.sets[0].key, base.sets[0].key);
  EXPECT_NE(derived.sets[1].key, base.sets[0].key);

  auto changed = MakeAnalysis({MakePackage("a", 0), MakePackage("b", 0)});
  changed.packages[0].version = "1.1";
  EXPECT_NE(GroupPackages(changed).sets[0].key, base.sets[0].key);
  changed = MakeAnalysis({MakePackage("a", 0), MakePackage("b", 0, "/elsewhere")});
  EXPECT_NE(GroupPackages(changed).sets[0].key, base.sets[0].key);
  changed = MakeAnalysis({MakePackage("a", 0), MakePackage("b", 0)});
  changed.relations = {{.kind = model::RelationKind::kOwns, .from = 0, .to = 1}};
  EXPECT_NE(GroupPackages(changed).sets[0].key, base.sets[0].key);
}

TEST(PackageSetsTest, ADistributionCountsForItsPackagesOnly) {
  const auto key = [](std::string_view ecosystem, std::string_view version) {
    auto analysis = MakeAnalysis({MakePackage("a", 0)});
    analysis.packages[0].ecosystem = ecosystem;
    analysis.distro.version_id = version;
    return GroupPackages(analysis).contexts.at(0).key;
  };
  EXPECT_NE(key("", "12"), key("", "13"));
  EXPECT_EQ(key("PyPI", "12"), key("PyPI", "13"));
}

TEST(PackageSetsTest, AnIdentityHoldsWhatMatchingAsks) {
  auto analysis = MakeAnalysis({MakePackage("a", 0)});
  analysis.packages[0].architecture = "amd64";
  analysis.packages[0].homepage = "https://example.org";
  const auto grouped = GroupPackages(analysis);
  const auto identity = Value(DecodeIdentity(grouped.contexts.at(0).identity));
  EXPECT_EQ(identity.distro.id, "debian");
  ASSERT_EQ(identity.packages.size(), 1U);
  EXPECT_EQ(identity.packages[0].name, "a");
  EXPECT_EQ(identity.packages[0].architecture, "amd64");
  EXPECT_EQ(identity.packages[0].homepage, "");
  EXPECT_TRUE(identity.packages[0].locations.empty());
  ExpectError(DecodeIdentity(""), ErrorKind::kCorrupt);
  ExpectError(DecodeIdentity("nonsense"), ErrorKind::kCorrupt);
}

TEST(PackageSetsTest, MembersComeBackAsTheyWere) {
  const std::vector<StoredMember> members = {{7, "/a", false}, {1, "/a", true}, {300, "/b", false},
                                             {2, "", false},   {3, "", true},   {4, std::string("\0\xff", 2)}};
  EXPECT_EQ(Value(DecodeMembers(EncodeMembers(members))), members);
  EXPECT_EQ(Value(DecodeMembers(EncodeMembers({}))), std::vector<StoredMember>{});
  const std::string bytes = EncodeMembers(members);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(DecodeMembers(std::string_view(bytes).substr(0, size)).has_value()) << size;
  ExpectError(DecodeMembers(bytes + "x"), ErrorKind::kCorrupt);
}

class HostilePackagesTest : public test::PlatformFixture, public testing::WithParamInterface<test::Driver> {
 public:
  HostilePackagesTest() : PlatformFixture(GetParam()) {}
};

INSTANTIATE_TEST_SUITE_P(Drivers, HostilePackagesTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

// Names and versions from an image: of any length, with any bytes.
TEST_P(HostilePackagesTest, AreStoredAndFound) {
  const std::string longest(10 * 1024, 'n');
  auto analysis = MakeAnalysis({MakePackage(longest, 0), MakePackage(longest + "2", 0), MakePackage("a\0b\xff"sv, 1)});
  for (model::Package& package : analysis.packages) package.version = longest;
  analysis.packages[2].version = "1\0\xc3"s;
  analysis.packages[2].type = "t\0\xfe"s;
  analysis.distro.id = "di\0stro\xff"s;
  analysis.distro.version_id = "\0"s;
  analysis.source.architecture = "\xff\xfe"s;
  const auto team = AddAccount("team");
  const Digest digest(Sha256Value{});
  const auto again = [&] {
    return Value(database_->Write(
        [&](store::Session& session) { return RecordAnalysis(session, digest, analysis, clock_.NowMs()); }));
  };
  const auto recorded = again();
  EXPECT_EQ(again(), recorded);
  Value(database_->Write([&](store::Session& session) -> Result<void> {
    HF_TRY(const auto image, store::UpsertImage(session, {.account_id = team.id, .digest = digest}, 1));
    const store::NewImageAnalysis given{image.row, recorded};
    return store::SetAnalyses(session, {&given, 1}, store::AnalysisStatus::kAnalyzed, 1);
  }));
  const auto find = [&](std::string_view name) {
    return Value(database_->Read(
        [&](store::Session& session) { return store::FindImagesByPackage(session, team.id, name, "", ""); }));
  };
  EXPECT_EQ(find(longest).size(), 1U);
  EXPECT_EQ(find(longest + "2").size(), 1U);
  EXPECT_EQ(find(longest + "3").size(), 0U);
  ASSERT_EQ(find("ab\xef\xbf\xbd").size(), 1U);
  EXPECT_TRUE(io::IsUtf8(find("ab\xef\xbf\xbd")[0].type));
  const auto image =
      Value(database_->Read([&](store::Session& session) { return store::FindImage(session, team.id, digest); }));
  EXPECT_EQ(image->analysis->distro, "distro\xef\xbf\xbd");
  EXPECT_EQ(image->analysis->distro_version, "");
}

}  // namespace
}  // namespace holdfast::service
