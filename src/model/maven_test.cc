#include "model/maven.h"

#include <gtest/gtest.h>

namespace holdfast::model {
namespace {

TEST(Maven, WellKnownArtifactsGoBeforeWhatTheirManifestSays) {
  EXPECT_EQ(GuessMavenGroup({.artifact = "spring-core", .group_id = "com.example"}), "org.springframework");
  EXPECT_EQ(GuessMavenGroup({.artifact = "spring-boot-starter"}), "org.springframework.boot");
  EXPECT_EQ(GuessMavenGroup({.artifact = "jsch"}), "com.jcraft");
}

TEST(Maven, TakesTheGroupFromTheManifest) {
  EXPECT_EQ(GuessMavenGroup({.artifact = "x", .group_id = "org.example", .symbolic_name = "com.other.x"}),
            "org.example");
  EXPECT_EQ(GuessMavenGroup({.artifact = "lang3", .symbolic_name = "org.apache.commons.lang3"}), "org.apache.commons");
  EXPECT_EQ(GuessMavenGroup({.artifact = "y", .symbolic_name = "org.apache.commons.lang3"}),
            "org.apache.commons.lang3");
  EXPECT_EQ(GuessMavenGroup({.artifact = "y", .module_name = "org.example.y"}), "org.example");
}

TEST(Maven, ACompanyOrNothingIsNoGroup) {
  EXPECT_EQ(GuessMavenGroup({.artifact = "x", .group_id = "Example Incorporated"}), "");
  EXPECT_EQ(GuessMavenGroup({.artifact = "x", .symbolic_name = "x", .module_name = "x"}), "");
  EXPECT_EQ(GuessMavenGroup({}), "");
}

TEST(Maven, AdvisoryNames) {
  EXPECT_EQ(MavenAdvisoryNames("org.example", "x"), (std::vector<std::string>{"org.example:x", "x:x"}));
  EXPECT_EQ(MavenAdvisoryNames("", "commons-io"), (std::vector<std::string>{"commons-io:commons-io"}));
}

}  // namespace
}  // namespace holdfast::model
