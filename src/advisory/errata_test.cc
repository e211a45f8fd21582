#include "advisory/errata.h"

#include <gtest/gtest.h>

#include <tuple>

#include "advisory/updateinfo.h"
#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using test::ExpectError;
using test::Value;
using Strings = std::vector<std::string>;

model::Advisory Head(std::string id, std::string modified, Strings cves) {
  model::Advisory head;
  head.id = std::move(id);
  head.modified = std::move(modified);
  head.related = std::move(cves);
  return head;
}

ErratumBuild Build(std::string_view name, std::string_view evr, std::string_view architecture,
                   std::string_view release = "9") {
  ErratumBuild build;
  build.ecosystem = "Linux";
  build.release = release;
  build.name = name;
  build.evr = evr;
  build.architecture = architecture;
  return build;
}

Strings RowsOf(const std::vector<ErratumBuild>& builds) {
  Errata errata;
  EXPECT_TRUE(errata.Add(Head("E-1", "", {}), builds));
  test::AdvisoryRecorder sink;
  errata.Give(sink);
  Strings rows;
  for (const model::Advisory& advisory : sink.advisories)
    for (const model::Affected& row : advisory.affected)
      rows.push_back(Format("{} {}{}{} {} {}", row.release, row.package, row.architecture.empty() ? "" : ".",
                            row.architecture, *row.ranges.at(0).fixed, model::FixStateName(row.fix_state)));
  return rows;
}

TEST(Errata, OneRowForAllArchitectures) {
  EXPECT_EQ(RowsOf({Build("a", "1-2", "x86_64"), Build("a", "1-2", "aarch64")}), Strings{"9 a 1-2 fixed"});
  EXPECT_EQ(RowsOf({Build("a", "1-2", "x86_64"), Build("a", "1-3", "aarch64")}),
            (Strings{"9 a.x86_64 1-2 fixed", "9 a.aarch64 1-3 fixed"}));
}

TEST(Errata, SourcesOnlyWhereThereAreNoBinaries) {
  EXPECT_EQ(RowsOf({Build("a", "1-2", "src"), Build("a-libs", "1-2", "x86_64"), Build("a", "1-2", "src", "8")}),
            (Strings{"8 a.src 1-2 fixed", "9 a-libs 1-2 fixed"}));
}

TEST(Errata, LeavesOutDebuggingData) {
  EXPECT_EQ(RowsOf({Build("a-debuginfo", "1-2", "x86_64"), Build("a-debugsource", "1-2", "x86_64"),
                    Build("kernel-debuginfo-common-x86_64", "1-2", "x86_64"), Build("a", "1-2", "x86_64")}),
            Strings{"9 a 1-2 fixed"});
}

TEST(Errata, PublishedOutweighsTested) {
  ErratumBuild tested = Build("a", "1-2", "x86_64");
  tested.published = false;
  EXPECT_EQ(RowsOf({tested}), Strings{"9 a 1-2 not-fixed"});
  EXPECT_EQ(RowsOf({tested, Build("a", "1-2", "aarch64")}), Strings{"9 a 1-2 fixed"});
}

TEST(Errata, GathersDocuments) {
  Errata errata;
  ASSERT_TRUE(errata.Add(Head("E-1", "2024-02-01T00:00:00Z", {"CVE-2024-1111"}), {Build("a", "1-2", "x86_64")}));
  ASSERT_TRUE(errata.Add(Head("E-1", "2024-01-01T00:00:00Z", {"CVE-2024-2222"}), {Build("b", "1-2", "x86_64")}));
  ASSERT_TRUE(errata.Add(Head("E-2", "", {}), {}));
  test::AdvisoryRecorder sink;
  errata.Give(sink);
  ASSERT_EQ(sink.advisories.size(), 1U);
  EXPECT_EQ(sink.left_out, 1);
  EXPECT_EQ(sink.advisories[0].affected.size(), 2U);
  EXPECT_EQ(sink.advisories[0].related, (Strings{"CVE-2024-1111", "CVE-2024-2222"}));
  EXPECT_EQ(sink.advisories[0].modified, "2024-02-01T00:00:00Z");
  errata.Give(sink);
  EXPECT_EQ(sink.advisories.size(), 1U);
}

