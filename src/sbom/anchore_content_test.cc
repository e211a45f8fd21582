#include "sbom/anchore_content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "io/json.h"
#include "sbom/anchore_types.h"
#include "sbom/syft_json.h"
#include "support/test_support.h"

namespace holdfast::sbom {
namespace {

using model::ImageAnalysis;
using model::Package;
using test::ExpectError;
using test::Value;
using testing::HasSubstr;

std::string Content(const ImageAnalysis& analysis, std::string_view type, const AnchoreContentOptions& options = {}) {
  io::StringSink sink;
  Value(WriteAnchorePackages(type, analysis, options, sink));
  return sink.Take();
}

Package Make(std::string type, std::string name, std::string version) {
  Package package;
  package.type = std::move(type);
  package.name = std::move(name);
  package.version = std::move(version);
  return package;
}

std::string Of(Package package, std::string_view type) {
  ImageAnalysis analysis;
  analysis.packages = {std::move(package)};
  return Content(analysis, type);
}

TEST(AnchoreContent, Debian) {
  Package package = Make("deb", "libssl1.1", "1.1.1k-1");
  package.supplier = "Debian OpenSSL Team";
  package.upstreams = {{"openssl", ""}};
  package.licenses = {{"OpenSSL", ""}, {"GPL-2+", ""}, {"OpenSSL", ""}};
  package.attributes = {{"dpkg:installed-size", "4121"}};
  EXPECT_EQ(Of(package, "os"),
            R"([{"package":"libssl1.1","version":"1.1.1k-1","type":"dpkg","size":"4121000",)"
            R"x("origin":"Debian OpenSSL Team (maintainer)","license":"OpenSSL GPL-2+",)x"
            R"("licenses":["OpenSSL","GPL-2+"],"cpes":["cpe:2.3:a:libssl1.1:libssl1.1:1.1.1k-1:*:*:*:*:*:*:*"],)"
            R"("sourcepkg":"openssl-1.1.1k-1"}])");
  package.upstreams = {{"openssl", "1.1.1k-0"}};
  EXPECT_THAT(Of(package, "os"), HasSubstr(R"("sourcepkg":"openssl-1.1.1k-0")"));
  EXPECT_EQ(Of(Make("deb", "a", "1"), "os"),
            R"([{"package":"a","version":"1","type":"dpkg","size":"N/A","origin":"N/A","license":"Unknown",)"
            R"("licenses":["Unknown"],"cpes":["cpe:2.3:a:a:a:1:*:*:*:*:*:*:*"],"sourcepkg":"N/A"}])");
}

TEST(AnchoreContent, RpmAndAlpine) {
  Package rpm = Make("rpm", "nodejs", "1:16.20.2-3");
  rpm.supplier = "AlmaLinux";
  rpm.licenses = {{"MIT and ASL 2.0", ""}};
  rpm.attributes = {{"rpm:size", "41"}, {"rpm:source-rpm", "nodejs-16.20.2-3.src.rpm"}};
  EXPECT_EQ(Of(rpm, "os"),
            R"([{"package":"nodejs","version":"1:16.20.2-3","type":"rpm","size":"41","origin":"AlmaLinux",)"
            R"("license":"MIT and ASL 2.0","licenses":["MIT","and","ASL","2.0"],)"
            R"("cpes":["cpe:2.3:a:nodejs:nodejs:16.20.2-3:*:*:*:*:*:*:*"],"sourcepkg":"nodejs-16.20.2-3.src.rpm"}])");
  Package apk = Make("apk", "busybox-binsh", "1.36.1-r2");
  apk.upstreams = {{"busybox", ""}};
  apk.attributes = {{"apk:installed-size", "8192"}};
  EXPECT_EQ(Of(apk, "os"),
            R"([{"package":"busybox-binsh","version":"1.36.1-r2","type":"APKG","size":"8192","origin":"N/A",)"
            R"("license":"N/A","licenses":["N/A"],)"
            R"("cpes":["cpe:2.3:a:busybox-binsh:busybox-binsh:1.36.1-r2:*:*:*:*:*:*:*"],"sourcepkg":"busybox"}])");
  EXPECT_THAT(Of(Make("apk", "musl", "1"), "os"), HasSubstr(R"("sourcepkg":"musl")"));
}

TEST(AnchoreContent, NpmGemGoAndBinary) {
  Package npm = Make("npm", "@scope/name", "4.17.20");
  npm.locations = {{"app/node_modules/@scope/name/package.json", 0, true}};
  npm.supplier = "Somebody";
  npm.licenses = {{"MIT", ""}, {"ISC", ""}};
  EXPECT_EQ(Of(npm, "npm"),
            R"([{"package":"@scope/name","type":"NPM","location":"/app/node_modules/@scope/name/package.json",)"
            R"("version":"4.17.20","origin":"Somebody","license":"MIT ISC","licenses":["MIT","ISC"],)"
            R"("cpes":["cpe:2.3:a:name:name:4.17.20:*:*:*:*:*:*:*"]}])");
  for (const auto& [type, content, word] : {std::tuple{"gem", "gem", "GEM"},
                                            {"go-module", "go", "GO"},
                                            {"binary", "binary", "BINARY"},
                                            {"npm", "npm", "NPM"}})
    EXPECT_EQ(Of(Make(type, "x", ""), content),
              Format(R"([{{"package":"x","type":"{}","location":"Unknown","version":"Unknown","origin":"Unknown",)"
                     R"("license":"Unknown","licenses":["Unknown"],"cpes":["cpe:2.3:a:x:x:*:*:*:*:*:*:*:*"]}}])",
                     word));
}

TEST(AnchoreContent, PythonHasTheFolder) {
  Package package = Make("python", "Flask", "2.0");
  package.locations = {{"usr/lib/python3/dist-packages/Flask-2.0.dist-info/METADATA", 0, true}};
  EXPECT_EQ(Of(package, "python"),
            R"([{"package":"Flask","type":"PYTHON","location":"/usr/lib/python3/dist-packages","version":"2.0",)"
            R"("origin":"Unknown","license":"Unknown","licenses":["Unknown"],)"
            R"("cpes":["cpe:2.3:a:flask:flask:2.0:*:*:*:*:*:*:*"]}])");
  package.attributes = {{"python:site-packages", "opt/venv/lib"}};
  EXPECT_THAT(Of(package, "python"), HasSubstr(R"("location":"/opt/venv/lib")"));
}

TEST(AnchoreContent, JavaHasThreeVersions) {
  Package package = Make("java-archive", "jackson-databind", "2.9.8");
  package.locations = {{"app/app.war:WEB-INF/lib/jackson-databind-2.9.8.jar", 0, true}};
  package.purl = {.type = "maven", .name_space = "com.fasterxml", .name = "jackson-databind", .version = "2.9.8"};
  package.attributes = {{"java:implementation-version", "2.9"}, {"java:specification-version", "2"}};
  EXPECT_EQ(Of(package, "java"),
            R"([{"package":"jackson-databind","type":"JAVA-JAR",)"
            R"("location":"/app/app.war:WEB-INF/lib/jackson-databind-2.9.8.jar","specification-version":"2",)"
            R"("implementation-version":"2.9","maven-version":"2.9.8","origin":"com.fasterxml",)"
            R"("cpes":["cpe:2.3:a:jackson-databind:jackson-databind:2.9.8:*:*:*:*:*:*:*"],)"
            R"("metadata":{"pom.properties":"groupId=com.fasterxml\nartifactId=jackson-databind\nversion=2.9.8"},)"
            R"("version":"2.9.8"}])");
  Package bare = Make("jenkins-plugin", "x", "");
  bare.locations = {{"plugins/x.hpi", 0, true}};
  EXPECT_EQ(Of(bare, "java"),
            R"([{"package":"x","type":"JAVA-HPI","location":"/plugins/x.hpi","specification-version":"N/A",)"
            R"("implementation-version":"N/A","maven-version":"N/A","origin":"N/A",)"
            R"("cpes":["cpe:2.3:a:x:x:*:*:*:*:*:*:*:*"],"metadata":{},"version":"N/A"}])");
}

TEST(AnchoreContent, EachPackageIsInOneList) {
  const ImageAnalysis analysis = Value(ParseSyftJson(test::ReadFile(HF_TESTDATA "/syft-16.json")));
  std::vector<std::string> listed;
  for (const std::string_view type : AnchorePackageContentTypes()) {
    const auto document = Value(io::JsonDocument::Parse(Content(analysis, type, {.with_owned = true})));
    for (const io::JsonView entry : document.Root())
      listed.push_back(Format("{} {}", type, entry["package"].StringOr("")));
  }
  EXPECT_THAT(listed, testing::ElementsAre("os busybox-binsh", "os openssl", "os nodejs", "java lang3",
                                           "go example.com/tool", "go stdlib", "binary python"));
  io::StringSink sink;
  ExpectError(WriteAnchorePackages("files", analysis, {}, sink), ErrorKind::kInvalidInput, "'files'");
}

TEST(AnchoreContent, WhatADistributionsPackageBroughtIsLeftOut) {
  const ImageAnalysis analysis = Value(ParseSyftJson(test::ReadFile(HF_TESTDATA "/syft-1.1.json")));
  EXPECT_EQ(Content(analysis, "python"), "[]");
  EXPECT_THAT(Content(analysis, "python", {.with_owned = true}), HasSubstr("Requests_Toolbelt"));
}

TEST(AnchoreTypes, Words) {
  for (const auto& [type, content, word, os] : {std::tuple{"deb", "os", "dpkg", true},
                                                {"rpm", "os", "rpm", true},
                                                {"apk", "os", "APKG", true},
                                                {"msrc-kb", "os", "kb", true},
                                                {"npm", "npm", "npm", false},
                                                {"gem", "gem", "gem", false},
                                                {"python", "python", "python", false},
                                                {"java-archive", "java", "java", false},
                                                {"jenkins-plugin", "java", "java", false},
                                                {"go-module", "go", "go", false},
                                                {"binary", "binary", "binary", false},
                                                {"dotnet", "", "nuget", false},
                                                {"php-composer", "", "composer", false},
                                                {"alpm", "", "alpm", true}}) {
    const Package package = Make(type, "x", "1");
    EXPECT_EQ(AnchoreContentType(package), content) << type;
    EXPECT_EQ(AnchorePackageType(package), word) << type;
    EXPECT_EQ(IsAnchoreOsPackage(package), os) << type;
  }
  Package crate = Make("rust-crate", "x", "1");
  crate.ecosystem = "crates.io";
  EXPECT_FALSE(IsAnchoreOsPackage(crate));
}

TEST(AnchoreContent, Files) {
  vfs::Inventory layer;
  const auto add = [&](vfs::Entry entry) { Value(layer.Add(entry, kGiB)); };
  add({.path = "bin", .type = vfs::FileType::kDirectory, .mode = 0755});
  vfs::Entry file{.path = "bin/su", .mode = 04755, .uid = 1, .gid = 2, .size_bytes = 3};
  file.digest.bytes.fill(0xab);
  add(file);
  add({.path = "bin/sh", .type = vfs::FileType::kSymlink, .mode = 0777, .link_target = "/bin/busybox"});
  add({.path = "bin/su2",
       .type = vfs::FileType::kHardLink,
       .mode = 04755,
       .uid = 1,
       .gid = 2,
       .link_target = "bin/su"});
  add({.path = "dev/null", .type = vfs::FileType::kCharDevice, .mode = 0666});
  vfs::SquashedTree tree;
  EXPECT_TRUE(tree.Apply(layer).empty());
  io::StringSink sink;
  Value(WriteAnchoreFiles(tree, sink));
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "ab";
  EXPECT_EQ(
      sink.Text(),
      R"([{"filename":"/bin","type":"dir","mode":"00755","size":0,"uid":0,"gid":0,"sha256":null,"linkdest":null},)"
      R"({"filename":"/bin/sh","type":"slink","mode":"00777","size":12,"uid":0,"gid":0,"sha256":null,)"
      R"("linkdest":"/bin/busybox"},{"filename":"/bin/su","type":"file","mode":"04755","size":3,"uid":1,"gid":2,"sha256":")" +
          hex +
          R"(","linkdest":null},{"filename":"/bin/su2","type":"hlink","mode":"04755","size":3,"uid":1,"gid":2,"sha256":")" +
          hex +
          R"(","linkdest":"/bin/su"},)"
          R"({"filename":"/dev","type":"dir","mode":"00755","size":0,"uid":0,"gid":0,"sha256":null,"linkdest":null},)"
          R"({"filename":"/dev/null","type":"dev","mode":"00666","size":0,"uid":0,"gid":0,"sha256":null,"linkdest":null}])");
}

}  // namespace
}  // namespace holdfast::sbom
