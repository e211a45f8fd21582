#include "api/query_handlers.h"

#include <gtest/gtest.h>

#include "advisory/snapshot_writer.h"
#include "base/format.h"
#include "service/published_snapshot.h"
#include "support/analysed_images.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::AddAnalysedImage;
using test::Answer;
using test::MakePackage;
using test::Value;
using Texts = std::vector<std::string>;

class QueryHandlersTest : public test::ApiFixture {
 protected:
  QueryHandlersTest() : team_(AddAccount("team")) {
    (void)AddAnalysedImage(*this, team_, "docker.io/one:1", "one",
                           {MakePackage("bash", "5"), MakePackage("zlib", "1")});
    (void)AddAnalysedImage(*this, team_, "docker.io/two:1", "two",
                           {MakePackage("bash", "5"), MakePackage("lodash", "4", "npm")});
    (void)AddAnalysedImage(*this, AddAccount("other"), "docker.io/three:1", "three", {MakePackage("bash", "5")});
    test::OpenFinding(*this, {"bash", "CVE-1"});
    test::OpenFinding(*this, {.package = "zlib", .vulnerability = "CVE-2", .will_not_fix = true});
  }
  // Tags of the images of an answer.
  Texts Images(std::string_view query) {
    const Answer answer = Get("team", Format("/query/images/{}", query));
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto document = answer.Json();
    Texts tags;
    for (const io::JsonView image : document.Root()["images"])
      tags.emplace_back(image["image"]["tag_history"].At(0)["fulltag"].StringOr(""));
    EXPECT_EQ(document.Root()["returned_count"].Integer(), static_cast<std::int64_t>(tags.size()));
    return tags;
  }
  void PublishAdvisories() {
    advisory::SnapshotWriter writer;
    model::Advisory advisory{.id = "DSA-1",
                             .aliases = {"CVE-1"},
                             .source = "osv",
                             .details = "It is bad.",
                             .severity = model::Severity::kHigh,
                             .references = {{"ADVISORY", "https://example.org/dsa-1"}}};
    advisory.affected.push_back({.ecosystem = "Debian",
                                 .release = "12",
                                 .package = "bash",
                                 .version_scheme = "dpkg",
                                 .ranges = {{.introduced = "0", .fixed = "5.2"}}});
    advisory.affected.push_back({.ecosystem = "npm",
                                 .package = "lodash",
                                 .version_scheme = "npm",
                                 .ranges = {{.introduced = "1.0.0", .last_affected = "4.0.0"}}});
    writer.Add(advisory, "osv");
    Value(writer.Write(folder_.Path() / "new.hfdb", "2025-11-25T00:00:00Z"));
    Value(service::PublishSnapshot(platform_, folder_.Path() / "new.hfdb"));
    Value(snapshot_.Refresh());
    services_.snapshot = &snapshot_;
  }
  Texts Namespaces(std::string_view query) {
    const Answer answer = Get("team", Format("/query/vulnerabilities?{}", query));
    EXPECT_EQ(answer.status, 200) << answer.body;
    Texts found;
    const auto document = answer.Json();
    for (const io::JsonView one : document.Root()["vulnerabilities"]) found.emplace_back(one["namespace"].StringOr(""));
    return found;
  }

  store::Account team_;
  test::TemporaryFolder folder_;
  service::LocalSnapshot snapshot_{platform_, folder_.Path()};
};

TEST_F(QueryHandlersTest, FindsTheAccountsImagesByVulnerability) {
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-1"), (Texts{"docker.io/one:1", "docker.io/two:1"}));
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-9"), Texts{});
  const auto answer = Get("team", "/query/images/by_vulnerability?vulnerability_id=CVE-1").Json();
  const io::JsonView package = answer.Root()["images"].At(0)["vulnerable_packages"].At(0);
  EXPECT_EQ(package["name"].StringOr(""), "bash");
  EXPECT_EQ(package["type"].StringOr(""), "dpkg");
  EXPECT_EQ(package["namespace"].StringOr(""), "debian:12");
  EXPECT_EQ(package["severity"].StringOr(""), "High");
}

