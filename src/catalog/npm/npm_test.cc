#include "catalog/npm/npm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/memory_evidence.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

test::CollectingSink Scan(std::map<std::string, std::string> files) {
  return test::RunCataloger(*MakeNpmCataloger(), std::move(files));
}

test::CollectingSink ScanOne(std::string text, std::string path = "app/node_modules/a/package.json") {
  std::map<std::string, std::string> files;
  files[std::move(path)] = std::move(text);
  return Scan(std::move(files));
}

std::vector<std::string> Licenses(std::string_view fields) {
  const auto sink = ScanOne(R"({"name":"a","version":"1",)" + std::string(fields) + "}");
  std::vector<std::string> names;
  for (const auto& license : sink.Only("a").licenses) names.push_back(license.value);
  return names;
}

std::string Supplier(std::string_view fields) {
  return ScanOne(R"({"name":"a","version":"1",)" + std::string(fields) + "}").Only("a").supplier;
}

std::string Fixture(const std::string& name) { return test::ReadFile(std::filesystem::path(HF_TESTDATA) / name); }

TEST(NpmClaims, CoverPackageJsonAndNothingElse) {
  const auto cataloger = MakeNpmCataloger();
  const std::string_view glob = cataloger->Info().claims.front().glob;
  for (const auto* path : {"package.json", "app/package.json", "usr/lib/node_modules/npm/package.json"})
    EXPECT_TRUE(GlobMatches(glob, path)) << path;
  for (const auto* path : {"package-lock.json", "app/xpackage.json", "app/package.json.bak"})
    EXPECT_FALSE(GlobMatches(glob, path)) << path;
}

TEST(NpmPlace, TellsInstalledPackagesFromOtherFiles) {
  for (const auto* path :
       {"node_modules/a/package.json", "app/node_modules/@s/a/package.json", "usr/share/nodejs/a/package.json",
        "app/node_modules/.pnpm/a@1/node_modules/a/package.json", "x/node_modules/a/test/node_modules/b/package.json"})
    EXPECT_EQ(PlaceOf(path), Place::kInstalled) << path;
  for (const auto* path :
       {"app/package.json", "package.json", "app/node_modules/a/dist/b/package.json",
        "app/my_node_modules/a/b/package.json", "node_modules/package.json", "app/test/package.json"})
    EXPECT_EQ(PlaceOf(path), Place::kOther) << path;
  for (const auto* path :
       {"app/node_modules/a/test/b/package.json", "usr/share/doc/node-a/package.json",
        "app/node_modules/@s/a/fixtures/package.json", "usr/share/nodejs/a/lib/examples/package.json"})
    EXPECT_EQ(PlaceOf(path), Place::kIgnored) << path;
}

TEST(NpmPackageJson, ReadsAMinimalFile) {
  const auto sink = ScanOne(R"({"name":"a","version":"1.0.0"})");
  const auto& package = sink.Only("a");
  EXPECT_EQ(package.version, "1.0.0");
  EXPECT_EQ(package.type, "npm");
  EXPECT_EQ(package.language, "javascript");
  EXPECT_EQ(package.version_scheme, "npm");
  EXPECT_EQ(package.ecosystem, "npm");
  EXPECT_EQ(package.purl.Text(), "pkg:npm/a@1.0.0");
  EXPECT_THAT(package.locations, ElementsAre(model::Location{"app/node_modules/a/package.json", 0, true}));
}

TEST(NpmPackageJson, HasTheScopeAsNamespace) {
  const auto sink = ScanOne(R"({"name":"@types/node","version":"20.1.0"})");
  EXPECT_EQ(sink.Only("@types/node").purl.name_space, "@types");
  EXPECT_EQ(sink.Only("@types/node").purl.name, "node");
}

