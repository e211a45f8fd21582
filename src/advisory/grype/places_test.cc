#include "advisory/grype/places.h"

#include <gtest/gtest.h>

#include "advisory/grype/database.h"
#include "base/format.h"
#include "model/ecosystem.h"

namespace holdfast::advisory {
namespace {

std::string Told(const GrypeSystem& system) {
  const auto place = PlaceOf(system);
  if (!place) return "-";
  return Format("{}:{}{}{}", place->ecosystem, place->release, place->minor ? Format(" minor {}", *place->minor) : "",
                place->for_subscribers ? " subscribers" : "");
}

TEST(GrypePlaces, OfSystems) {
  const auto told = [](std::string name, std::string major, std::string minor, std::string label = "",
                       std::string channel = "") {
    return Told({.name = std::move(name),
                 .release_id = {},
                 .major = std::move(major),
                 .minor = std::move(minor),
                 .label = std::move(label),
                 .codename = {},
                 .channel = std::move(channel),
                 .end_of_life = {},
                 .end_of_active_support = {}});
  };
  EXPECT_EQ(told("redhat", "9", ""), "Red Hat:9");
  EXPECT_EQ(told("redhat", "9", "4"), "Red Hat:9 minor 4");
  EXPECT_EQ(told("redhat", "9", "2", "", "eus"), "Red Hat:rhel_eus:9.2");
  EXPECT_EQ(told("redhat", "9", "", "", "eus"), "-");
  EXPECT_EQ(told("redhat", "9", "", "", "other"), "-");
  EXPECT_EQ(told("ubuntu", "22", "04"), "Ubuntu:22.04");
  EXPECT_EQ(told("ubuntu", "22", "04", "", "esm"), "Ubuntu:22.04 subscribers");
  EXPECT_EQ(told("ubuntu", "22", ""), "-");
  EXPECT_EQ(told("debian", "12", ""), "Debian:12");
  EXPECT_EQ(told("debian", "", "", "unstable"), "Debian:unstable");
  EXPECT_EQ(told("alpine", "3", "20"), "Alpine:v3.20");
  EXPECT_EQ(told("alpine", "", "", "edge"), "Alpine:edge");
  EXPECT_EQ(told("alpine", "3", ""), "-");
  EXPECT_EQ(told("amazonlinux", "2018", "03"), "Amazon Linux:1");
  EXPECT_EQ(told("amazonlinux", "2023", ""), "Amazon Linux:2023");
  EXPECT_EQ(told("sles", "15", "5"), "SUSE:Linux Enterprise Server 15 SP5");
  EXPECT_EQ(told("sles", "15", "0"), "SUSE:Linux Enterprise Server 15");
  EXPECT_EQ(told("sles", "16", "0"), "SUSE:Linux Enterprise Server 16.0");
  EXPECT_EQ(told("sles", "x", ""), "-");
  EXPECT_EQ(told("opensuseleap", "15", "6"), "openSUSE:Leap 15.6");
  EXPECT_EQ(told("mariner", "2", "0"), "Azure Linux:2 minor 0");
  EXPECT_EQ(told("photon", "5", "0"), "Photon OS:5.0");
  EXPECT_EQ(told("wolfi", "", "", "rolling"), "Wolfi:");
  EXPECT_EQ(told("archlinux", "", "", "rolling"), "Arch Linux:");
  EXPECT_EQ(told("windows", "", ""), "-");
  EXPECT_EQ(told("hummingbird", "", "", "rolling"), "-");
}

TEST(GrypePlaces, OfPackagesAreKnownEcosystems) {
  for (const std::string_view type : {"python", "npm", "java-archive", "gem", "go-module", "rust-crate", "php-composer",
                                      "dotnet", "dart-pub", "hex", "swift", "github-action", "bitnami", "R-package"})
    EXPECT_NE(model::FindEcosystem(EcosystemOfGrype(type)), nullptr) << type;
  EXPECT_EQ(EcosystemOfGrype("wordpress-plugin"), "");
}

TEST(GrypePlaces, IdsAreThePublishersOwn) {
  EXPECT_EQ(IdOf("debian", "CVE-2024-1234"), "DEBIAN-CVE-2024-1234");
  EXPECT_EQ(IdOf("rhel", "CVE-2024-1234"), "REDHAT-CVE-2024-1234");
  EXPECT_EQ(IdOf("sles", "CVE-2024-1234"), "SUSE-CVE-2024-1234");
  EXPECT_EQ(IdOf("nvd", "CVE-2024-1234"), "NVD-CVE-2024-1234");
  EXPECT_EQ(IdOf("github", "GHSA-aaaa-bbbb-cccc"), "GHSA-aaaa-bbbb-cccc");
  EXPECT_EQ(IdOf("amazon", "ALAS2-2024-1"), "ALAS2-2024-1");
}

TEST(GrypePlaces, LivesOfReleases) {
  const auto life = LifeOf({.name = "redhat",
                            .release_id = "",
                            .major = "9",
                            .minor = "",
                            .label = "",
                            .codename = "plow",
                            .channel = "",
                            .end_of_life = "2032-05-31",
                            .end_of_active_support = ""});
  ASSERT_TRUE(life);
  EXPECT_EQ(*life, (model::ReleaseLife{"rhel", "9", "plow", "", "2032-05-31", ""}));
  EXPECT_FALSE(LifeOf({.name = "redhat",
                       .release_id = "rhel",
                       .major = "9",
                       .minor = "",
                       .label = "",
                       .codename = "",
                       .channel = "",
                       .end_of_life = "",
                       .end_of_active_support = ""}));
  EXPECT_FALSE(LifeOf({.name = "redhat",
                       .release_id = "rhel",
                       .major = "9",
                       .minor = "2",
                       .label = "",
                       .codename = "",
                       .channel = "eus",
                       .end_of_life = "2032-05-31",
                       .end_of_active_support = ""}));
}

TEST(GrypeTime, OfWhatSqliteKeeps) {
  EXPECT_EQ(GrypeTime("2024-05-30 11:22:33+00:00"), "2024-05-30T11:22:33Z");
  EXPECT_EQ(GrypeTime("2024-05-30 11:22:33.123456-00:00"), "2024-05-30T11:22:33Z");
  EXPECT_EQ(GrypeTime("2024-05-30T11:22:33Z"), "2024-05-30T11:22:33Z");
  EXPECT_EQ(GrypeTime("2024-05-30 11:22:33+02:00"), "2024-05-30T11:22:33+02:00");
  EXPECT_EQ(GrypeTime("2024-05-30"), "2024-05-30T00:00:00Z");
  for (const std::string_view text : {"", "2024", "2024-05-30 11:22", "2024-05-3x 11:22:33", "2024-05-30 11:22:33 CEST",
                                      "2024-05-30 11:22:33.", "2024-05-30 11:22:33+0:0:00"})
    EXPECT_EQ(GrypeTime(text), text.ends_with('.') ? "2024-05-30T11:22:33Z" : "") << text;
}

}  // namespace
}  // namespace holdfast::advisory
