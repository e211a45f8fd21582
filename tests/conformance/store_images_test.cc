// Images, tags and documents, on every driver.
#include "store/images.h"

#include <thread>

#include "conformance/repository_fixture.h"
#include "store/analyses.h"
#include "store/policies.h"

namespace holdfast::store {
namespace {

using test::Driver;
using test::ExpectError;

class StoreImagesTest : public RepositoryTest {
 protected:
  ImageTag Tag(const Image& image, std::string_view repository, std::string_view tag, std::int64_t detected_at,
               const std::optional<std::string>& dockerfile = std::nullopt) {
    return Do([&](Session& session) {
      return UpsertTag(session, image.account_id,
                       {.image_row = image.row,
                        .registry = "docker.io",
                        .repository = std::string(repository),
                        .tag = std::string(tag),
                        .dockerfile = dockerfile,
                        .detected_at = detected_at,
                        .created_at = kNow,
                        .updated_at = kNow});
    });
  }
  std::optional<Image> Find(std::int64_t account, std::uint64_t digest) {
    return Do([&](Session& session) { return FindImage(session, account, DigestOf(digest)); });
  }
  std::int64_t Analyse(const Image& image, AnalysisStatus status = AnalysisStatus::kAnalyzed) {
    return Do([&](Session& session) -> Result<std::int64_t> {
      const NewAnalysis wanted{{.content_key = image.digest,
                                .version = 3,
                                .distro = "debian",
                                .distro_version = "12",
                                .architecture = "arm64",
                                .size_bytes = 5,
                                .layers = 2,
                                .packages = 7,
                                .complete = false},
                               {}};
      HF_TRY(const auto ids, PutAnalyses(session, {&wanted, 1}, kNow));
      const NewImageAnalysis given{image.row, ids.at(0)};
      HF_CHECK_OK(SetAnalyses(session, {&given, 1}, status, kNow + 1));
      return ids.at(0);
    });
  }
};

INSTANTIATE_TEST_SUITE_P(Drivers, StoreImagesTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST_P(StoreImagesTest, AnImageIsAddedOnceAndKeepsWhatIsKnown) {
  const auto team = AddAccount("team");
  const NewImage wanted{.account_id = team,
                        .digest = DigestOf(1),
                        .parent_digest = DigestOf(2),
                        .image_id = DigestOf(3),
                        .annotations = "{\"a\":\"b\"}",
                        .created_at = kNow - 5};
  const Image made = Do([&](Session& session) { return UpsertImage(session, wanted, kNow); });
  EXPECT_EQ(made.account_id, team);
  EXPECT_EQ(made.digest, DigestOf(1));
  EXPECT_EQ(made.parent_digest, DigestOf(2));
  EXPECT_EQ(made.image_id, DigestOf(3));
  EXPECT_EQ(made.annotations, "{\"a\":\"b\"}");
  EXPECT_EQ(made.analysis_status, AnalysisStatus::kNotAnalyzed);
  EXPECT_EQ(made.image_status, ImageStatus::kActive);
  EXPECT_EQ(made.created_at, kNow - 5);
  EXPECT_FALSE(made.analysis_id || made.analyzed_at || made.failure || made.dockerfile_mode);
  const Image again = Do([&](Session& session) {
    return UpsertImage(session, {.account_id = team, .digest = DigestOf(1), .created_at = kNow}, kNow + 1);
  });
  EXPECT_EQ(again.row, made.row);
  EXPECT_EQ(again.parent_digest, DigestOf(2));
  EXPECT_EQ(again.annotations, "{\"a\":\"b\"}");
  EXPECT_EQ(again.created_at, kNow - 5);
  EXPECT_EQ(again.updated_at, kNow + 1);
  const Image changed = Do([&](Session& session) {
    return UpsertImage(session, {.account_id = team, .digest = DigestOf(1), .annotations = "{}"}, kNow);
  });
  EXPECT_EQ(changed.annotations, "{}");
  EXPECT_NE(AddImage(AddAccount("other"), 1).row, made.row);
  ExpectError(Try([](Session& session) { return UpsertImage(session, {.account_id = 999, .digest = DigestOf(1)}, 0); }),
              ErrorKind::kConflict);
}

TEST_P(StoreImagesTest, ImagesAreFoundByTheirDigestsWithinTheAccount) {
  const auto team = AddAccount("team");
  const auto other = AddAccount("other");
  const auto add = [&](std::int64_t account, std::uint64_t digest, std::uint64_t parent, std::uint64_t id,
                       std::int64_t at) {
    return Do([&](Session& session) {
      return UpsertImage(session,
                         {.account_id = account,
                          .digest = DigestOf(digest),
                          .parent_digest = DigestOf(parent),
                          .image_id = DigestOf(id),
                          .created_at = at},
                         at);
    });
  };
  add(team, 1, 100, 11, kNow);
  const Image second = add(team, 2, 100, 11, kNow + 1);
  const Image index_itself = add(team, 3, 1, 13, kNow + 5);
  EXPECT_EQ(Find(team, 2)->row, second.row);
  EXPECT_EQ(Find(team, 100)->row, second.row);    // the newest of the index
  EXPECT_EQ(Find(team, 1)->digest, DigestOf(1));  // its own digest comes first
  EXPECT_EQ(Find(team, 3)->row, index_itself.row);
  EXPECT_FALSE(Find(team, 4));
  EXPECT_FALSE(Find(other, 1));
  const auto by_id = [&](std::int64_t account, std::uint64_t id) {
    return Do([&](Session& session) { return FindImageById(session, account, DigestOf(id)); });
  };
  EXPECT_EQ(by_id(team, 11)->row, second.row);
  EXPECT_FALSE(by_id(team, 1));
  EXPECT_FALSE(by_id(other, 11));
  EXPECT_EQ(Do([&](Session& session) { return FindImageByRow(session, second.row); })->digest, DigestOf(2));
  EXPECT_FALSE(Do([](Session& session) { return FindImageByRow(session, 999); }));
}

TEST_P(StoreImagesTest, TagsMoveAndComeBack) {
  const auto team = AddAccount("team");
  const Image one = AddImage(team, 1);
  const Image two = AddImage(team, 2);
  const ImageTag first = Tag(one, "library/a", "1", kNow, "RlJPTQ==");
  EXPECT_EQ(first.FullTag(), "docker.io/library/a:1");
  EXPECT_EQ(first.dockerfile, "RlJPTQ==");
  Tag(two, "library/a", "1", kNow + 10);
  const auto newest = [&](std::int64_t account = 0) {
    return Do([&](Session& session) {
      return FindNewestOfTag(session, account == 0 ? team : account, "docker.io", "library/a", "1");
    });
  };
  EXPECT_EQ(newest(), two.row);
  const ImageTag same = Tag(one, "library/a", "1", kNow - 10);  // earlier: stays where it is
  EXPECT_EQ(same.id, first.id);
  EXPECT_EQ(same.detected_at, kNow);
  EXPECT_EQ(same.dockerfile, "RlJPTQ==");
  EXPECT_EQ(newest(), two.row);
  EXPECT_EQ(Tag(one, "library/a", "1", kNow + 20, "Tk8=").dockerfile, "Tk8=");
  EXPECT_EQ(newest(), one.row);
  Do([&](Session& session) { return SetImageStatus(session, one.row, ImageStatus::kDeleting, kNow); });
  EXPECT_EQ(newest(), two.row);
  EXPECT_FALSE(newest(AddAccount("other")));
  Tag(one, "library/b", "2", kNow);
  const auto found = Find(team, 1);
  ASSERT_EQ(found->tags.size(), 2U);
  EXPECT_EQ(found->tags[0].repository, "library/a");  // newest first
}

TEST_P(StoreImagesTest, TagsOfAnyLengthFit) {
  const auto team = AddAccount("team");
  const Image image = AddImage(team, 1);
  const std::string longest(10'000, 'x');
  Tag(image, longest, longest, kNow);
  Tag(image, longest, longest, kNow);
  EXPECT_EQ(Find(team, 1)->tags.size(), 1U);
  EXPECT_EQ(Do([&](Session& session) { return FindNewestOfTag(session, team, "docker.io", longest, longest); }),
            image.row);
  EXPECT_EQ(Do([&](Session& session) {
              return ListImages(session, team, {.registry = "docker.io", .repository = longest, .tag = longest});
            }).size(),
            1U);
}

TEST_P(StoreImagesTest, ImagesAreListed) {
  const auto team = AddAccount("team");
  const Image one = AddImage(team, 1);
  const Image two = AddImage(team, 2);
  const Image three = AddImage(team, 3);
  AddImage(AddAccount("other"), 4);
  Tag(one, "a", "1", kNow);
  Tag(two, "a", "1", kNow + 1);
  Tag(three, "b", "1", kNow);
  Analyse(two);
  Do([&](Session& session) { return SetImageStatus(session, three.row, ImageStatus::kDeleting, kNow); });
  const auto list = [&](const ImageFilter& filter) {
    std::vector<std::int64_t> rows;
    for (const Image& image : Do([&](Session& session) { return ListImages(session, team, filter); })) {
      rows.push_back(image.row);
      EXPECT_EQ(image.tags.size(), 1U);
      EXPECT_EQ(image.analysis.has_value(), image.row == two.row);
    }
    return rows;
  };
  using Found = std::vector<std::int64_t>;
  EXPECT_EQ(list({}), (Found{three.row, two.row, one.row}));
  EXPECT_EQ(list({.image_status = ImageStatus::kActive}), (Found{two.row, one.row}));
  EXPECT_EQ(list({.analysis_status = AnalysisStatus::kAnalyzed}), Found{two.row});
  EXPECT_EQ(list({.registry = "docker.io", .repository = "a", .tag = "1"}), Found{two.row});
  EXPECT_EQ(list({.registry = "docker.io", .repository = "a", .tag = "1", .history = true}), (Found{two.row, one.row}));
  EXPECT_EQ(list({.image_status = ImageStatus::kActive, .registry = "docker.io", .repository = "b", .tag = "1"}),
            Found{});
  EXPECT_EQ(list({.registry = "quay.io", .repository = "a", .tag = "1"}), Found{});
  const auto summaries = [&](const std::optional<ImageStatus>& status) {
    return Do([&](Session& session) { return ListTagSummaries(session, team, status); });
  };
  ASSERT_EQ(summaries(std::nullopt).size(), 3U);
  const auto active = summaries(ImageStatus::kActive);
  ASSERT_EQ(active.size(), 2U);
  EXPECT_EQ(active[0].full_tag, "docker.io/a:1");
  EXPECT_EQ(active[0].digest, DigestOf(2));
  EXPECT_EQ(active[0].analysis_status, AnalysisStatus::kAnalyzed);
  EXPECT_EQ(active[0].analyzed_at, kNow + 1);
  EXPECT_FALSE(active[1].analyzed_at);
}

TEST_P(StoreImagesTest, AnAnalysisIsGivenAndTaken) {
  const auto team = AddAccount("team");
  const Image image = AddImage(team, 1);
  const auto id = Analyse(image, AnalysisStatus::kAnalyzing);
  auto found = Find(team, 1);
  ASSERT_TRUE(found->analysis);
  EXPECT_EQ(found->analysis_id, id);
  EXPECT_EQ(found->analysis_status, AnalysisStatus::kAnalyzing);
  EXPECT_EQ(found->dockerfile_mode, "Guessed");
  EXPECT_FALSE(found->analyzed_at);
  EXPECT_EQ(found->analysis->distro, "debian");
  EXPECT_EQ(found->analysis->distro_version, "12");
  EXPECT_EQ(found->analysis->architecture, "arm64");
  EXPECT_EQ(found->analysis->size_bytes, 5);
  EXPECT_EQ(found->analysis->layers, 2);
  EXPECT_EQ(found->analysis->packages, 7);
  EXPECT_FALSE(found->analysis->complete);
  EXPECT_EQ(found->analysis->content_key, DigestOf(1));
  EXPECT_EQ(found->analysis->version, 3);
  const auto move = [&](AnalysisStatus from, AnalysisStatus to) {
    return Do([&](Session& session) { return MoveAnalysisStatus(session, image.row, from, to, kNow); });
  };
  EXPECT_FALSE(move(AnalysisStatus::kFailed, AnalysisStatus::kAnalyzed));
  EXPECT_TRUE(move(AnalysisStatus::kAnalyzing, AnalysisStatus::kNotAnalyzed));
  const std::vector<std::int64_t> rows = {image.row, 999};
  Do([&](Session& session) { return SetAnalysisStatus(session, rows, AnalysisStatus::kFailed, "it broke", kNow + 2); });
  found = Find(team, 1);
  EXPECT_EQ(found->failure, "it broke");
  EXPECT_EQ(found->analysis_status, AnalysisStatus::kFailed);
  EXPECT_FALSE(found->analyzed_at);
  Do([&](Session& session) {
    return SetAnalysisStatus(session, rows, AnalysisStatus::kAnalyzed, std::nullopt, kNow + 3);
  });
  EXPECT_EQ(Find(team, 1)->analyzed_at, kNow + 3);
  EXPECT_FALSE(Find(team, 1)->failure);
  Do([&](Session& session) { return ResetAnalyses(session, {&image.row, 1}, kNow); });
  found = Find(team, 1);
  EXPECT_FALSE(found->analysis || found->analysis_id);
  EXPECT_EQ(found->analysis_status, AnalysisStatus::kNotAnalyzed);
}

TEST_P(StoreImagesTest, SeveralImagesAtOnce) {
  const auto team = AddAccount("team");
  const auto other = AddAccount("other");
  const Image old = AddImage(team, 2);
  const std::vector<NewImage> wanted = {
      {.account_id = team, .digest = DigestOf(3), .created_at = kNow + 1},
      {.account_id = team,
       .digest = DigestOf(2),
       .parent_digest = DigestOf(9),
       .annotations = "{}",
       .created_at = kNow + 1},
      {.account_id = other, .digest = DigestOf(2), .image_id = DigestOf(8), .created_at = kNow + 1}};
  const auto images = Do([&](Session& session) { return UpsertImages(session, wanted, kNow + 2); });
  ASSERT_EQ(images.size(), 3U);
  EXPECT_EQ(images[0].digest, DigestOf(3));
  EXPECT_FALSE(images[0].parent_digest || images[0].annotations);
  EXPECT_EQ(images[1].row, old.row);
  EXPECT_EQ(images[1].parent_digest, DigestOf(9));
  EXPECT_EQ(images[1].created_at, kNow);
  EXPECT_EQ(images[1].updated_at, kNow + 2);
  EXPECT_EQ(images[2].account_id, other);
  EXPECT_EQ(images[2].image_id, DigestOf(8));

  const auto tag = [](const Image& image, std::string name, std::optional<std::string> dockerfile, std::int64_t at) {
    return NewTag{image.account_id,
                  {.image_row = image.row,
                   .registry = "r",
                   .repository = "a",
                   .tag = std::move(name),
                   .dockerfile = std::move(dockerfile),
                   .detected_at = at,
                   .created_at = kNow,
                   .updated_at = kNow}};
  };
  const std::vector<NewTag> tags = {tag(images[0], "1", "RlJPTSBh", kNow), tag(images[0], "2", std::nullopt, kNow + 1),
                                    tag(images[1], "1", std::nullopt, kNow)};
  Do([&](Session& session) { return UpsertTags(session, tags); });
  const std::vector<NewTag> again = {tag(images[0], "1", std::nullopt, kNow + 9),
                                     tag(images[1], "1", "Qg==", kNow - 9)};
  Do([&](Session& session) { return UpsertTags(session, again); });
  const std::vector<NewImageDocument> documents = {{images[0].row, {"manifest", "a"}},
                                                   {images[1].row, {"manifest", "b"}}};
  Do([&](Session& session) { return PutImageDocuments(session, documents); });
  EXPECT_EQ(Do([&](Session& session) { return ListImageDocuments(session, images[1].row); }).at(0).object_key, "b");

  const NewAnalysis analysis{{.content_key = DigestOf(2)}, {}};
  const std::int64_t id = Do([&](Session& session) { return PutAnalyses(session, {&analysis, 1}, kNow); }).at(0);
  const std::vector<NewImageAnalysis> given = {{images[2].row, id}, {images[1].row, id}, {999, id}};
  Do([&](Session& session) { return SetAnalyses(session, given, AnalysisStatus::kAnalyzing, kNow + 3); });
  EXPECT_FALSE(Find(team, 3)->analysis_id);
  ASSERT_EQ(Find(team, 3)->tags.size(), 2U);
  EXPECT_EQ(Find(team, 3)->tags[0].tag, "1");  // it has come back
  EXPECT_EQ(Find(team, 3)->tags[0].dockerfile, "RlJPTSBh");
  EXPECT_EQ(Find(team, 2)->analysis_id, id);
  EXPECT_EQ(Find(team, 2)->dockerfile_mode, "Actual");
  EXPECT_EQ(Find(team, 2)->tags.at(0).detected_at, kNow);
  EXPECT_FALSE(Find(team, 2)->analyzed_at);
  EXPECT_EQ(Find(other, 2)->analysis_id, id);
  EXPECT_EQ(Find(other, 2)->dockerfile_mode, "Guessed");
}

TEST_P(StoreImagesTest, AnalysesBeginUnderTheNewestName) {
  const auto team = AddAccount("team");
  const Image image = AddImage(team, 1), gone = AddImage(team, 2), unnamed = AddImage(team, 3);
  Tag(image, "old", "1", kNow);
  Tag(image, "new", "1", kNow + 5);
  Tag(image, "older", "1", kNow - 5);
  Tag(gone, "gone", "1", kNow);
  Do([&](Session& session) { return SetImageStatus(session, gone.row, ImageStatus::kDeleting, kNow); });
  const std::vector<std::int64_t> rows = {image.row, gone.row, unnamed.row, 999};
  const auto begun = Do([&](Session& session) { return BeginAnalyses(session, rows, kNow + 7); });
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(begun[0].row, image.row);
  EXPECT_EQ(begun[0].account_id, team);
  EXPECT_EQ(begun[0].digest, DigestOf(1));
  EXPECT_EQ(begun[0].registry, "docker.io");
  EXPECT_EQ(begun[0].repository, "new");
  EXPECT_EQ(Find(team, 1)->analysis_status, AnalysisStatus::kAnalyzing);
  EXPECT_EQ(Find(team, 1)->updated_at, kNow + 7);
  EXPECT_EQ(Find(team, 2)->analysis_status, AnalysisStatus::kNotAnalyzed);
  EXPECT_EQ(Find(team, 3)->analysis_status, AnalysisStatus::kNotAnalyzed);
}

TEST_P(StoreImagesTest, StatusNames) {
  for (const auto status :
       {AnalysisStatus::kNotAnalyzed, AnalysisStatus::kAnalyzing, AnalysisStatus::kAnalyzed, AnalysisStatus::kFailed})
    EXPECT_EQ(ParseAnalysisStatus(AnalysisStatusName(status)), status);
  EXPECT_FALSE(ParseAnalysisStatus("unknown"));
  EXPECT_EQ(ImageStatusName(ImageStatus::kDeleting), "deleting");
}

TEST_P(StoreImagesTest, DocumentsAndDeletion) {
  const auto team = AddAccount("team");
  const Image image = AddImage(team, 1);
  const Image kept = AddImage(team, 2);
  const auto put = [&](const Image& of, std::string_view kind, std::string_view key) {
    Do([&](Session& session) {
      const std::vector<ImageDocument> documents = {{std::string(kind), std::string(key)}};
      return PutImageDocuments(session, of.row, documents);
    });
  };
  put(image, "manifest", "old");
  put(image, "manifest", "new");
  put(image, "config", "c");
  put(kept, "config", "c");
  const auto documents = Do([&](Session& session) { return ListImageDocuments(session, image.row); });
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].kind, "config");
  EXPECT_EQ(documents[1].object_key, "new");
  Tag(image, "a", "1", kNow);
  Do([&](Session& session) {
    return InsertEvaluation(session, {.account_id = team, .image_row = image.row, .tag = "a:1", .policy_id = "p"});
  });
  const auto deleting = [&] { return Do([](Session& session) { return ListDeletingImages(session, 10); }); };
  EXPECT_TRUE(deleting().empty());
  Do([&](Session& session) { return SetImageStatus(session, image.row, ImageStatus::kDeleting, kNow); });
  EXPECT_EQ(deleting(), std::vector<std::int64_t>{image.row});
  EXPECT_EQ(Do([&](Session& session) { return ListImageRowsOf(session, team, 1); }),
            std::vector<std::int64_t>{image.row});
  ExpectError(Try([&](Session& session) { return DeleteAccount(session, team); }), ErrorKind::kConflict);
  Do([&](Session& session) { return DeleteImage(session, image.row); });
  Do([&](Session& session) { return DeleteImage(session, image.row); });
  EXPECT_FALSE(Find(team, 1));
  EXPECT_TRUE(deleting().empty());
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM image_tags"), 0);
  EXPECT_EQ(Do([&](Session& session) { return ListImageDocuments(session, kept.row); }).size(), 1U);
  Do([&](Session& session) { return DeleteImage(session, kept.row); });
  Do([&](Session& session) { return DeleteAccount(session, team); });
}

// Whoever adds an image again while it is being purged ends up with the image.
TEST_P(StoreImagesTest, AnImageThatComesBackIsNotPurged) {
  const auto team = AddAccount("team");
  for (int round = 0; round < 20; ++round) {
    const Image image = AddImage(team, 1);
    Do([&](Session& session) { return SetImageStatus(session, image.row, ImageStatus::kDeleting, kNow); });
    std::jthread purge([&] {
      Do([](Session& session) -> Result<void> {
        HF_TRY(const auto rows, ListDeletingImages(session, 10));
        for (const std::int64_t row : rows) HF_CHECK_OK(DeleteImage(session, row));
        return {};
      });
    });
    Do([&](Session& session) -> Result<void> {
      HF_TRY(const auto added, UpsertImage(session, {.account_id = team, .digest = DigestOf(1)}, kNow));
      return SetImageStatus(session, added.row, ImageStatus::kActive, kNow);
    });
    purge.join();
    ASSERT_TRUE(Find(team, 1));
    ASSERT_EQ(Find(team, 1)->image_status, ImageStatus::kActive);
  }
}

TEST_P(StoreImagesTest, ImagesAreNotScanned) {
  const auto team = AddAccount("team");
  const bool sqlite = !IsPostgres();
  const std::string digest = sqlite ? "CAST(printf('%032d', i) AS BLOB)" : "convert_to(lpad(i::text, 32, '0'), 'UTF8')";
  const std::string fill =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO images (account_id, "
      "digest, parent_digest, image_id, analysis_status, image_status, created_at, updated_at) SELECT 1, " +
      digest + ", " + digest + ", " + digest +
      ", CASE WHEN i % 100 = 0 THEN 1 ELSE 2 END, CASE WHEN i % 100 = 1 THEN 1 ELSE 0 END, i, i FROM n; "
      "INSERT INTO image_tags (image_row, account_id, registry, repository, tag, detected_at, created_at, updated_at) "
      "SELECT id, 1, 'docker.io', 'r' || (id % 50), 't' || (id % 7), id, id, id FROM images;";
  Do([&](Session& session) { return session.RunScript({"test.fill", fill}); });
  ExpectNoScan({"images", "image_tags"}, [&](Session& session) -> Result<void> {
    HF_CHECK_OK(FindImage(session, team, DigestOf(1)));
    HF_CHECK_OK(FindImageById(session, team, DigestOf(1)));
    HF_CHECK_OK(FindImageByRow(session, 7));
    HF_TRY(const auto of_tag, ListImages(session, team, {.registry = "docker.io", .repository = "r1", .tag = "t1"}));
    EXPECT_EQ(of_tag.size(), 1U);
    HF_CHECK_OK(ListImages(session, team, {.registry = "docker.io", .repository = "r1", .tag = "t1", .history = true}));
    HF_CHECK_OK(FindNewestOfTag(session, team, "docker.io", "r1", "t1"));
    HF_CHECK_OK(UpsertImage(session, {.account_id = team, .digest = DigestOf(1)}, kNow));
    HF_CHECK_OK(ListDeletingImages(session, 10));
    HF_CHECK_OK(FinishMatchedImages(session, 10, kNow));
    HF_CHECK_OK(ListAnalyzedTimes(session, kNow, 10));
    HF_CHECK_OK(FinishImagesWithoutMatch(session, 10, kNow));
    HF_CHECK_OK(DeleteImage(session, 7));
    return {};
  });
}

}  // namespace
}  // namespace holdfast::store