TEST(NpmPackageJson, ReadsAllFormsOfLicences) {
  EXPECT_THAT(Licenses(R"_("license":"(MIT OR Apache-2.0)")_"), ElementsAre("(MIT OR Apache-2.0)"));
  EXPECT_THAT(Licenses(R"("license":{"type":"ISC","url":"u"})"), ElementsAre("ISC"));
  EXPECT_THAT(Licenses(R"("license":{"url":"http://x/MIT"})"), ElementsAre("http://x/MIT"));
  EXPECT_THAT(Licenses(R"("license":["MIT","BSD"])"), ElementsAre("MIT", "BSD"));
  EXPECT_THAT(Licenses(R"("licenses":[{"type":"MIT"},"BSD",{"name":"X"},7,null,{}])"), ElementsAre("MIT", "BSD", "X"));
  EXPECT_THAT(Licenses(R"("license":"MIT","licenses":"MIT")"), ElementsAre("MIT"));
  EXPECT_THAT(Licenses(R"("license":7)"), IsEmpty());
}

TEST(NpmPackageJson, ReadsAllFormsOfAuthors) {
  EXPECT_EQ(Supplier(R"_("author":"A B <a@b.org> (https://b.org)")_"), "A B <a@b.org> (https://b.org)");
  EXPECT_EQ(Supplier(R"("author":{"name":"A","email":"a@b.org","url":"u"})"), "A <a@b.org>");
  EXPECT_EQ(Supplier(R"("author":{"email":"a@b.org"})"), "a@b.org");
  EXPECT_EQ(Supplier(R"("author":["A","B"])"), "A");
  EXPECT_EQ(Supplier(R"("author":false,"maintainers":[{"name":"M"}])"), "M");
}

TEST(NpmPackageJson, TakesRuntimeDependenciesUnderTheirRealNames) {
  const auto sink = ScanOne(R"({"name":"a","version":"1","dependencies":{"b":"^1","c-cjs":"npm:@s/c@^2","d":7},
                                "optionalDependencies":{"e":"*"},"devDependencies":{"f":"*"}})");
  EXPECT_THAT(sink.Only("a").depends, ElementsAre("b", "@s/c", "d", "e"));
  EXPECT_THAT(ScanOne(R"({"name":"a","version":"1","dependencies":["b"]})").Only("a").depends, IsEmpty());
}

TEST(NpmPackageJson, NeedsNameAndVersion) {
  for (const auto* text :
       {R"({"type":"module"})", R"({"name":"a"})", R"({"version":"1"})", R"({"name":"a","version":""})", R"([])", "7",
        R"({"name":"a","version":"VERSION"})", R"({"name":["a"],"version":"1"})", R"({"name":"a","version":1})"}) {
    const auto sink = ScanOne(text);
    EXPECT_THAT(sink.packages, IsEmpty()) << text;
    EXPECT_THAT(sink.problems, IsEmpty()) << text;
  }
}

TEST(NpmPackageJson, PrivateCountsOnlyWhereItIsInstalled) {
  const std::string text = R"({"name":"a","version":"1","private":true})";
  EXPECT_THAT(ScanOne(text).packages, SizeIs(1));
  EXPECT_THAT(ScanOne(text, "app/package.json").packages, IsEmpty());
  EXPECT_THAT(ScanOne(text, "app/node_modules/b/dist/package.json").packages, IsEmpty());
  EXPECT_THAT(ScanOne(R"({"name":"a","version":"1"})", "app/package.json").packages, SizeIs(1));
}

TEST(NpmPackageJson, TakesTheLastOfDuplicateKeys) {
  EXPECT_THAT(ScanOne(R"({"name":"a","version":"1","version":"2"})").Names(), ElementsAre("a 2"));
}

TEST(NpmPackageJson, ReportsBrokenFilesAndGoesOn) {
  const auto sink = Scan({{"node_modules/a/package.json", R"({"name":"a","version":"1")"},
                          {"node_modules/b/package.json", "\xef\xbb\xbf{\"name\":\"b\",\"version\":\"1\"}"},
                          {"node_modules/c/package.json", ""},
                          {"node_modules/c/test/package.json", "{"},
                          {"node_modules/d/package.json", std::string(100'000, '[')}});
  EXPECT_THAT(sink.Names(), ElementsAre("b 1"));
  ASSERT_THAT(sink.problems, SizeIs(3));
  EXPECT_EQ(sink.problems[0].path, "node_modules/a/package.json");
  EXPECT_EQ(sink.problems[0].kind, ErrorKind::kCorrupt);
  EXPECT_EQ(sink.problems[2].kind, ErrorKind::kLimit);
}

TEST(NpmPackageJson, IsCleanedForPrinting) {
  const auto sink = ScanOne(R"({"name":"a\u001b[31m","version":"1\n2"})");
  EXPECT_THAT(sink.Names(), ElementsAre("a [31m 1 2"));
}

TEST(NpmPackageJson, ReadsRealPackages) {
  const auto sink = Scan({{"node_modules/express/package.json", Fixture("express.package.json")},
                          {"node_modules/@eslint/js/package.json", Fixture("eslint-js.package.json")}});
  EXPECT_THAT(sink.Names(), ElementsAre("@eslint/js 8.57.1", "express 4.22.3"));
  EXPECT_THAT(sink.problems, IsEmpty());
  const auto& express = sink.Only("express");
  EXPECT_EQ(express.supplier, "TJ Holowaychuk <tj@vision-media.ca>");
  EXPECT_EQ(express.homepage, "http://expressjs.com/");
  EXPECT_EQ(express.licenses.at(0).value, "MIT");
  EXPECT_THAT(express.depends, ::testing::Contains("body-parser"));
}

}  // namespace
}  // namespace holdfast::catalog
