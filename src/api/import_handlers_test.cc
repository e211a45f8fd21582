#include "api/import_handlers.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "io/sha256.h"
#include "service/analysis_store.h"
#include "service/images.h"
#include "service/imports.h"
#include "service/matching.h"
#include "support/api_fixture.h"

namespace holdfast::api {
namespace {

using test::Answer;
using test::ExpectApiError;
using test::Value;

std::string DigestOf(std::string_view text) {
  io::Sha256 sha256;
  sha256.Update(AsBytes(text));
  return Digest(sha256.Finish()).Text();
}

const std::string kLayer = "sha256:" + std::string(64, 'a');
const std::string kDiff = "sha256:" + std::string(64, 'b');

std::string Packages(std::string_view name) {
  return Format(R"({{"artifacts":[{{"id":"1","name":"{}","version":"5.1-2","type":"deb","foundBy":"dpkg","locations":)"
                R"([{{"path":"/var/lib/dpkg/status","layerID":"{}"}}],"licenses":[],"language":"","cpes":[],)"
                R"("purl":"pkg:deb/debian/{}@5.1-2?arch=amd64&distro=debian-12","metadataType":""}}],)"
                R"("source":{{"type":"image","target":{{"layers":[{{"digest":"{}","mediaType":"t","size":9}}]}}}},)"
                R"("distro":{{"name":"debian","version":"12","idLike":""}}}})",
                name, kDiff, name, kDiff);
}
const std::string kConfig = Format(
    R"({{"architecture":"arm64","os":"linux","rootfs":{{"type":"layers","diff_ids":["{}"]}},"config":{{}}}})", kDiff);
const std::string kManifest = Format(
    R"({{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{{"mediaType":)"
    R"("application/vnd.docker.container.image.v1+json","size":10,"digest":"{}"}},"layers":[{{"mediaType":)"
    R"("application/vnd.docker.image.rootfs.diff.tar.gzip","size":12345,"digest":"{}"}}]}})",
    DigestOf(kConfig), kLayer);

class ImportHandlersTest : public test::ApiFixture {
 protected:
  ImportHandlersTest() : team_(AddAccount("team")), other_(AddAccount("other")) {}

  std::string Begin(std::string_view user = "team") {
    return std::string(Post(user, "/imports/images").Json().Root()["uuid"].StringOr(""));
  }
  Answer Upload(const std::string& uuid, std::string_view kind, const std::string& body,
                std::string_view user = "team") {
    return Send({.user = std::string(user),
                 .method = "POST",
                 .target = Format("/imports/images/{}/{}", uuid, kind),
                 .body = body,
                 .content_type = kind == "dockerfile" ? "text/plain" : "application/json"});
  }
  // Uploads all that an image needs; the body that makes it one.
  std::string Fill(const std::string& uuid, std::string_view name = "bash", std::string_view user = "team") {
    for (const auto& [kind, body] : {std::pair<std::string_view, std::string>{"packages", Packages(name)},
                                     {"manifest", kManifest},
                                     {"image_config", kConfig},
                                     {"dockerfile", "FROM scratch\n"}})
      EXPECT_EQ(Upload(uuid, kind, body, user).status, 200) << kind;
    return Format(R"({{"source":{{"import":{{"operation_uuid":"{}","digest":"{}","tags":["registry.example/app:1"],)"
                  R"("contents":{{"packages":"{}","manifest":"{}","image_config":"{}","dockerfile":"{}"}}}}}},)"
                  R"("annotations":{{"who":"ci"}}}})",
                  uuid, DigestOf(kManifest), DigestOf(Packages(name)), DigestOf(kManifest), DigestOf(kConfig),
                  DigestOf("FROM scratch\n"));
  }
  std::string StatusOf(const std::string& uuid) {
    return std::string(Get("team", "/imports/images/" + uuid).Json().Root()["status"].StringOr(""));
  }
  void FinishAnalyses() { Value(service::FinishMatchedImages(platform_, 0, 100)); }