TEST_F(QueryHandlersTest, ExplainsPresenceAndAbsence) {
  PublishAdvisories();
  const auto images = Get("team", "/images").Json();
  const std::string digest(images.Root().At(0)["imageDigest"].StringOr(""));
  const auto why = [&](std::string_view query) { return Get("team", Format("/images/{}/why?{}", digest, query)); };
  const auto known = why("vulnerability_id=CVE-1");
  EXPECT_EQ(known.status, 200) << known.body;
  EXPECT_TRUE(known.Json().Root()["conclusion"].StringOr("").contains("CVE-1") ||
              !known.Json().Root()["rows"].At(0)["outcome"].StringOr("").empty());
  EXPECT_EQ(known.Json().Root()["advisories"].At(0)["id"].StringOr(""), "DSA-1");
  EXPECT_EQ(why("vulnerability_id=CVE-7").Json().Root()["conclusion"].StringOr(""), "no advisory about CVE-7 is known");
  EXPECT_EQ(why("").status, 400);
  EXPECT_EQ(Get("team",
                "/images/sha256:0000000000000000000000000000000000000000000000000000000000000000/why?"
                "vulnerability_id=CVE-1")
                .status,
            404);
}

TEST_F(QueryHandlersTest, FiltersByWhatTheFindingSays) {
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-1&severity=High").size(), 2U);
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-1&severity=Low").size(), 0U);
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-1&namespace=debian:11").size(), 0U);
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-1&affected_package=zlib").size(), 0U);
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-2").size(), 0U);
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-2&vendor_only=false").size(), 1U);
}

// Two o'clock: the images and their findings. Three: CVE-1 is worded anew, CVE-2 is gone. Four: CVE-1 is gone.
TEST_F(QueryHandlersTest, TellsWhatWasKnownAtATime) {
  clock_.Advance(3'600'000);
  test::CloseFinding(*this, "CVE-1");
  test::CloseFinding(*this, "CVE-2");
  test::OpenFinding(*this, {.package = "bash", .vulnerability = "CVE-1", .severity = model::Severity::kLow});
  clock_.Advance(3'600'000);
  test::CloseFinding(*this, "CVE-1");
  (void)AddAnalysedImage(*this, team_, "docker.io/late:1", "late", {MakePackage("bash", "5")});
  clock_.Advance(3'600'000);
  const auto at = [&](std::string_view time) {
    return Images(Format("by_vulnerability?vulnerability_id=CVE-1&as_of={}", time));
  };
  const Texts both = {"docker.io/one:1", "docker.io/two:1"};
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-1"), Texts{});
  EXPECT_EQ(at("2025-11-25T01:59:59Z"), Texts{}) << "there was no image";
  EXPECT_EQ(at("2025-11-25T02:00:00Z"), both);
  EXPECT_EQ(at("2025-11-25T03:00:00%2B01:00"), both);
  EXPECT_EQ(at("2025-11-25T03:30:00Z"), both);
  EXPECT_EQ(at("2025-11-25T04:00:00Z"), Texts{});
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-1&severity=Low&as_of=2025-11-25T02:59:59.999Z"), Texts{});
  EXPECT_EQ(Images("by_vulnerability?vulnerability_id=CVE-1&severity=Low&as_of=2025-11-25T03:00:00Z"), both);

  const auto image = Value(service::GetImage(platform_, team_, test::MakeRemoteImage("one").digest.Text()));
  const std::string report = Format("/images/{}/vuln/all?vendor_only=false", image.digest.Text());
  const auto known = [&](std::string_view time) {
    const Answer answer = Get("team", Format("{}&as_of={}", report, time));
    EXPECT_EQ(answer.status, 200) << answer.body;
    Texts found;
    const auto document = answer.Json();
    for (const io::JsonView one : document.Root()["vulnerabilities"])
      found.push_back(Format("{} {}", one["vuln"].StringOr(""), one["severity"].StringOr("")));
    return found;
  };
  EXPECT_EQ(known("2025-11-25T02:00:00Z"), (Texts{"CVE-1 High", "CVE-2 High"}));
  EXPECT_EQ(known("2025-11-25T03:59:59Z"), Texts{"CVE-1 Low"});
  EXPECT_EQ(known("2025-11-25T05:00:00Z"), Texts{}) << "now";
  const Answer by_id =
      Get("team", Format("/images/by_id/{}/vuln/os?as_of=2025-11-25T03:10:00Z", image.image_id->Hex()));
  EXPECT_EQ(by_id.Json().Root()["vulnerabilities"].Size(), 1U) << by_id.body;
}

