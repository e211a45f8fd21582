#include "catalog/python/python.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/python/record.h"
#include "support/memory_evidence.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

test::CollectingSink Scan(std::map<std::string, std::string> files) {
  return test::RunCataloger(*MakePythonCataloger(), std::move(files));
}

const std::string kFolder = "usr/lib/python3/site-packages/a-1.0.dist-info/";

test::CollectingSink ScanMetadata(std::string text) {
  std::map<std::string, std::string> files;
  files[kFolder + "METADATA"] = std::move(text);
  return Scan(std::move(files));
}

std::vector<std::string> Licenses(const model::Package& package) {
  std::vector<std::string> names;
  for (const auto& license : package.licenses) names.push_back(license.value);
  return names;
}

std::vector<std::string> Paths(const std::vector<model::OwnedFile>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files)
    paths.push_back(file.path + (file.digest.empty() ? "" : " " + file.algorithm + ":" + file.digest.substr(0, 4)));
  return paths;
}

std::string Fixture(const std::string& name) { return test::ReadFile(std::filesystem::path(HF_TESTDATA) / name); }

TEST(PythonClaims, CoverInstalledPackagesAndNothingElse) {
  const auto cataloger = MakePythonCataloger();
  const auto claimed = [&](std::string_view path) {
    return std::ranges::any_of(cataloger->Info().claims,
                               [&](const Claim& claim) { return GlobMatches(claim.glob, path); });
  };
  for (const auto* path : {"s/a-1.dist-info/METADATA", "s/a-1.dist-info/RECORD", "s/a-1.dist-info/direct_url.json",
                           "s/a.egg-info/PKG-INFO", "s/a-1-py3.8.egg/EGG-INFO/PKG-INFO", "s/a.egg-info",
                           "s/a.egg-info/installed-files.txt"})
    EXPECT_TRUE(claimed(path)) << path;
  for (const auto* path : {"s/METADATA", "s/PKG-INFO", "s/a.dist-info/x/METADATA", "s/a.dist-info/WHEEL",
                           "s/a.egg-info/SOURCES.txt", "requirements.txt", "s/a.egg-info.bak"})
    EXPECT_FALSE(claimed(path)) << path;
}

TEST(PythonMetadata, ReadsAMinimalFile) {
  const auto sink = ScanMetadata("Name: Zope.Interface\nVersion: 5.0");
  const auto& package = sink.Only("Zope.Interface");
  EXPECT_EQ(package.version, "5.0");
  EXPECT_EQ(package.type, "python");
  EXPECT_EQ(package.language, "python");
  EXPECT_EQ(package.version_scheme, "pep440");
  EXPECT_EQ(package.ecosystem, "PyPI");
  EXPECT_THAT(package.advisory_names, ElementsAre("zope-interface"));
  EXPECT_THAT(package.provides, ElementsAre("zope-interface"));
  EXPECT_EQ(package.purl.Text(), "pkg:pypi/zope-interface@5.0");
  EXPECT_THAT(package.locations, ElementsAre(model::Location{kFolder + "METADATA", 0, true}));
}

TEST(PythonMetadata, ReadsEveryField) {
  const auto sink = ScanMetadata(
      "\xef\xbb\xbfMetadata-Version: 2.1\r\nname: requests\r\nVersion: 2.31.0\r\nSummary: HTTP for\r\n  Humans\r\n"
      "Home-page: UNKNOWN\r\nProject-URL: Source, https://x\r\nProject-URL: Homepage, https://requests.org\r\n"
      "Author: Kenneth\r\nAuthor-email: me@k.org\r\nLicense: UNKNOWN\r\nClassifier: License :: OSI Approved\r\n"
      "Classifier: License :: OSI Approved :: Apache Software License\r\nRequires-Python: >=3.7\r\n"
      "Requires-Dist: charset_normalizer<4,>=2\r\nRequires-Dist: PySocks (!=1.5.7,>=1.5.6) ; extra == 'socks'\r\n"
      "Requires-Dist: colorama[x] ; sys_platform == 'win32'\r\nRequires-Dist: ???\r\n\r\nName: body\r\n");
  const auto& package = sink.Only("requests");
  EXPECT_EQ(package.homepage, "https://requests.org");
  EXPECT_EQ(package.supplier, "Kenneth <me@k.org>");
  EXPECT_THAT(Licenses(package), ElementsAre("Apache Software License"));
  EXPECT_THAT(package.depends, ElementsAre("charset-normalizer", "colorama"));
  EXPECT_THAT(package.advisory_names, IsEmpty());
  using Pair = std::pair<std::string, std::string>;
  EXPECT_THAT(package.attributes, ElementsAre(Pair("python:requires-python", ">=3.7"),
                                              Pair("python:site-packages", "usr/lib/python3/site-packages"),
                                              Pair("python:summary", "HTTP for")));
}