TEST(Errata, RefusesTooManyRows) {
  Errata errata;
  std::vector<ErratumBuild> builds;
  for (std::size_t i = 0; i <= kErratumRowsMax; ++i) builds.push_back(Build(Format("p{}", i), "1-1", "noarch"));
  ASSERT_TRUE(errata.Add(Head("E-1", "", {}), builds));
  test::AdvisoryRecorder sink;
  errata.Give(sink);
  EXPECT_TRUE(sink.advisories.empty());
  EXPECT_EQ(sink.problems, Strings{"limit: E-1: more than 200000 packages"});
}

TEST(Errata, Versions) {
  EXPECT_EQ(Value(RpmVersionOf("0", "1.2~rc1", "3.el9")), "1.2~rc1-3.el9");
  EXPECT_EQ(Value(RpmVersionOf("", "1.2", "3.el9")), "1.2-3.el9");
  EXPECT_EQ(Value(RpmVersionOf("2", "1.2", "3.module+el9+1+ab")), "2:1.2-3.module+el9+1+ab");
  for (const auto& [epoch, version, release] :
       {std::tuple("x", "1", "1"), std::tuple("-1", "1", "1"), std::tuple("12345678901", "1", "1"),
        std::tuple("", "", "1"), std::tuple("", "1", ""), std::tuple("", "1 2", "1"), std::tuple("", "1", "1\n")})
    ExpectError(RpmVersionOf(epoch, version, release), ErrorKind::kCorrupt);
  ExpectError(RpmVersionOf("", std::string(257, '1'), "1"), ErrorKind::kCorrupt);
}

TEST(Errata, Names) {
  const RpmName name = Value(SplitNvr("kernel-rt-6.6.2-101.fc38"));
  EXPECT_EQ(std::tuple(name.name, name.version, name.release), std::tuple("kernel-rt", "6.6.2", "101.fc38"));
  for (const std::string_view broken : {"", "-", "--", "a", "a-1", "-1-1", "a b-1-1"})
    ExpectError(SplitNvr(broken), ErrorKind::kCorrupt);
  const RpmFile file = Value(ParseNevra("nodejs-libs-1:18.18.2-1.el9.x86_64.rpm"));
  EXPECT_EQ(std::tuple(file.name, file.evr, file.architecture), std::tuple("nodejs-libs", "1:18.18.2-1.el9", "x86_64"));
  EXPECT_EQ(Value(ParseNevra("a-1-1.noarch")).evr, "1-1");
  for (const std::string_view broken : {"", ".", ".rpm", "a.x86_64", "a-1.x86_64", "a-1-1", "a-x:1-1.x86_64", "a-1-1."})
    ExpectError(ParseNevra(broken), ErrorKind::kCorrupt);
}

TEST(Errata, FindsCves) {
  Strings cves = {"CVE-2022-1111"};
  AddCvesOf(
      "TRIAGE CVE-2024-24989 (CVE-2024-24990), CVE-2024-24989; CVE-2022-1111 CVE-24-1 CVE-2024- CVE-2024-123 CVE-",
      cves);
  EXPECT_EQ(cves, (Strings{"CVE-2022-1111", "CVE-2024-24989", "CVE-2024-24990"}));
  AddCvesOf("CVE-2024-12345678901234567890", cves);
  EXPECT_EQ(cves.size(), 3U);
  std::string many;
  for (std::size_t i = 0; i < kErratumCvesMax + 10; ++i) many += Format("CVE-2024-{} ", 10'000 + i);
  AddCvesOf(many, cves);
  EXPECT_EQ(cves.size(), kErratumCvesMax);
}

TEST(Errata, DatesAndSeverities) {
  EXPECT_EQ(ErratumDate("2023-11-24 17:15:38"), "2023-11-24T17:15:38Z");
  EXPECT_EQ(ErratumDate("2023-11-24"), "2023-11-24T00:00:00Z");
  EXPECT_EQ(ErratumDate("2023-11-24T17:15:38Z"), "2023-11-24T17:15:38Z");
  EXPECT_EQ(ErratumDate(""), "");
  EXPECT_EQ(ErratumSeverity("Important"), model::Severity::kHigh);
  EXPECT_EQ(ErratumSeverity("None"), model::Severity::kUnknown);
}

std::string Document1(std::string_view package, std::string_view id = "E-1") {
  return Format(R"(<?xml version="1.0"?><updates><update author="x" from='a@b' status="final" type="security">
<id>{}</id><title>T</title><issued date="2023-11-28 00:00:00"/><release>0</release><severity>Moderate</severity>
<references><reference href="https://c" id="CVE-2030-1234" type="cve" title=""/>
<reference href="https://e" id="E-1" type="self"/></references>
<pkglist><collection short="s"><module name="m" stream="1"/>{}</collection></pkglist></update></updates>)",
                id, package);
}