  store::Account team_, other_;
};

TEST_F(ImportHandlersTest, MakesAnImageOfWhatWasUploaded) {
  const std::string uuid = Begin();
  EXPECT_EQ(StatusOf(uuid), "pending");
  const std::string body = Fill(uuid);
  EXPECT_EQ(Get("team", Format("/imports/images/{}/packages", uuid)).body,
            Format(R"(["{}"])", DigestOf(Packages("bash"))));
  const Answer added = Post("team", "/images", body);
  ASSERT_EQ(added.status, 200) << added.body;
  EXPECT_EQ(StatusOf(uuid), "complete");
  FinishAnalyses();
  const auto image = Get("team", "/images/" + DigestOf(kManifest)).Json();
  const io::JsonView record = image.Root().At(0);
  EXPECT_EQ(record["analysis_status"].StringOr(""), "analyzed");
  EXPECT_EQ(record["annotations"]["who"].StringOr(""), "ci");
  EXPECT_EQ(record["annotations"][service::kImportAnnotation].StringOr(""), uuid);
  const io::JsonView metadata = record["image_content"]["metadata"];
  EXPECT_EQ(metadata["image_size"].Integer(), 12345);
  EXPECT_EQ(metadata["arch"].StringOr(""), "arm64");
  EXPECT_EQ(metadata["distro"].StringOr(""), "debian");
  EXPECT_EQ(metadata["dockerfile_mode"].StringOr(""), "Actual");
  EXPECT_EQ(record["image_detail"].At(0)["fulltag"].StringOr(""), "registry.example/app:1");
  const auto content = Get("team", Format("/images/{}/content/os", DigestOf(kManifest))).Json();
  EXPECT_EQ(content.Root()["content"].At(0)["package"].StringOr(""), "bash");
  EXPECT_EQ(Get("team", Format("/images/{}/content/files", DigestOf(kManifest))).status, 400);
}

TEST_F(ImportHandlersTest, AKnownImageNeedsForce) {
  Value(Post("team", "/images", Fill(Begin())).status == 200 ? Result<bool>(true) : Fail(ErrorKind::kInternal, "add"));
  FinishAnalyses();
  const std::string uuid = Begin();
  const std::string body = Fill(uuid, "zlib");
  ExpectApiError(Post("team", "/images", body), 409, "force");
  EXPECT_EQ(StatusOf(uuid), "pending");
  EXPECT_EQ(Post("team", "/images?force=true", body).status, 200);
  FinishAnalyses();
  const auto image = Value(service::GetImage(platform_, team_, DigestOf(kManifest)));
  EXPECT_EQ(Value(service::LoadAnalysisObject(platform_, image)).packages.at(0).name, "zlib");
}

TEST_F(ImportHandlersTest, AccountsShareNeitherSessionsNorAnalyses) {
  const std::string uuid = Begin();
  const std::string body = Fill(uuid);
  ExpectApiError(Get("other", "/imports/images/" + uuid), 404);
  ExpectApiError(Upload(uuid, "manifest", kManifest, "other"), 404);
  ExpectApiError(Delete("other", "/imports/images/" + uuid), 404);
  ExpectApiError(Post("other", "/images", body), 400, "not known");
  EXPECT_EQ(Get("other", "/imports/images").body, "[]");
  EXPECT_EQ(Post("team", "/images", body).status, 200);
  EXPECT_EQ(Post("other", "/images", Fill(Begin("other"), "zlib", "other")).status, 200);
  const auto own = Value(service::GetImage(platform_, team_, DigestOf(kManifest)));
  const auto others = Value(service::GetImage(platform_, other_, DigestOf(kManifest)));
  EXPECT_NE(own.analysis->content_key, others.analysis->content_key);
  EXPECT_NE(own.analysis->content_key, own.digest);
}

TEST_F(ImportHandlersTest, RefusesWhatMakesNoSense) {
  const std::string uuid = Begin();
  ExpectApiError(Upload(uuid, "packages", R"({"bomFormat":"CycloneDX","components":[]})"), 400, "CycloneDX");
  ExpectApiError(Upload(uuid, "manifest", "[]"), 400, "not a JSON object");
  ExpectApiError(Upload(uuid, "image_config", "{"), 400, "image_config");
  EXPECT_EQ(Get("team", Format("/imports/images/{}/manifest", uuid)).body, "[]");
  const std::string body = Fill(uuid);
  std::string wrong = body;
  wrong.replace(wrong.find(DigestOf(kConfig)), 71, DigestOf("something else"));
  ExpectApiError(Post("team", "/images", wrong), 400, "has no image_config");
  EXPECT_EQ(StatusOf(uuid), "pending");
}

TEST_F(ImportHandlersTest, DocumentsThatCannotBeReadFailTheImport) {
  const std::string uuid = Begin();
  std::string body = Fill(uuid);
  EXPECT_EQ(Upload(uuid, "manifest", R"({"schemaVersion":1})").status, 200);
  const std::string contents = R"("manifest":")";
  body.replace(body.find(contents) + contents.size(), 71, DigestOf(R"({"schemaVersion":1})"));
  ExpectApiError(Post("team", "/images", body), 400, "manifest");
  EXPECT_EQ(StatusOf(uuid), "failed");
}

TEST_F(ImportHandlersTest, EndedSessionsTakeNothing) {
  const std::string given_up = Begin();
  const std::string body = Fill(given_up);
  EXPECT_EQ(Delete("team", "/imports/images/" + given_up).Json().Root()["status"].StringOr(""), "invalidated");
  ExpectApiError(Upload(given_up, "manifest", kManifest), 400, "invalidated");
  ExpectApiError(Post("team", "/images", body), 400, "invalidated");

  const std::string late = Begin();
  clock_.Advance(service::kImportLifeMs + 1);
  EXPECT_EQ(StatusOf(late), "expired");
  ExpectApiError(Upload(late, "manifest", kManifest), 400, "expired");
  ExpectApiError(Get("team", "/imports/images/00000000-0000-4000-8000-000000000000"), 404);
}

}  // namespace
}  // namespace holdfast::api
