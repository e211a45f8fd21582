#include "catalog/java/java.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "support/memory_evidence.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using test::CollectingSink;

CollectingSink Catalogue(const std::string& path, const Parts& parts) {
  return test::RunCataloger(*MakeJavaArchiveCataloger(), {{path, EncodeParts(parts)}});
}

std::string Pom(const std::string& group, const std::string& artifact, const std::string& version) {
  return "#Generated\r\nversion=" + version + "\r\ngroupId=" + group + "\r\nartifactId=" + artifact + "\r\n";
}

TEST(JavaArchive, ThePomThatAgreesWithTheNameIsTheArchive) {
  const auto sink =
      Catalogue("opt/log4j-core-2.14.1.jar",
                {{"#sha1", "aa"},
                 {"META-INF/maven/x/y/pom.properties", Pom("x", "shaded", "9")},
                 {"META-INF/maven/o/l/pom.properties", Pom("org.apache.logging.log4j", "log4j-core", "2.14.1")}});
  EXPECT_EQ(sink.Names(), (std::vector<std::string>{"log4j-core 2.14.1", "shaded 9"}));
  const auto& package = sink.Only("log4j-core");
  EXPECT_EQ(package.purl.Text(), "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1");
  EXPECT_EQ(package.advisory_names.front(), "org.apache.logging.log4j:log4j-core");
  EXPECT_EQ(package.attributes, (decltype(package.attributes){{"java:sha1", "aa"}}));
  EXPECT_EQ(package.locations[0].path, "opt/log4j-core-2.14.1.jar");
}

TEST(JavaArchive, ManifestAndFileNameServeWithoutAPom) {
  const auto ant = Catalogue(
      "a/jackson-mapper-asl-1.9.13.jar",
      {{"#sha1", "aa"}, {"META-INF/MANIFEST.MF", "Implementation-Title: Mapper\nImplementation-Version: 1.9.13\n"}});
  EXPECT_EQ(ant.Only("jackson-mapper-asl").purl.Text(), "pkg:maven/org.codehaus.jackson/jackson-mapper-asl@1.9.13");
  const auto osgi = Catalogue("a/app.jar", {{"META-INF/MANIFEST.MF",
                                             "Created-By: Apache Maven Bundle Plugin\r\nBundle-SymbolicName: "
                                             "org.acme.tools.wid\r\n get;singleton:=true\r\nBundle-Version: 1.2\r\n"}});
  EXPECT_EQ(osgi.Only("widget").purl.Text(), "pkg:maven/org.acme.tools/widget@1.2");
  EXPECT_EQ(Catalogue("a/thing-3.jar", {{"#sha1", "aa"}}).Names(), (std::vector<std::string>{"thing 3"}));
}

// As Debian's guice.jar: built without Maven, with a shaded cglib that kept its pom.
TEST(JavaArchive, AForeignPomIsNotTheArchive) {
  const std::string manifest = "Bundle-Name: guice\nBundle-SymbolicName: com.google.inject\nBundle-Version: 4.2.3\n";
  const auto with = [](const std::string& path, const std::string& text, const std::string& version) {
    return Catalogue(path, {{"#sha1", "aa"},
                            {"META-INF/MANIFEST.MF", text},
                            {"META-INF/maven/cglib/cglib/pom.properties", Pom("cglib", "cglib", version)}});
  };
  const auto sink = with("usr/share/java/guice.jar", manifest, "3.2.12");
  EXPECT_EQ(sink.Names(), (std::vector<std::string>{"cglib 3.2.12", "guice 4.2.3"}));
  EXPECT_EQ(sink.Only("guice").purl.Text(), "pkg:maven/com.google.inject/guice@4.2.3");
  // A renamed archive, a manifest that agrees, or one that says nothing of use: the only pom is the archive's own.
  const auto only = std::vector<std::string>{"cglib 3.2.12"};
  EXPECT_EQ(with("usr/share/java/app.jar", manifest, "3.2.12").Names(), only);
  for (const std::string version : {"3.2.12.SNAPSHOT", "3.2", "03.2.12", "build-77", "${version}", ""})
    EXPECT_EQ(
        with("guice.jar", "Implementation-Title: Guice\nImplementation-Version: " + version + "\n", "3.2.12").Names(),
        only)
        << version;
}

// Name, version and group as Maven Central has them; the manifests of these jars say nothing of use, or mislead.
TEST(JavaArchive, KnownGroupsAreThoseOfMavenCentral) {
  const std::vector<std::array<std::string, 3>> cases = {
      {"kafka-clients", "3.6.2", "org.apache.kafka"},
      {"kafka_2.13", "3.4.0", "org.apache.kafka"},
      {"okhttp", "4.9.1", "com.squareup.okhttp3"},
      {"okhttp", "2.7.5", "com.squareup.okhttp"},
      {"groovy-json", "3.0.9", "org.codehaus.groovy"},
      {"groovy", "4.0.2", "org.apache.groovy"},
      {"dom4j", "1.6.1", "dom4j"},
      {"dom4j", "2.1.3", "org.dom4j"},
      {"spring-core", "5.3.20", "org.springframework"},
      {"spring-kafka", "2.9.0", "org.springframework.kafka"},
      {"spring-boot-actuator", "3.2.5", "org.springframework.boot"},
      {"elasticsearch-core", "8.5.0", "org.elasticsearch"},
      {"elasticsearch-rest-client", "8.5.0", "org.elasticsearch.client"},
      {"kotlin-stdlib", "1.6.10", "org.jetbrains.kotlin"},
      {"kotlinx-coroutines-core-jvm", "1.6.4", "org.jetbrains.kotlinx"},
      {"checker-qual", "3.31.0", "org.checkerframework"},
      {"asm-tree", "9.2", "org.ow2.asm"},
      {"ant-launcher", "1.10.12", "org.apache.ant"},
      {"poi-ooxml", "5.2.3", "org.apache.poi"},
      {"java-jwt", "4.2.1", "com.auth0"},
  };
  for (const auto& [name, version, group] : cases) {
    const auto sink =
        Catalogue("lib/" + name + "-" + version + ".jar",
                  {{"#sha1", "aa"}, {"META-INF/MANIFEST.MF", "Automatic-Module-Name: org.mis.leading\n"}});
    EXPECT_EQ(sink.packages.at(0).purl.Text(), "pkg:maven/" + group + "/" + name + "@" + version);
    EXPECT_EQ(sink.packages.at(0).advisory_names.at(0), group + ":" + name);
  }
}