struct Seen {
  std::vector<Update> updates;
  test::AdvisoryRecorder sink;
};

Result<Seen> ReadAll(std::string_view text) {
  Seen seen;
  HF_CHECK_OK(ReadUpdateinfo(text, seen.sink, [&](Update& update) {
    update.from = update.status = update.type = update.release = update.collection = {};  // they end with the document
    seen.updates.push_back(std::move(update));
    return Result<void>();
  }));
  return seen;
}

constexpr std::string_view kPackage =
    R"(<package name="lib" version="1" release="2" epoch="3" arch="x86_64"><filename>f</filename></package>)";

TEST(Updateinfo, ReadsAnErratum) {
  const Seen seen = Value(ReadAll(Document1(kPackage)));
  ASSERT_EQ(seen.updates.size(), 1U);
  const Update& update = seen.updates[0];
  EXPECT_EQ(update.head.id, "E-1");
  EXPECT_EQ(update.head.related, Strings{"CVE-2030-1234"});
  EXPECT_EQ(update.head.severity, model::Severity::kMedium);
  EXPECT_EQ(update.head.published, "2023-11-28T00:00:00Z");
  EXPECT_EQ(update.head.references.at(1), (model::Reference{"ADVISORY", "https://e"}));
  ASSERT_EQ(update.builds.size(), 1U);
  EXPECT_EQ(update.builds[0].evr, "3:1-2");
  EXPECT_EQ(update.builds[0].module_label, "m:1");
}

TEST(Updateinfo, RecognisesASender) {
  const auto is_from = [](std::string_view text, std::string_view sender, Notation notation = Notation::kXml) {
    return IsUpdateinfoFrom({.name = "x", .source = "x", .notation = notation, .text = text, .root = {}}, sender);
  };
  const std::string text = Document1(kPackage);
  EXPECT_TRUE(is_from(text, "a@b"));
  EXPECT_FALSE(is_from(text, "x"));
  EXPECT_FALSE(is_from(text, "a@b", Notation::kText));
  EXPECT_FALSE(is_from("<updates></updates>", "a@b"));
  EXPECT_FALSE(is_from("<updates><update status='x'/><update from='a@b'/></updates>", "a@b"));
}

TEST(Updateinfo, NamesBrokenErrata) {
  const auto problem = [](std::string_view text) {
    const Seen seen = Value(ReadAll(text));
    EXPECT_TRUE(seen.updates.empty());
    return seen.sink.problems.empty() ? "" : seen.sink.problems.front();
  };
  EXPECT_EQ(problem(Document1(kPackage, " ")), "corrupt: : an erratum without a usable id");
  EXPECT_EQ(problem(Document1(kPackage, std::string(65, 'x'))).substr(0, 12), "corrupt: xxx");
  EXPECT_EQ(problem(Document1(R"(<package name="lib" version="" release="2" arch="src"/>)")),
            "corrupt: E-1: \":-2\" is no version");
  EXPECT_EQ(problem(Document1(R"(<package name="" version="1" release="2" arch="src"/>)")),
            "corrupt: E-1: 1-2 of no package");
  EXPECT_EQ(problem(Document1(R"(<package name="lib" version="1" release="2"/>)")),
            "corrupt: E-1: lib without an architecture");
}

TEST(Updateinfo, RefusesOtherDocuments) {
  ExpectError(ReadAll(""), ErrorKind::kCorrupt);
  ExpectError(ReadAll("<updates/>"), ErrorKind::kCorrupt);
  ExpectError(ReadAll("<other><update/></other>"), ErrorKind::kCorrupt);
  const std::string text = Document1(kPackage);
  for (std::size_t size = 0; size < text.size(); size += 7)
    ExpectError(ReadAll(text.substr(0, size)), ErrorKind::kCorrupt);
}

TEST(Updateinfo, HasBounds) {
  std::string many;
  for (std::size_t i = 0; i <= kUpdateinfoPackagesMax; ++i) many += kPackage;
  EXPECT_EQ(Value(ReadAll(Document1(many))).sink.problems, Strings{"limit: E-1: too many packages"});
}

}  // namespace
}  // namespace holdfast::advisory
