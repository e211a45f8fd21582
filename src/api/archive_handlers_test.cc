#include "api/archive_handlers.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "service/archive_rules.h"
#include "service/images.h"
#include "service/policies.h"
#include "support/analysed_images.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::AddAnalysedImage;
using test::Answer;
using test::ExpectApiError;
using test::MakePackage;
using test::Value;
using Texts = std::vector<std::string>;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::string_view kTag = "registry.example/app:1";

class ArchiveHandlersTest : public test::ApiFixture {
 protected:
  ArchiveHandlersTest() : team_(AddAccount("team")) {}

  store::Image Add(std::string_view tag, std::string_view seed) {
    return AddAnalysedImage(*this, team_, tag, seed, {MakePackage("bash", "5")});
  }
  std::string ArchiveNow(const store::Image& image) {
    const Answer answer = Post("team", "/archives/images", Format(R"(["{}"])", image.digest.Text()));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return std::string(answer.Json().Root().At(0)["status"].StringOr(""));
  }
  void Remove(const store::Image& image) {
    Value(service::StartImageDeletion(platform_, team_, image.digest.Text(), true));
    Value(service::PurgeDeletedImages(platform_, 10));
  }
  std::string Restore(const store::Image& image) {
    return Format(R"({{"source":{{"archive":{{"digest":"{}"}}}}}})", image.digest.Text());
  }
  Answer Import(std::string_view user, const std::string& bytes) {
    return Send({.user = std::string(user),
                 .method = "POST",
                 .target = "/import/images",
                 .body = "--b\r\nContent-Disposition: form-data; name=\"archive_file\"; filename=\"a\"\r\n\r\n" +
                         bytes + "\r\n--b--\r\n",
                 .content_type = "multipart/form-data; boundary=b"});
  }
  std::string ObjectOf(const store::Image& image) {
    return Value(objects_->GetBytes(Format("analysis_archive/{}/{}.tar.gz", team_.id, image.digest.Hex()), kMiB));
  }
  Answer AddRule(std::string_view user, std::string_view rule) { return Post(user, "/archives/rules", rule); }
  // Digests of the working set, and of the archive.
  Texts Working() {
    Texts digests;
    for (const store::Image& image : Value(database_->Read([&](store::Session& session) {
           return store::ListImages(session, team_.id, {.image_status = store::ImageStatus::kActive});
         })))
      digests.push_back(image.digest.Text());
    return digests;
  }
  Texts Archived() {
    Texts digests;
    const auto document = Get("team", "/archives/images").Json();
    for (const io::JsonView image : document.Root()) digests.emplace_back(image["imageDigest"].StringOr(""));
    return digests;
  }
  void RunRules() { Value(service::RunArchiveRules(platform_, team_)); }

  store::Account team_;
};

TEST_F(ArchiveHandlersTest, WhatIsArchivedComesBackAsItWas) {
  const auto image = Add(kTag, "one");
  test::OpenFinding(*this, {"bash", "CVE-1"});
  Value(service::EvaluateImage(platform_, team_, image, {.tag = std::string(kTag)}));
  clock_.Advance(kDayMs);
  EXPECT_EQ(ArchiveNow(image), "archived");
  Remove(image);
  ExpectApiError(Get("team", "/images/" + image.digest.Text()), 404);
  clock_.Advance(kDayMs);

  const Answer restored = Post("team", "/images", Restore(image));
  ASSERT_EQ(restored.status, 200) << restored.body;
  const auto back = Value(service::GetImage(platform_, team_, image.digest.Text()));
  EXPECT_EQ(back.created_at, image.created_at);
  EXPECT_EQ(back.analyzed_at, image.analyzed_at);
  EXPECT_EQ(back.analysis->content_key, image.digest);
  ASSERT_EQ(back.tags.size(), 1U);
  EXPECT_EQ(back.tags[0].FullTag(), kTag);
  EXPECT_EQ(back.tags[0].detected_at, image.tags[0].detected_at);
  EXPECT_EQ(
      Value(service::LoadImageDocument(platform_, back, "manifest")),
      Value(service::LoadImageDocument(platform_, image, "manifest")).value_or(test::MakeRemoteImage("one").manifest));
  const auto verdicts = Value(service::ListVerdicts(platform_, team_, back, {.tag = std::string(kTag)}));
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].created_at, image.created_at);
  ExpectApiError(Post("team", "/images", Restore(image)), 409, "there already");
}

