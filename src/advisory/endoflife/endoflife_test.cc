#include "advisory/endoflife/endoflife.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "support/advisory_sink.h"
#include "support/test_support.h"

namespace holdfast::advisory {
namespace {

using model::ReleaseLife;
using test::ExpectError;

std::string MarkdownOf(std::string_view product, std::string_view releases) {
  return Format(
      "---\ntitle: X\ncategory: os\npermalink: /{}\nchangelogTemplate: https://x/{{{{\"__CODENAME__\"|replace:"
      "' ',''}}}}/\n\n# a comment\nreleases:\n{}\n---\n\n> Text of the page.\n",
      product, releases);
}

test::AdvisoryRecorder ReadMarkdown(std::string_view text) {
  test::AdvisoryRecorder recorder;
  const auto provider = MakeEndOfLifeProvider();
  const auto read = recorder.Read(*provider, Notation::kText, "x.md", text);
  EXPECT_TRUE(read) << read.error().Message();
  return recorder;
}

TEST(EndOfLife, AReleaseOfADistributionHasALife) {
  const auto got = ReadMarkdown(MarkdownOf("ubuntu", R"(
  - releaseCycle: "24.04"
    codename: "Noble Numbat"
    lts: true
    releaseDate: 2024-04-25
    eoas: 2029-05-31
    eol: 2029-05-31 # a comment
    eoes: 2036-05-31
    latest: "24.04.4"

  - releaseCycle: "25.10"
    eol: false
    eoas: true)"));
  EXPECT_TRUE(got.recognised);
  EXPECT_TRUE(got.problems.empty());
  ASSERT_EQ(got.lives.size(), 2U);
  EXPECT_EQ(got.lives[0], (ReleaseLife{"ubuntu", "24.04", "noble", "2029-05-31", "2029-05-31", "2036-05-31"}));
  EXPECT_EQ(got.lives[1], (ReleaseLife{"ubuntu", "25.10", "", "", "", ""}));
}

TEST(EndOfLife, WhereTwoProductsShareAnIdOrOneHasTwoTheReleaseTells) {
  const std::string releases =
      "  - releaseCycle: \"8\"\n    eol: 2024-05-31\n  - releaseCycle: \"9\"\n    eol: 2027-05-31";
  const auto stream = ReadMarkdown(MarkdownOf("centos-stream", releases));
  ASSERT_EQ(stream.lives.size(), 1U);
  EXPECT_EQ(stream.lives[0].distro_id + stream.lives[0].release, "centos9");
  EXPECT_EQ(ReadMarkdown(MarkdownOf("centos", releases)).lives.size(), 2U);
  const auto micro =
      ReadMarkdown(MarkdownOf("suse-linux-micro", "  - releaseCycle: \"6.0\"\n  - releaseCycle: \"5.5\""));
  ASSERT_EQ(micro.lives.size(), 2U);
  EXPECT_EQ(micro.lives[0].distro_id, "sl-micro");
  EXPECT_EQ(micro.lives[1].distro_id, "sle-micro");
}

TEST(EndOfLife, OtherProductsAreReadAndSayNothing) {
  const auto got = ReadMarkdown(MarkdownOf("nodejs", "  - releaseCycle: \"24\"\n    eol: 2029-05-31"));
  EXPECT_TRUE(got.recognised);
  EXPECT_TRUE(got.lives.empty());
  EXPECT_TRUE(got.problems.empty());
}

TEST(EndOfLife, BadReleasesAreToldAndLeftOut) {
  const auto got = ReadMarkdown(MarkdownOf("debian",
                                           "  - releaseCycle: \"sid\"\n  - {}\n  - 7\n  - releaseCycle: \"12\"\n"
                                           "    eol: soon\n  - releaseCycle: \"11\"\n    eol: 2026-08-31"));
  EXPECT_EQ(got.problems.size(), 4U);
  EXPECT_EQ(got.problems.at(0), "corrupt: debian: \"sid\" is no release");
  EXPECT_EQ(got.problems.at(3), "corrupt: debian: eol is neither a date nor true or false");
  ASSERT_EQ(got.lives.size(), 1U);
  EXPECT_EQ(got.lives[0].release, "11");
}

TEST(EndOfLife, TheApiSaysTheSame) {
  test::AdvisoryRecorder got;
  const auto provider = MakeEndOfLifeProvider();
  ASSERT_TRUE(
      got.Read(*provider, Notation::kJson, "full.json",
               R"({"schema_version": "1.2.0", "generated_at": "2025-07-02T00:53:29+00:00", "total": 2, "result": [
    {"name": "windows", "releases": [{"name": "11-24h2-w", "eolFrom": "2026-10-13"}]},
    {"name": "ubuntu", "releases": [{"name": "22.04", "codename": "Jammy Jellyfish", "isEol": false,
      "eoasFrom": "2024-09-30", "eolFrom": "2027-04-01", "eoesFrom": "2032-04-09"},
      {"name": "21.10", "codename": null, "isEol": true, "eolFrom": "2022-07-14", "eoesFrom": null}]}]})"));
  EXPECT_TRUE(got.recognised);
  ASSERT_EQ(got.lives.size(), 2U);
  EXPECT_EQ(got.lives[0], (ReleaseLife{"ubuntu", "22.04", "jammy", "2024-09-30", "2027-04-01", "2032-04-09"}));
  EXPECT_EQ(got.lives[1], (ReleaseLife{"ubuntu", "21.10", "", "", "2022-07-14", ""}));
  test::AdvisoryRecorder one;
  ASSERT_TRUE(one.Read(*provider, Notation::kJson, "ubuntu.json",
                       R"({"schema_version": "1.2.0", "generated_at": "x", "result": {"name": "debian",
                       "releases": [{"name": "12", "eolFrom": "2026-07-11"}]}})"));
  EXPECT_EQ(one.lives.size(), 1U);
}

TEST(EndOfLife, TruncatedAndLyingDocumentsAreErrors) {
  const auto provider = MakeEndOfLifeProvider();
  test::AdvisoryRecorder got;
  const std::string whole = MarkdownOf("debian", "  - releaseCycle: \"12\"");
  ExpectError(got.Read(*provider, Notation::kText, "x.md", whole.substr(0, whole.find("\n---\n"))), ErrorKind::kCorrupt,
              "no end");
  EXPECT_FALSE(got.recognised);
  ExpectError(got.Read(*provider, Notation::kText, "x.md", MarkdownOf("debian", "  a: [")), ErrorKind::kCorrupt);
  EXPECT_TRUE(got.recognised);
  ExpectError(got.Read(*provider, Notation::kText, "x.md", MarkdownOf("debian", "  a: b")), ErrorKind::kCorrupt,
              "without releases");
  ExpectError(
      got.Read(
          *provider, Notation::kJson, "x.json",
          R"({"schema_version": "1", "generated_at": "x", "total": 2, "result": [{"name": "a", "releases": []}]})"),
      ErrorKind::kCorrupt, "1 of 2");
  std::string many;
  for (std::size_t i = 0; i <= kReleasesMax; ++i) many += "  - releaseCycle: \"1\"\n";
  ExpectError(got.Read(*provider, Notation::kText, "x.md", MarkdownOf("debian", many)), ErrorKind::kLimit);
  EXPECT_TRUE(got.lives.empty());
}

TEST(EndOfLife, OtherDocumentsAreNotItsOwn) {
  const auto provider = MakeEndOfLifeProvider();
  for (const char* other : {"", "# A page\n", "---\ntitle: A post\n---\n", "---\npermalink: /x\n---\n",
                            "```toml\n[advisory]\n```\n", "---\nreleases:\n---\n"}) {
    test::AdvisoryRecorder got;
    (void)got.Read(*provider, Notation::kText, "x.md", other);
    EXPECT_FALSE(got.recognised) << other;
  }
  for (const char* other : {"{}", "[]", R"({"schema_version": "1", "generated_at": "x", "result": [{"name": "a"}]})"}) {
    test::AdvisoryRecorder got;
    (void)got.Read(*provider, Notation::kJson, "x.json", other);
    EXPECT_FALSE(got.recognised) << other;
  }
}

}  // namespace
}  // namespace holdfast::advisory
