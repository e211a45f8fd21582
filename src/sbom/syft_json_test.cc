#include "sbom/syft_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/format.h"
#include "io/json.h"
#include "model/ecosystem.h"
#include "sbom/syft_types.h"
#include "support/test_support.h"

namespace holdfast::sbom {
namespace {

using model::ImageAnalysis;
using model::Location;
using model::Package;
using model::Relation;
using model::RelationKind;
using test::ExpectError;
using test::Value;
using testing::ElementsAre;
using testing::HasSubstr;

ImageAnalysis ParseFile(const std::string& name) {
  return Value(ParseSyftJson(test::ReadFile(std::string(HF_TESTDATA "/") + name)));
}

const Package& Find(const ImageAnalysis& analysis, std::string_view name) {
  const auto found = std::ranges::find(analysis.packages, name, &Package::name);
  if (found == analysis.packages.end()) throw std::runtime_error("no package " + std::string(name));
  return *found;
}

std::string Attribute(const Package& package, std::string_view key) {
  for (const auto& [name, value] : package.attributes)
    if (name == key) return value;
  return {};
}

std::string Document(const std::string& artifacts, const std::string& rest = "") {
  return R"({"artifacts":[)" + artifacts + "]" + rest + "}";
}

TEST(SyftJson, ReadsTheFirstSchemasSource) {
  const ImageAnalysis analysis = ParseFile("syft-1.1.json");
  EXPECT_EQ(analysis.problems, std::vector<Problem>());
  EXPECT_EQ(analysis.distro.id, "debian");
  EXPECT_EQ(analysis.distro.version_id, "11");
  EXPECT_EQ(analysis.source.kind, "sbom");
  EXPECT_EQ(analysis.source.reference, "registry.example/team/app:1.2");
  EXPECT_EQ(analysis.source.name, "registry.example/team/app");
  EXPECT_THAT(analysis.source.tags, ElementsAre("registry.example/team/app:1.2", "registry.example/team/app:latest"));
  EXPECT_EQ(analysis.source.manifest_digest, "sha256:" + std::string(64, '2'));
  EXPECT_EQ(analysis.source.image_id, "sha256:" + std::string(64, '1'));
  EXPECT_EQ(analysis.source.architecture + "/" + analysis.source.variant, "arm64/v8");
  EXPECT_EQ(analysis.source.created, "2021-06-01T00:00:00Z");
  EXPECT_EQ(analysis.source.labels, (std::vector<std::pair<std::string, std::string>>{{"a", "b"}}));
  ASSERT_EQ(analysis.layers.size(), 2U);
  EXPECT_EQ(analysis.layers[1].diff_id, "sha256:bbbb");
  EXPECT_EQ(analysis.layers[1].digest, "sha256:dddd");
  EXPECT_EQ(analysis.layers[1].bytes, 20U);
  EXPECT_EQ(analysis.layers[1].compressed_bytes, 6U);
}

TEST(SyftJson, ReadsTheFirstSchemasDebianPackages) {
  const ImageAnalysis analysis = ParseFile("syft-1.1.json");
  const Package& ssl = Find(analysis, "libssl1.1");
  EXPECT_EQ(ssl.type, "deb");
  EXPECT_EQ(ssl.version_scheme, "dpkg");
  EXPECT_EQ(ssl.ecosystem, "");
  EXPECT_EQ(ssl.upstreams, (std::vector<model::Upstream>{{"openssl", ""}}));
  EXPECT_EQ(ssl.architecture, "amd64");
  EXPECT_EQ(ssl.purl.Text(), "pkg:deb/debian/libssl1.1@1.1.1k-1%2Bdeb11u1?arch=amd64");
  EXPECT_EQ(ssl.locations, (std::vector<Location>{{"var/lib/dpkg/status", 1, true},
                                                  {"usr/share/doc/libssl1.1/copyright", 0, false},
                                                  {"var/lib/dpkg/info/libssl1.1:amd64.md5sums", 1, false}}));
  ASSERT_EQ(ssl.files.size(), 2U);
  EXPECT_EQ(ssl.files[0],
            (model::OwnedFile{"usr/lib/x86_64-linux-gnu/libssl.so.1.1", "md5", "0123456789abcdef0123456789abcdef"}));
  EXPECT_EQ(ssl.files[1], (model::OwnedFile{"usr/share/doc/libssl1.1", "", ""}));
  ASSERT_EQ(ssl.licenses.size(), 2U);
  EXPECT_EQ(ssl.licenses[1], (model::License{"GPL-2+", "GPL-2.0-or-later"}));
  EXPECT_EQ(Attribute(ssl, kCpesAttribute),
            "cpe:2.3:a:libssl1.1:libssl1.1:1.1.1k-1+deb11u1:*:*:*:*:*:*:* "
            "cpe:2.3:a:openssl:libssl1.1:1.1.1k-1+deb11u1:*:*:*:*:*:*:*");
  // A rebuild: the source has the package's name, and a version of its own.
  EXPECT_EQ(Find(analysis, "bash").upstreams, (std::vector<model::Upstream>{{"bash", "5.1-2"}}));
}

TEST(SyftJson, ReadsTheFirstSchemasLanguagePackages) {
  const ImageAnalysis analysis = ParseFile("syft-1.1.json");
  const Package& python = Find(analysis, "Requests_Toolbelt");
  EXPECT_EQ(python.ecosystem + " " + python.version_scheme + " " + python.language, "PyPI pep440 python");
  EXPECT_THAT(python.advisory_names, ElementsAre("requests-toolbelt"));
  EXPECT_EQ(python.supplier, "Ian Cordasco <ian@example.org>");
  ASSERT_EQ(python.files.size(), 2U);
  EXPECT_EQ(python.files[0], (model::OwnedFile{"usr/lib/python3/dist-packages/requests_toolbelt/__init__.py", "", ""}));
  EXPECT_EQ(python.files[1].path, "usr/bin/tool");
  EXPECT_EQ(Attribute(python, "python:top-level"), "requests_toolbelt other");

  const Package& java = Find(analysis, "jackson-databind");
  EXPECT_EQ(java.ecosystem + " " + java.version_scheme + " " + java.language, "Maven maven java");
  EXPECT_THAT(java.advisory_names,
              ElementsAre("com.fasterxml.jackson.core:jackson-databind", "jackson-databind:jackson-databind"));
  EXPECT_EQ(java.locations.front().path, "app/app.war:WEB-INF/lib/jackson-databind-2.9.8.jar");
  EXPECT_EQ(java.supplier, "FasterXML");
  EXPECT_EQ(Attribute(java, "java:specification-version"), "2.9.8");

  EXPECT_EQ(Find(analysis, "lodash").homepage, "https://lodash.com/");
  EXPECT_EQ(Find(analysis, "rack").supplier, "Leah Neukirchen, Somebody");
  EXPECT_EQ(Find(analysis, "rack").ecosystem, "RubyGems");
  EXPECT_EQ(Find(analysis, "golang.org/x/text").ecosystem, "Go");
  EXPECT_EQ(Find(analysis, "serde").ecosystem, "crates.io");
}

TEST(SyftJson, RelationsKeepTheirDirection) {
  const ImageAnalysis analysis = ParseFile("syft-1.1.json");
  const auto index = [&](std::string_view name) {
    return static_cast<std::uint32_t>(&Find(analysis, name) - analysis.packages.data());
  };
  EXPECT_EQ(analysis.relations,
            (std::vector<Relation>{{RelationKind::kDependsOn, index("bash"), index("libssl1.1")},
                                   {RelationKind::kOwns, index("libssl1.1"), index("Requests_Toolbelt")},
                                   {RelationKind::kContains, index("jackson-databind"), index("lodash")}}));
}

TEST(SyftJson, ReadsThePresentSchemasDistributionPackages) {
  const ImageAnalysis analysis = ParseFile("syft-16.json");
  EXPECT_EQ(analysis.distro.id, "almalinux");
  EXPECT_EQ(analysis.distro.version_id, "8.9");
  EXPECT_THAT(analysis.distro.id_like, ElementsAre("rhel", "centos", "fedora"));
  EXPECT_EQ(analysis.source.name, "app");
  EXPECT_EQ(analysis.source.architecture, "arm64");

  const Package& node = Find(analysis, "nodejs");
  EXPECT_EQ(node.version, "1:16.20.2-3.module_el8.9.0+3731+490e3ce5");
  EXPECT_EQ(node.module_label, "nodejs:16:8090020240129103142:8c4d3eb5");
  EXPECT_EQ(node.upstreams, (std::vector<model::Upstream>{{"nodejs", ""}}));
  EXPECT_THAT(node.depends, ElementsAre("libc.so.6()(64bit)"));
  EXPECT_EQ(node.licenses.at(0).value, "MIT and ASL 2.0 and ISC and BSD");
  ASSERT_EQ(node.files.size(), 1U);  // not the folder
  EXPECT_EQ(node.files[0].path, "usr/bin/node");

  const Package& sh = Find(analysis, "busybox-binsh");
  EXPECT_EQ(sh.upstreams, (std::vector<model::Upstream>{{"busybox", ""}}));
  EXPECT_EQ(sh.locations, (std::vector<Location>{{"lib/apk/db/installed", 1, true}}));
  EXPECT_THAT(sh.depends, ElementsAre("busybox", "so:libc.musl-aarch64.so.1"));
  EXPECT_THAT(sh.provides, ElementsAre("/bin/sh", "cmd:sh"));
  ASSERT_EQ(sh.files.size(), 1U);
  EXPECT_EQ(sh.files[0], (model::OwnedFile{"bin/sh", "sha1", "494564974939c04741db1bc6f9db7e08fa77c02e"}));
}

TEST(SyftJson, ReadsThePresentSchemasLanguagePackages) {
  const ImageAnalysis analysis = ParseFile("syft-16.json");
  const Package& java = Find(analysis, "lang3");
  EXPECT_THAT(java.advisory_names, ElementsAre("lang3:lang3", "org.apache.commons:lang3"));
  EXPECT_EQ(java.locations.front().path, "a.jar");
  EXPECT_EQ(Attribute(java, "java:implementation-version"), "3.1");
  EXPECT_EQ(Find(analysis, "stdlib").version, "1.22.1");
  EXPECT_EQ(Attribute(Find(analysis, "stdlib"), "go:version"), "go1.22.1");
  EXPECT_EQ(Find(analysis, "example.com/tool").version, "");
  EXPECT_EQ(Attribute(Find(analysis, "example.com/tool"), "go:build:GOARCH"), "arm64");
  EXPECT_EQ(Find(analysis, "Newtonsoft.Json").ecosystem, "NuGet");
  EXPECT_THAT(Find(analysis, "symfony/http-foundation").advisory_names, ElementsAre("symfony/http-foundation"));
  const Package& binary = Find(analysis, "python");
  EXPECT_EQ(binary.locations, (std::vector<Location>{{"usr/local/bin/python3.11", 1, true},
                                                     {"usr/local/lib/libpython3.11.so", 0, false}}));
}

TEST(SyftJson, ThePackageUrlStandsInForMissingTypeAndMetadata) {
  const ImageAnalysis analysis = ParseFile("syft-16.json");
  const Package& converted = Find(analysis, "openssl");
  EXPECT_EQ(converted.type, "deb");
  EXPECT_EQ(converted.version_scheme, "dpkg");
  EXPECT_EQ(converted.architecture, "amd64");
  EXPECT_EQ(converted.upstreams, (std::vector<model::Upstream>{{"openssl", "3.0.11-1"}}));

  const auto rpm = Value(ParseSyftJson(Document(
      R"({"name":"a","version":"1-2","purl":"pkg:rpm/rhel/a@1-2?epoch=3&rpmmod=m:1&upstream=b-1-2.src.rpm"})")));
  EXPECT_EQ(rpm.packages.at(0).version, "3:1-2");
  EXPECT_EQ(rpm.packages.at(0).module_label, "m:1");
  EXPECT_EQ(rpm.packages.at(0).upstreams, (std::vector<model::Upstream>{{"b", ""}}));
}

TEST(SyftJson, TypesWithoutAdvisoriesAreKeptAndReported) {
  const ImageAnalysis analysis = ParseFile("syft-16.json");
  EXPECT_EQ(Find(analysis, "pacman").purl.Text(), "pkg:alpm/arch/pacman@6.0.2-7?arch=x86_64");
  ASSERT_EQ(analysis.problems.size(), 2U);
  EXPECT_EQ(analysis.problems[0].kind, ErrorKind::kNotFound);
  EXPECT_THAT(analysis.problems[0].message, HasSubstr("1 packages of type \"alpm\""));
  EXPECT_THAT(analysis.problems[1].message, HasSubstr("1 packages of type \"binary\""));
  EXPECT_TRUE(std::ranges::none_of(analysis.problems, &MakesPartial));
}

TEST(SyftJson, TypesHaveTheOrderOfTheirEcosystem) {
  for (const std::string_view type : {"python", "npm", "gem", "java-archive", "go-module", "rust-crate", "dotnet",
                                      "php-composer", "dart-pub", "hex", "conan", "bitnami", "hackage", "R-package"}) {
    const SyftType* row = FindSyftType(type, "");
    ASSERT_NE(row, nullptr) << type;
    ASSERT_NE(model::FindEcosystem(row->ecosystem), nullptr) << type;
    EXPECT_EQ(row->version_scheme, model::FindEcosystem(row->ecosystem)->version_scheme) << type;
  }
}

TEST(SyftJson, ReadsWhatSyftItselfWrote) {
  const ImageAnalysis analysis = ParseFile("distroless-base.syft-16.1.13.json");
  EXPECT_EQ(analysis.problems, std::vector<Problem>());
  std::vector<std::string> lines;
  for (const Package& package : analysis.packages)
    lines.push_back(Format("{} {} {} {} {}", package.name, package.version, package.architecture,
                           package.upstreams.empty() ? "-" : package.upstreams[0].name, package.locations[0].layer));
  EXPECT_THAT(lines, ElementsAre("base-files 11.1+deb11u3 amd64 - 0", "libc6 2.31-13+deb11u3 amd64 glibc 1",
                                 "libssl1.1 1.1.1n-0+deb11u2 amd64 openssl 1", "netbase 6.3 all - 0",
                                 "openssl 1.1.1n-0+deb11u2 amd64 - 1", "tzdata 2021a-1+deb11u4 all - 0"));
  EXPECT_EQ(analysis.distro.version_id, "11");
  EXPECT_EQ(analysis.layers.size(), 2U);
  EXPECT_EQ(analysis.source.image_id, "sha256:f596dc8e127cd633105b3934586d9a3923bffa950845b6ccae349669cdc87c94");
}

TEST(SyftJson, SaysWhatADocumentIsWhenItIsNotSyfts) {
  ExpectError(ParseSyftJson(R"({"bomFormat":"CycloneDX","components":[]})"), ErrorKind::kInvalidInput, "CycloneDX");
  ExpectError(ParseSyftJson(R"({"spdxVersion":"SPDX-2.3"})"), ErrorKind::kInvalidInput, "SPDX");
  ExpectError(ParseSyftJson(R"({"packages":[]})"), ErrorKind::kInvalidInput, "artifacts");
  ExpectError(ParseSyftJson("[]"), ErrorKind::kInvalidInput, "no JSON object");
  ExpectError(ParseSyftJson(R"({"artifacts":[)"), ErrorKind::kCorrupt, "Syft document");
  ExpectError(ParseSyftJson(""), ErrorKind::kCorrupt);
}

TEST(SyftJson, BadRecordsAreProblemsAndTheRestIsKept) {
  const auto analysis = Value(ParseSyftJson(Document(R"(
      {"name":"a","version":"1","type":"deb","id":"x"}, 7, {"version":"1"}, {"name":"b","type":"rpm"},
      {"name":"c","version":"1","type":"npm","purl":"nonsense","id":"x"}, null)",
                                                     R"(,"source":{"metadata":{"manifest":"!","config":"e30=",)"
                                                     R"("layers":{"a":1},"tags":[1,"t"]}},"distro":[1])")));
  ASSERT_EQ(analysis.packages.size(), 2U);
  EXPECT_EQ(analysis.source.tags, std::vector<std::string>{"t"});
  std::vector<std::string> messages;
  for (const Problem& problem : analysis.problems) messages.push_back(problem.message);
  EXPECT_THAT(messages,
              ElementsAre(HasSubstr("image manifest"), "artifact 1: without a name", "artifact 2: without a name",
                          "artifact 3: \"b\": without a version", HasSubstr("package URL of \"c\""),
                          "artifact 5: without a name", HasSubstr("two artifacts with one id")));
}

TEST(SyftJson, ANewerSchemaIsReadWithAWarning) {
  const std::string package = R"({"name":"a","version":"1","type":"deb"})";
  const auto newer = Value(ParseSyftJson(Document(package, R"(,"schema":{"version":"17.0.0"})")));
  EXPECT_EQ(newer.packages.size(), 1U);
  ASSERT_EQ(newer.problems.size(), 1U);
  EXPECT_EQ(newer.problems[0].kind, ErrorKind::kUnsupported);
  EXPECT_THAT(newer.problems[0].message, HasSubstr("17.0.0"));
  EXPECT_EQ(Value(ParseSyftJson(Document(package, R"(,"schema":{"version":"x"})"))).problems.size(), 1U);
  for (const char* version : {"1.0.0", "9.0.2", "16.1.13"})
    EXPECT_TRUE(
        Value(ParseSyftJson(Document(package, Format(R"(,"schema":{{"version":"{}"}})", version)))).problems.empty());
}

TEST(SyftJson, HoldsItsLimits) {
  Limits limits;
  limits.packages_max = 1;
  ExpectError(ParseSyftJson(Document(R"({"name":"a"},{"name":"b"})"), limits), ErrorKind::kLimit,
              "more than 1 packages");
  limits = {};
  limits.layers_max = 1;
  ExpectError(ParseSyftJson(Document("", R"(,"source":{"metadata":{"layers":[{},{}]}})"), limits), ErrorKind::kLimit,
              "layers");
  limits = {};
  limits.problems_max = 1;
  const auto analysis = Value(ParseSyftJson(Document("1,2,3"), limits));
  EXPECT_EQ(analysis.problems.size(), 1U);
  EXPECT_EQ(analysis.problems_dropped, 2U);
  ExpectError(ParseSyftJson(std::string(100, '[')), ErrorKind::kLimit);
}

TEST(SyftJson, NamesAreHarmlessToPrint) {
  const auto analysis = Value(ParseSyftJson(Document(R"({"name":"a\u001b[31m\nb","version":"1\t2","type":"npm"})")));
  EXPECT_EQ(analysis.packages.at(0).name, "a [31m b");
  EXPECT_EQ(analysis.packages.at(0).version, "1 2");
}

TEST(SyftJson, AnImageHasTheNameOfItsRepository) {
  for (const auto& [about, name] :
       {std::pair{R"("userInput":"x","repoDigests":["index.docker.io/library/alpine@sha256:1"])",
                  "docker.io/library/alpine"},
        {R"("userInput":"x","tags":["localhost:5000/app:1"])", "localhost:5000/app"},
        {R"("userInput":"localhost:5000/app")", "localhost:5000/app"}}) {
    const std::string source = Format(R"(,"source":{{"type":"image","target":{{{}}}}})", about);
    EXPECT_EQ(Value(ParseSyftJson(Document("", source))).source.name, name);
  }
}

TEST(SyftJson, FoldersAndFilesAreNoImages) {
  const auto old = Value(ParseSyftJson(Document("", R"(,"source":{"type":"directory","target":"/srv/app"})")));
  EXPECT_EQ(old.source.kind + " " + old.source.reference + " " + old.source.name, "dir /srv/app ");
  const auto file = Value(ParseSyftJson(Document("", R"(,"source":{"type":"file","metadata":{"path":"a.jar"}})")));
  EXPECT_EQ(file.source.kind + " " + file.source.reference, "file a.jar");
}

TEST(SyftJson, OldNamesOfDistributionsAreTheirIds) {
  for (const auto& [name, id] : {std::pair{"redhat", "rhel"},
                                 {"amazonlinux", "amzn"},
                                 {"oraclelinux", "ol"},
                                 {"rockylinux", "rocky"},
                                 {"centos", "centos"}}) {
    const auto analysis =
        Value(ParseSyftJson(Document("", Format(R"(,"distro":{{"name":"{}","version":"8.4","idLike":"a b"}})", name))));
    EXPECT_EQ(analysis.distro.id, id);
    EXPECT_EQ(analysis.distro.version_id, "8.4");
    EXPECT_THAT(analysis.distro.id_like, ElementsAre("a", "b"));
  }
  EXPECT_FALSE(Value(ParseSyftJson(Document("", R"(,"distro":{})"))).distro.Known());
}

// The first documents had the epoch of an RPM in its metadata only.
TEST(SyftJson, TheEpochIsPartOfTheVersion) {
  const auto version = [](const char* stated, const char* epoch) {
    return Value(ParseSyftJson(Document(
                     Format(R"({{"name":"a","version":"{}","type":"rpm","metadata":{{"epoch":{}}}}})", stated, epoch))))
        .packages.at(0)
        .version;
  };
  EXPECT_EQ(version("1-2", "3"), "3:1-2");
  EXPECT_EQ(version("3:1-2", "3"), "3:1-2");
  EXPECT_EQ(version("1-2", "0"), "1-2");
  EXPECT_EQ(version("1-2", "null"), "1-2");
}

std::string Write(const ImageAnalysis& analysis) {
  io::StringSink sink;
  Value(WriteSyftJson(analysis, {.tool_version = "1.0", .timestamp = "2026-01-01T00:00:00Z"}, sink));
  return sink.Take();
}

// What is lost on the way through a document: attributes that Syft has no field for, and the kind of the source.
TEST(SyftJson, WhatIsWrittenReadsBackTheSame) {
  for (const char* name : {"syft-1.1.json", "syft-16.json", "distroless-base.syft-16.1.13.json"}) {
    ImageAnalysis before = ParseFile(name);
    const std::string text = Write(before);
    ImageAnalysis after = Value(ParseSyftJson(text));
    EXPECT_TRUE(Write(after) == text) << name;
    ASSERT_EQ(after.packages.size(), before.packages.size());
    for (std::size_t i = 0; i < after.packages.size(); ++i) {
      Package& a = before.packages[i];
      Package& b = after.packages[i];
      for (Package* package : {&a, &b})
        std::erase_if(package->attributes,
                      [](const auto& pair) { return pair.first.starts_with("java:") && pair.first != "java:sha1"; });
      if (a.type == "java-archive") a.supplier.clear();
      EXPECT_EQ(a.name + a.version + a.type, b.name + b.version + b.type);
      EXPECT_EQ(a.advisory_names.empty(), b.advisory_names.empty()) << a.name;
      a.advisory_names = b.advisory_names;
      EXPECT_EQ(a == b, true) << name << " " << a.name;
    }
    EXPECT_EQ(after.relations, before.relations);
    EXPECT_EQ(after.distro, before.distro);
    EXPECT_EQ(after.problems, before.problems);
  }
}

TEST(SyftJson, IdsAreUniqueAndStable) {
  ImageAnalysis analysis = ParseFile("syft-16.json");
  const auto ids = [](const ImageAnalysis& of) {
    const auto document = Value(io::JsonDocument::Parse(Write(of)));
    std::vector<std::string> list;
    for (const io::JsonView artifact : document.Root()["artifacts"]) list.emplace_back(artifact["id"].StringOr(""));
    return list;
  };
  const auto before = ids(analysis);
  EXPECT_EQ(std::set(before.begin(), before.end()).size(), analysis.packages.size());
  for (const std::string& id : before) EXPECT_EQ(id.size(), 16U);
  // Another package in the document changes no id; an equal one has an id of its own.
  analysis.packages.push_back(analysis.packages.front());
  const auto after = ids(analysis);
  EXPECT_TRUE(std::ranges::equal(before, std::span(after).first(before.size())));
  EXPECT_EQ(std::set(after.begin(), after.end()).size(), after.size());
}

TEST(SyftJson, WritesWhatClientsLookFor) {
  const auto document = Value(io::JsonDocument::Parse(Write(ParseFile("syft-16.json"))));
  const io::JsonView root = document.Root();
  EXPECT_EQ(root["schema"]["version"].StringOr(""), kSyftSchemaVersion);
  EXPECT_EQ(root["descriptor"]["name"].StringOr(""), "holdfast");
  EXPECT_EQ(root["distro"]["name"].StringOr(""), "almalinux");
  EXPECT_EQ(root["distro"]["versionID"].StringOr(""), "8.9");
  EXPECT_EQ(root["source"]["type"].StringOr(""), "image");
  EXPECT_EQ(root["source"]["metadata"]["tags"].At(0).StringOr(""), "app:1");
  for (const io::JsonView artifact : root["artifacts"]) {
    for (const char* key : {"id", "name", "version", "type", "foundBy", "language", "purl"})
      EXPECT_TRUE(artifact[key].IsString()) << key;
    for (const char* key : {"locations", "licenses", "cpes"}) EXPECT_TRUE(artifact[key].IsArray()) << key;
  }
  const io::JsonView node = root["artifacts"].At(9);
  ASSERT_EQ(node["name"].StringOr(""), "nodejs");
  EXPECT_EQ(node["metadata"]["epoch"].Integer(), 1);
  EXPECT_EQ(node["metadata"]["release"].StringOr(""), "3.module_el8.9.0+3731+490e3ce5");
}

}  // namespace
}  // namespace holdfast::sbom