TEST_F(ArchiveHandlersTest, OnlyAnalysedImagesAreArchivedAndEachIsAnswered) {
  const auto image = Add(kTag, "one");
  const auto waiting = Value(
      service::AddImage(platform_, team_, Value(service::ParseImageName("a:1")), test::MakeRemoteImage("two"), {}));
  const auto answer =
      Post("team", "/archives/images", Format(R"(["{}","{}","nonsense"])", waiting.digest.Text(), image.digest.Text()))
          .Json();
  EXPECT_EQ(answer.Root().At(0)["status"].StringOr(""), "error");
  EXPECT_NE(answer.Root().At(0)["detail"].StringOr("").find("not_analyzed"), std::string_view::npos);
  EXPECT_EQ(answer.Root().At(1)["status"].StringOr(""), "archived");
  EXPECT_EQ(answer.Root().At(2)["status"].StringOr(""), "error");
}

TEST_F(ArchiveHandlersTest, ListsSumsAndDeletes) {
  const auto image = Add(kTag, "one");
  ArchiveNow(image);
  const auto one = Get("team", "/archives/images/" + image.digest.Text()).Json();
  EXPECT_EQ(one.Root()["image_detail"].At(0)["pullstring"].StringOr(""), kTag);
  EXPECT_EQ(one.Root()["archive_size_bytes"].Integer(), static_cast<std::int64_t>(ObjectOf(image).size()));
  const auto summary = Get("team", "/archives").Json();
  EXPECT_EQ(summary.Root()["images"]["total_image_count"].Integer(), 1);
  EXPECT_EQ(summary.Root()["images"]["total_tag_count"].Integer(), 1);
  AddAccount("other");
  EXPECT_EQ(Get("other", "/archives/images").body, "[]");
  ExpectApiError(Delete("other", "/archives/images/" + image.digest.Text()), 404);
  EXPECT_EQ(Delete("team", "/archives/images/" + image.digest.Text()).status, 200);
  ExpectApiError(Get("team", "/archives/images/" + image.digest.Text()), 404);
  ExpectApiError(Post("team", "/images", Restore(image)), 404);
}

TEST_F(ArchiveHandlersTest, AnExportedArchiveIsTakenInByAnotherAccountOnItsOwn) {
  const auto image = Add(kTag, "one");
  ArchiveNow(image);
  const std::string bytes = ObjectOf(image);
  const auto other = AddAccount("other");
  const Answer imported = Import("other", bytes);
  ASSERT_EQ(imported.status, 200) << imported.body;
  const auto taken = Value(service::GetImage(platform_, other, image.digest.Text()));
  EXPECT_NE(taken.analysis->content_key, image.analysis->content_key);
  EXPECT_EQ(taken.tags[0].FullTag(), kTag);
  ExpectApiError(Import("other", bytes), 409, "there already");
  ExpectApiError(Import("team", "nonsense"), 409);
  // Wherever it is cut or changed: an answer, and nothing half done.
  const auto third = AddAccount("third");
  for (std::size_t at = 0; at < bytes.size(); at += 97) {
    EXPECT_EQ(Import("third", bytes.substr(0, at)).status, 409) << at;
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    const int status = Import("third", changed).status;
    EXPECT_TRUE(status == 409 || status == 200) << at;
    if (status == 200) {
      Value(service::StartImageDeletion(platform_, third, image.digest.Text(), true));
      Value(service::PurgeDeletedImages(platform_, 10));
    }
  }
}