TEST(JavaArchive, GradlesTitlesHoldTheGroup) {
  const auto purl = [](const std::string& title) {
    const auto sink =
        Catalogue("lib/thing-1.2.jar", {{"META-INF/MANIFEST.MF", "Implementation-Title: " + title + "\n"}});
    return sink.packages.at(0).purl.Text();
  };
  EXPECT_EQ(purl("com.acme#thing;1.2"), "pkg:maven/com.acme/thing@1.2");
  for (const char* other : {"com.acme#other;1.2", "#thing;1.2", "thing", "C# thing"})
    EXPECT_EQ(purl(other), "pkg:maven/thing@1.2") << other;
}

TEST(JavaArchive, NestedArchivesHaveTheirOwnLocations) {
  const auto sink = Catalogue("app.war", {{"#sha1", "aa"},
                                          {"WEB-INF/lib/a-1.jar:#sha1", "bb"},
                                          {"WEB-INF/lib/a-1.jar:META-INF/maven/g/a/pom.properties", Pom("g", "a", "1")},
                                          {"WEB-INF/lib/a-1.jar:META-INF/lib/b-2.jar:#sha1", "cc"}});
  EXPECT_EQ(sink.Only("a").locations[0].path, "app.war:WEB-INF/lib/a-1.jar");
  EXPECT_EQ(sink.Only("b").locations[0].path, "app.war:WEB-INF/lib/a-1.jar:META-INF/lib/b-2.jar");
}

TEST(JavaArchive, JenkinsPluginsAreCalledSo) {
  const auto sink =
      Catalogue("plugins/git.hpi",
                {{"META-INF/MANIFEST.MF", "Group-Id: org.jenkins-ci.plugins\nShort-Name: git\nPlugin-Version: 4.0\n"}});
  EXPECT_EQ(sink.Only("git").type, "jenkins-plugin");
  EXPECT_EQ(sink.Only("git").purl.Text(), "pkg:maven/org.jenkins-ci.plugins/git@4.0");
}

TEST(JavaArchive, ProblemsAreToldAndUnfilledTemplatesAreNoVersions) {
  const auto sink =
      Catalogue("x-1.jar", {{"#problem", "limit: too deep"}, {"META-INF/maven/pom.properties", Pom("g", "x", "${v}")}});
  ASSERT_EQ(sink.problems.size(), 1U);
  EXPECT_EQ(sink.problems[0].kind, ErrorKind::kLimit);
  EXPECT_EQ(sink.problems[0].message, "too deep");
  EXPECT_EQ(sink.Names(), (std::vector<std::string>{"x 1"}));
}

TEST(JavaArchive, WantsJarsAndTheirKinOnly) {
  const auto sink = test::RunCataloger(*MakeJavaArchiveCataloger(), {{"a/b-1.zip", EncodeParts({{"#sha1", ""}})},
                                                                     {"b-1.jar/c", EncodeParts({{"#sha1", ""}})}});
  EXPECT_TRUE(sink.packages.empty());
}

TEST(JavaArchive, DamagedEvidenceIsAProblem) {
  const auto sink = test::RunCataloger(*MakeJavaArchiveCataloger(), {{"a-1.jar", "\xff\xff"}});
  EXPECT_EQ(sink.problems.size(), 1U);
}

TEST(JavaFileName, TheVersionBeginsAtADigit) {
  EXPECT_EQ(ParseJavaFileName("x/spark-core_2.12-2.4.4.jar"), (JavaFileName{"spark-core_2.12", "2.4.4"}));
  EXPECT_EQ(ParseJavaFileName("guava-28.0-jre.jar"), (JavaFileName{"guava", "28.0-jre"}));
  EXPECT_EQ(ParseJavaFileName("app.jar"), (JavaFileName{"app", ""}));
  EXPECT_EQ(ParseJavaFileName(""), (JavaFileName{"", ""}));
}

TEST(JavaManifest, OddOnesDoNotHurt) {
  EXPECT_TRUE(ParseManifest("").empty());
  EXPECT_TRUE(ParseManifest(" continuation of nothing\n:x\nno colon\n").empty());
  EXPECT_EQ(ParseManifest("A: b\n\nName: second\nA: c\n").size(), 1U);
  EXPECT_EQ(ParseProperties("a\\:b = c\\\\d\n!no\nk:v\nonly\n").size(), 3U);
}

}  // namespace
}  // namespace holdfast::catalog