TEST(PythonLicenses, PreferTheExpressionThenTheFieldThenTheClassifiers) {
  const std::string base = "Name: a\nVersion: 1\nClassifier: License :: OSI Approved :: MIT License\n";
  EXPECT_THAT(Licenses(ScanMetadata(base + "License: x\nLicense-Expression: MIT OR BSD-3-Clause\n").Only("a")),
              ElementsAre("MIT OR BSD-3-Clause"));
  EXPECT_THAT(Licenses(ScanMetadata(base + "License: BSD\n").Only("a")), ElementsAre("BSD"));
  EXPECT_THAT(Licenses(ScanMetadata(base + "License: Long text\n \n of it\n").Only("a")), ElementsAre("MIT License"));
  EXPECT_THAT(Licenses(ScanMetadata("Name: a\nVersion: 1\nLicense: Long text\n of it\n").Only("a")),
              ElementsAre("Long text"));
}

TEST(PythonMetadata, TakesWhatIsMissingFromTheFolder) {
  EXPECT_THAT(ScanMetadata("Metadata-Version: 2.1\n").Names(), ElementsAre("a 1.0"));
  EXPECT_THAT(ScanMetadata("").Names(), ElementsAre("a 1.0"));
  EXPECT_THAT(
      Scan({{"s/b_c-2-py3.8.egg/EGG-INFO/PKG-INFO", ""}, {"s/d-3.egg-info", ""}, {"s/e-4-py3.egg-info/PKG-INFO", ""}})
          .Names(),
      ElementsAre("b_c 2", "d 3", "e 4"));
}

TEST(PythonMetadata, ReportsABadFileAndGoesOn) {
  const auto sink = Scan({{"s/a.egg-info/PKG-INFO", "Name: a\n"},
                          {"s/b.egg-info/PKG-INFO", "Name: b\nVersion: 1\nno field\nSummary: x\n"},
                          {"s/c.egg-info", "Name: c\nVersion: 2\n"}});
  EXPECT_THAT(sink.Names(), ElementsAre("b 1", "c 2"));
  ASSERT_THAT(sink.problems, SizeIs(2));
  EXPECT_EQ(sink.problems[0].path, "s/a.egg-info/PKG-INFO");
  EXPECT_EQ(sink.problems[1].message, "damaged metadata of \"b\": no field");
}

TEST(PythonMetadata, ReportsFilesOverTheLimit) {
  const std::string large(9 << 20, '#');
  EXPECT_EQ(ScanMetadata(large).problems.at(0).kind, ErrorKind::kLimit);
  const auto sink = Scan({{kFolder + "METADATA", "Name: a\nVersion: 1\n"}, {kFolder + "direct_url.json", large}});
  EXPECT_THAT(sink.Names(), ElementsAre("a 1"));
  EXPECT_EQ(sink.problems.at(0).path, kFolder + "direct_url.json");
}

TEST(PythonMetadata, SurvivesTruncationAnywhere) {
  const std::string whole = Fixture("flask-3.1.3.METADATA").substr(0, 900);
  for (std::size_t size = 0; size < whole.size(); size += 7)
    EXPECT_THAT(ScanMetadata(whole.substr(0, size)).packages, SizeIs(1));
}

TEST(PythonRecord, ReadsQuotedPathsAndDigests) {
  const std::string sha256 = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
  EXPECT_THAT(
      Paths(ParseRecord("x/__init__.py," + sha256 + ",0\r\n\"a \"\"b\"\",c\nd\"," + sha256 +
                            ",1\nRECORD,,\n,,\n\nbare\nx,sha256=AAAA,1\ny,sha9=47DEQpj8HBSa,2\nz,a,b,c,d\n\"open",
                        "s", 100)),
      ElementsAre("s/x/__init__.py sha256:e3b0", "s/a \"b\",c\nd sha256:e3b0", "s/RECORD", "s/bare", "s/x", "s/y",
                  "s/z", "s/open"));
}