TEST_F(ArchiveHandlersTest, RulesAreKeptAndGlobalOnesAreTheAdministrators) {
  const Answer added = AddRule("team", R"({"transition":"archive","analysis_age_days":30,"selector":{"tag":"v*"}})");
  ASSERT_EQ(added.status, 200) << added.body;
  const std::string id(added.Json().Root()["rule_id"].StringOr(""));
  const auto rule = Get("team", "/archives/rules/" + id).Json();
  EXPECT_EQ(rule.Root()["selector"]["registry"].StringOr(""), "*");
  EXPECT_EQ(rule.Root()["selector"]["tag"].StringOr(""), "v*");
  EXPECT_EQ(rule.Root()["tag_versions_newer"].Integer(), -1);
  ExpectApiError(AddRule("team", R"({"transition":"archive","system_global":true})"), 403);
  const Answer global = AddRule("admin", R"({"transition":"archive","system_global":true,"max_images_per_account":5})");
  ASSERT_EQ(global.status, 200) << global.body;
  const std::string global_id(global.Json().Root()["rule_id"].StringOr(""));
  EXPECT_EQ(Get("team", "/archives/rules").Json().Root().Size(), 2U);
  EXPECT_EQ(Get("team", "/archives/rules?system_global=false").Json().Root().Size(), 1U);
  ExpectApiError(Delete("team", "/archives/rules/" + global_id), 403);
  ExpectApiError(AddRule("admin", R"({"transition":"archive","system_global":true,"max_images_per_account":9})"), 400);
  ExpectApiError(AddRule("team", R"({"transition":"archive","max_images_per_account":5})"), 400);
  AddAccount("other");
  ExpectApiError(Get("other", "/archives/rules/" + id), 404);
  EXPECT_EQ(Delete("team", "/archives/rules/" + id).status, 200);
  ExpectApiError(Get("team", "/archives/rules/" + id), 404);
}

TEST_F(ArchiveHandlersTest, RulesArchiveByAgeAndNewerVersions) {
  const auto old = Add(kTag, "one");
  clock_.Advance(kDayMs);
  const auto middle = Add(kTag, "two");
  clock_.Advance(kDayMs);
  const auto newest = Add(kTag, "three");
  AddRule("team", R"({"transition":"archive","tag_versions_newer":1,"analysis_age_days":1})");
  RunRules();
  EXPECT_EQ(Archived(), Texts{old.digest.Text()}) << "the middle one is not older than a day";
  EXPECT_EQ(Working(), (Texts{newest.digest.Text(), middle.digest.Text()}));
}

TEST_F(ArchiveHandlersTest, AnImageStaysWhileOneOfItsTagsIsMeantByNoRule) {
  const auto image = Add("registry.example/app:v1", "one");
  (void)Add("registry.example/app:stable", "one");
  AddRule("team", R"({"transition":"archive","selector":{"tag":"v*"}})");
  RunRules();
  EXPECT_EQ(Archived(), Texts{});
  AddRule("team", R"({"transition":"archive","selector":{"tag":"stable"}})");
  RunRules();
  EXPECT_EQ(Archived(), Texts{image.digest.Text()});
}

TEST_F(ArchiveHandlersTest, ExcludesProtectUntilTheyExpire) {
  const auto image = Add(kTag, "one");
  AddRule("team", R"({"transition":"archive","exclude":{"selector":{"repository":"app"},"expiration_days":2}})");
  RunRules();
  EXPECT_EQ(Archived(), Texts{});
  clock_.Advance(2 * kDayMs + 1);
  RunRules();
  EXPECT_EQ(Archived(), Texts{image.digest.Text()});
}

TEST_F(ArchiveHandlersTest, TheOldestBeyondTheMaximumAreArchived) {
  const auto first = Add("registry.example/app:1", "one");
  clock_.Advance(1);
  (void)Add("registry.example/app:2", "two");
  AddRule("admin", R"({"transition":"archive","system_global":true,"max_images_per_account":1})");
  RunRules();
  EXPECT_EQ(Archived(), Texts{first.digest.Text()});
}

TEST_F(ArchiveHandlersTest, DeleteRulesCountFromTheArchiving) {
  const auto image = Add(kTag, "one");
  clock_.Advance(10 * kDayMs);
  ArchiveNow(image);
  AddRule("team", R"({"transition":"delete","analysis_age_days":5})");
  RunRules();
  EXPECT_EQ(Archived().size(), 1U);
  EXPECT_EQ(Working().size(), 1U);
  clock_.Advance(5 * kDayMs + 1);
  RunRules();
  EXPECT_EQ(Archived(), Texts{});
  EXPECT_EQ(Working().size(), 1U);
}

}  // namespace
}  // namespace holdfast::api
