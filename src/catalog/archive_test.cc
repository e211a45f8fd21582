#include "catalog/archive.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "io/sha256.h"
#include "support/test_support.h"
#include "support/zip_builder.h"

namespace holdfast::catalog {
namespace {

using test::Value;
using test::ZipBuilder;

const std::string kManifest = "Manifest-Version: 1.0\r\n\r\n";

Parts Distil(std::string_view bytes, std::size_t chunk = io::kAnySize, const Limits& limits = {}) {
  io::MemorySource source(bytes, chunk);
  return Value(DistilArchive(source, bytes.size(), limits));
}

std::vector<std::string> Names(const Parts& parts) {
  std::vector<std::string> names;
  for (const Part& part : parts)
    names.push_back(part.name.ends_with("#problem") ? part.name + " " + part.bytes : part.name);
  return names;
}

std::string Sha1(std::string_view bytes) {
  io::Hasher hasher(io::HashAlgorithm::kSha1);
  hasher.Update(AsBytes(bytes));
  return hasher.FinishHex();
}

std::string Jar(bool descriptor) {
  ZipBuilder::Options options;
  options.descriptor = descriptor;
  return ZipBuilder()
      .Add("META-INF/", "", {})
      .Add("META-INF/MANIFEST.MF", kManifest, options)
      .Add("a/B.class", std::string(100'000, 'c'), options)
      .Add("META-INF/maven/g/a/pom.properties", "groupId=g\n", options)
      .Finish();
}

TEST(DistilArchive, KeepsManifestsAndPomsAndTheDigest) {
  for (const bool descriptor : {false, true}) {
    const std::string jar = Jar(descriptor);
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{4099}, io::kAnySize}) {
      const Parts parts = Distil(jar, chunk);
      ASSERT_EQ(Names(parts),
                (std::vector<std::string>{"#sha1", "META-INF/MANIFEST.MF", "META-INF/maven/g/a/pom.properties"}));
      EXPECT_EQ(parts[0].bytes, Sha1(jar));
      EXPECT_EQ(parts[1].bytes, kManifest);
    }
  }
}

TEST(DistilArchive, LooksIntoNestedArchives) {
  for (const bool descriptor : {false, true}) {
    ZipBuilder::Options options;
    options.descriptor = descriptor;
    const std::string inner = Jar(!descriptor);
    const std::string outer =
        ZipBuilder().Add("BOOT-INF/lib/a.jar", inner, options).Add("META-INF/MANIFEST.MF", kManifest).Finish();
    const Parts parts = Distil(outer, 1000);
    EXPECT_EQ(Names(parts), (std::vector<std::string>{
                                "#sha1", "BOOT-INF/lib/a.jar:#sha1", "BOOT-INF/lib/a.jar:META-INF/MANIFEST.MF",
                                "BOOT-INF/lib/a.jar:META-INF/maven/g/a/pom.properties", "META-INF/MANIFEST.MF"}));
    EXPECT_EQ(parts[1].bytes, Sha1(inner));
  }
}

TEST(DistilArchive, ReadsAProgramInFront) {
  const std::string jar =
      ZipBuilder().Raw("#!/bin/sh\nexec java -jar $0 PK nothing\n").Add("META-INF/MANIFEST.MF", kManifest).Finish();
  EXPECT_EQ(Names(Distil(jar, 3)), (std::vector<std::string>{"#sha1", "META-INF/MANIFEST.MF"}));
}

TEST(DistilArchive, WhatTheCentralDirectoryDoesNotListDoesNotCount) {
  ZipBuilder::Options hidden;
  hidden.listed = false;
  const std::string jar = ZipBuilder()
                              .Add("META-INF/MANIFEST.MF", "Evil: 1\n\n", hidden)
                              .Add("x", "y")
                              .Lie("META-INF/MANIFEST.MF2")
                              .Finish();
  const auto names = Names(Distil(jar));
  ASSERT_EQ(names.size(), 3U);
  EXPECT_NE(names[1].find("which is not there"), std::string::npos);
  EXPECT_NE(names[2].find("is not in the central directory"), std::string::npos);
}

// As Elasticsearch carries the jars of its plug-ins.
TEST(DistilArchive, KeepsThePomsOfUnpackedArchives) {
  const auto names = Names(Distil(ZipBuilder()
                                      .Add("IMPL-JARS/x/a.jar/META-INF/maven/g/a/pom.properties", "groupId=g\n")
                                      .Add("IMPL-JARS/x/a.jar/META-INF/MANIFEST.MF", kManifest)
                                      .Add("IMPL-JARS/META-INF/maven/g/a/pom.xml", "")
                                      .Add("xMETA-INF/maven/g/a/pom.properties", "")
                                      .Finish()));
  EXPECT_EQ(names, (std::vector<std::string>{"#sha1", "IMPL-JARS/x/a.jar/META-INF/maven/g/a/pom.properties"}));
}

TEST(DistilArchive, TellsOfWrongChecksumsEncryptionAndUnknownMethods) {
  ZipBuilder::Options wrong_crc, encrypted, unknown;
  wrong_crc.crc_xor = 1;
  encrypted.flags = 1;
  unknown.method_override = 12;
  for (const auto& [options, part] :
       {std::pair(wrong_crc, "CRC"), std::pair(encrypted, "encrypted"), std::pair(unknown, "method 12")}) {
    const auto names = Names(Distil(ZipBuilder()
                                        .Add("META-INF/MANIFEST.MF", kManifest, options)
                                        .Add("META-INF/maven/pom.properties", "a=b")
                                        .Finish()));
    ASSERT_GE(names.size(), 3U) << part;
    EXPECT_NE(names[1].find(part), std::string::npos) << names[1];
    EXPECT_TRUE(std::find(names.begin(), names.end(), "META-INF/maven/pom.properties") != names.end()) << part;
  }
}

TEST(DistilArchive, EachTruncationKeepsWhatCameBeforeAndSaysSo) {
  const std::string jar = Jar(true);
  for (std::size_t cut = 0; cut < jar.size(); cut += cut < 300 || cut + 700 > jar.size() ? 1 : 997) {
    const auto names = Names(Distil(std::string_view(jar).substr(0, cut)));
    const bool told =
        std::any_of(names.begin(), names.end(), [](const auto& name) { return name.starts_with("#problem"); });
    // The last record is only a mark of the end; its four bytes are enough.
    if (cut + 18 < jar.size()) {
      EXPECT_TRUE(told) << cut;
    }
  }
}

TEST(DistilArchive, NestingHasAnEnd) {
  std::string jar = Jar(false);
  for (int depth = 0; depth < 30; ++depth) jar = ZipBuilder().Add("x.jar", jar).Finish();
  const auto names = Names(Distil(jar));
  EXPECT_TRUE(std::any_of(names.begin(), names.end(),
                          [](const auto& name) { return name.find("nested deeper") != std::string::npos; }));
}

TEST(DistilArchive, BombsHitALimit) {
  Limits limits;
  limits.archive_inflated_floor_bytes = 1'000'000;
  limits.archive_inflated_ratio_max = 1;
  const test::TemporaryFolder folder;
  test::RunCommand("cd " + folder.Path().string() +
                   " && head -c 30000000 /dev/zero > x.jar && python3 -c \"import zipfile; "
                   "zipfile.ZipFile('bomb.jar','w',zipfile.ZIP_DEFLATED).write('x.jar')\"");
  const auto names = Names(Distil(test::ReadFile(folder.Path() / "bomb.jar"), io::kAnySize, limits));
  EXPECT_TRUE(std::any_of(names.begin(), names.end(), [](const auto& name) {
    return name.find("limit: zip: inflates to more") != std::string::npos;
  }));
}

TEST(DistilArchive, ReadsWhatPythonWrites) {
  const test::TemporaryFolder folder;
  test::RunCommand("cd " + folder.Path().string() + R"( && python3 -c "
import zipfile
class Pipe:
    def __init__(self, f): self.f = f
    def write(self, b): return self.f.write(b)
    def flush(self): self.f.flush()
for name, target in (('plain.jar', open('plain.jar', 'wb')), ('piped.jar', Pipe(open('piped.jar', 'wb')))):
    with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('META-INF/MANIFEST.MF', 'Implementation-Version: 1\n')
        z.writestr('big', 'text ' * 100000)
        with z.open('META-INF/maven/a/b/pom.properties', 'w', force_zip64=True) as f: f.write(b'version=2')
")");
  for (const char* name : {"plain.jar", "piped.jar"})
    EXPECT_EQ(Names(Distil(test::ReadFile(folder.Path() / name), 513)),
              (std::vector<std::string>{"#sha1", "META-INF/MANIFEST.MF", "META-INF/maven/a/b/pom.properties"}))
        << name;
}

}  // namespace
}  // namespace holdfast::catalog