TEST(PythonRecord, StaysInTheImageAndWithinTheLimit) {
  EXPECT_THAT(Paths(ParseRecord("../../bin/x,,\n../../../../../etc/passwd,,\n/opt/y,,\n..,,\n", "usr/lib/s", 100)),
              ElementsAre("usr/bin/x", "etc/passwd", "opt/y", "usr/lib"));
  EXPECT_THAT(ParseRecord("a,,\nb,,\nc,,\n", "", 2), SizeIs(2));
}

TEST(PythonFiles, OfEggsComeFromInstalledFiles) {
  const auto sink = Scan({{"s/a.egg-info/PKG-INFO", "Name: a\nVersion: 1\n"},
                          {"s/a.egg-info/installed-files.txt", "../a/__init__.py\n./\nPKG-INFO\n\n"},
                          {"s/a.egg-info/requires.txt", "six>=1\n# x\n\n[extra]\nnever\n"},
                          {"s/a.egg-info/top_level.txt", "a\n_a\n"}});
  const auto& package = sink.Only("a");
  EXPECT_THAT(Paths(package.files), ElementsAre("s/a/__init__.py", "s/a.egg-info/PKG-INFO"));
  EXPECT_THAT(package.depends, ElementsAre("six"));
  EXPECT_EQ(package.attributes.back().second, "a _a");
}

TEST(PythonDirectUrl, TellsTheOriginWithoutCredentials) {
  const auto sink = Scan({{kFolder + "METADATA", "Name: a\nVersion: 1\n"},
                          {kFolder + "direct_url.json",
                           R"({"url":"https://user:secret@git.org/a@b","vcs_info":{"vcs":"git","commit_id":"abc"},
                               "dir_info":{"editable":true}})"}});
  using Pair = std::pair<std::string, std::string>;
  EXPECT_THAT(
      sink.Only("a").attributes,
      ElementsAre(Pair("python:commit", "abc"), Pair("python:direct-url", "https://git.org/a@b"),
                  Pair("python:editable", "true"), Pair("python:site-packages", "usr/lib/python3/site-packages")));
}

TEST(PythonDirectUrl, DamagedIsAProblemOfThatFileAlone) {
  const auto sink = Scan({{kFolder + "METADATA", "Name: a\nVersion: 1\n"}, {kFolder + "direct_url.json", "{"}});
  EXPECT_THAT(sink.Names(), ElementsAre("a 1"));
  ASSERT_THAT(sink.problems, SizeIs(1));
  EXPECT_EQ(sink.problems[0].path, kFolder + "direct_url.json");
}

TEST(PythonName, IsNormalisedAsPep503Says) {
  EXPECT_EQ(NormalPythonName("Friendly-._.-Bard"), "friendly-bard");
  EXPECT_EQ(NormalPythonName("ruamel.yaml_clib"), "ruamel-yaml-clib");
}

TEST(PythonMetadata, AgreesWithPythonOnARealWheel) {
  const std::string folder = "usr/lib/python3/site-packages/flask-3.1.3.dist-info/";
  const auto sink = Scan(
      {{folder + "METADATA", Fixture("flask-3.1.3.METADATA")}, {folder + "RECORD", Fixture("flask-3.1.3.RECORD")}});
  EXPECT_THAT(sink.problems, IsEmpty());
  const auto& package = sink.Only("Flask");
  std::string rows = package.name + " " + package.version + "\n";
  for (const auto& file : package.files)
    rows += file.path + " " + (file.digest.empty() ? "-" : file.algorithm + " " + file.digest) + "\n";
  EXPECT_EQ(rows, Fixture("flask-3.1.3.expected"));
  EXPECT_THAT(Licenses(package), ElementsAre("BSD-3-Clause"));
  EXPECT_THAT(package.depends, ElementsAre("blinker", "click", "importlib-metadata", "itsdangerous", "jinja2",
                                           "markupsafe", "werkzeug"));
}

TEST(PythonMetadata, ReadsARealEgg) {
  const auto sink =
      Scan({{"usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO", Fixture("six-1.16.0.PKG-INFO")}});
  const auto& package = sink.Only("six");
  EXPECT_EQ(package.version, "1.16.0");
  EXPECT_EQ(package.homepage, "https://github.com/benjaminp/six");
  EXPECT_THAT(Licenses(package), ElementsAre("MIT"));
  EXPECT_EQ(package.supplier, "Benjamin Peterson <benjamin@python.org>");
}

}  // namespace
}  // namespace holdfast::catalog