TEST_F(QueryHandlersTest, RefusesTimesThatTellNothing) {
  const std::string report = Format("/images/{}/vuln/all?as_of=", test::MakeRemoteImage("one").digest.Text());
  const std::string query = "/query/images/by_vulnerability?vulnerability_id=CVE-1&as_of=";
  for (const std::string& target : {report, query}) {
    for (const std::string_view time : {"", "yesterday", "2025-13-01T00:00:00Z", "1764036000"})
      test::ExpectRefusedBySchema(Get("team", target + std::string(time)));
    test::ExpectApiError(Get("team", target + "2025-11-25T02:00:01Z"), 400, "still to come");
    test::ExpectApiError(Get("team", target + "9999-12-31T23:59:59Z"), 400, "still to come");
  }
  test::ExpectApiError(Get("team", report + "2025-11-25T01:59:59Z"), 404, "its analysis is of 2025-11-25T02:00:00Z");
  test::ExpectApiError(Get("team", report + "0001-01-01"), 404, "nothing is known of image");
  // Analysed again: what is known of it begins there.
  clock_.Advance(60'500);
  (void)AddAnalysedImage(*this, team_, "docker.io/one:1", "one", {MakePackage("bash", "5")});
  test::ExpectApiError(Get("team", report + "2025-11-25T02:01:00Z"), 404, "its analysis is of 2025-11-25T02:01:01Z");
  clock_.Advance(500);
  EXPECT_EQ(Get("team", report + "2025-11-25T02:01:01Z").status, 200);
}

TEST_F(QueryHandlersTest, FindsImagesByPackage) {
  EXPECT_EQ(Images("by_package?name=bash"), (Texts{"docker.io/one:1", "docker.io/two:1"}));
  EXPECT_EQ(Images("by_package?name=bash&version=5&package_type=dpkg").size(), 2U);
  EXPECT_EQ(Images("by_package?name=bash&version=6").size(), 0U);
  EXPECT_EQ(Images("by_package?name=lodash&package_type=npm"), Texts{"docker.io/two:1"});
  EXPECT_EQ(Images("by_package?name=lodash&package_type=dpkg").size(), 0U);
}

TEST_F(QueryHandlersTest, PagesCountAllAndNameTheNext) {
  const auto first = Get("team", "/query/images/by_package?name=bash&limit=1").Json();
  EXPECT_EQ(first.Root()["page"].StringOr(""), "1");
  EXPECT_EQ(first.Root()["next_page"].StringOr(""), "2");
  EXPECT_EQ(first.Root()["total_count"].Integer(), 2);
  const auto second = Get("team", "/query/images/by_package?name=bash&limit=1&page=2").Json();
  EXPECT_EQ(second.Root()["page"].StringOr(""), "2");
  EXPECT_EQ(second.Root()["next_page"].Bool(), false);
  EXPECT_EQ(Images("by_package?name=bash&limit=1&page=2"), Texts{"docker.io/two:1"});
  EXPECT_EQ(Images("by_package?name=bash&limit=1&page=3"), Texts{});
  EXPECT_EQ(Images("by_package?name=bash&limit=1000000000&page=1000000000"), Texts{});
}

TEST_F(QueryHandlersTest, TellsWhatAdvisoriesSay) {
  EXPECT_EQ(Namespaces("id=CVE-1"), Texts{}) << "nothing was published";
  PublishAdvisories();
  EXPECT_EQ(Namespaces("id=CVE-1"), (Texts{"debian:12", "github:npm"}));
  EXPECT_EQ(Namespaces("id=CVE-1,CVE-9"), (Texts{"debian:12", "github:npm"}));
  EXPECT_EQ(Namespaces("id=DSA-1&namespace=github:npm"), Texts{"github:npm"});
  EXPECT_EQ(Namespaces("id=CVE-1&affected_package=bash"), Texts{"debian:12"});
  EXPECT_EQ(Namespaces("id=CVE-1&affected_package=bash&affected_package_version=5.1"), Texts{"debian:12"});
  EXPECT_EQ(Namespaces("id=CVE-1&affected_package=bash&affected_package_version=5.2"), Texts{});
  const auto answer = Get("team", "/query/vulnerabilities?id=CVE-1").Json();
  const io::JsonView debian = answer.Root()["vulnerabilities"].At(0);
  EXPECT_EQ(debian["id"].StringOr(""), "CVE-1");
  EXPECT_EQ(debian["severity"].StringOr(""), "High");
  EXPECT_EQ(debian["link"].StringOr(""), "https://example.org/dsa-1");
  EXPECT_EQ(debian["description"].StringOr(""), "It is bad.");
  EXPECT_EQ(debian["affected_packages"].At(0)["version"].StringOr(""), "< 5.2");
  EXPECT_EQ(debian["affected_packages"].At(0)["type"].StringOr(""), "dpkg");
  const io::JsonView npm = answer.Root()["vulnerabilities"].At(1);
  EXPECT_EQ(npm["affected_packages"].At(0)["version"].StringOr(""), ">= 1.0.0, <= 4.0.0");
}

}  // namespace
}  // namespace holdfast::api
