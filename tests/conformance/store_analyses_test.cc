// Analyses, contexts, package sets and findings, on every driver.
#include "store/analyses.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <thread>

#include "conformance/repository_fixture.h"
#include "store/matching_epoch.h"
#include "store/storable_text.h"

namespace holdfast::store {
namespace {

using test::Driver;
using test::ExpectError;

class StoreAnalysesTest : public RepositoryTest {
 protected:
  static NewContext MakeContext(std::string_view name, std::string_view version = "1") {
    return {.key = "key of " + std::string(name) + " " + std::string(version),
            .name = std::string(name),
            .version = std::string(version),
            .type = "deb",
            .identity = std::string("\0", 1) + std::string(name)};
  }
  std::vector<std::int64_t> Intern(const std::vector<NewContext>& contexts) {
    return Do([&](Session& session) { return InternContexts(session, contexts); });
  }
  std::int64_t AddSet(std::string_view key, const std::vector<std::int64_t>& contexts) {
    const NewPackageSet set{std::string(key), "members of " + std::string(key), contexts};
    return Do([&](Session& session) { return InsertPackageSets(session, {&set, 1}); }).at(0).id;
  }
  std::int64_t Put(std::uint64_t digest, const std::vector<std::int64_t>& sets, std::int64_t version = 1) {
    const NewAnalysis wanted{{.content_key = DigestOf(digest), .version = version}, sets};
    return Do([&](Session& session) { return PutAnalyses(session, {&wanted, 1}, kNow); }).at(0);
  }
  void Open(std::int64_t context, std::string_view vulnerability, std::string_view fix = "") {
    const std::vector<Finding> findings = {{.context_id = context,
                                            .vulnerability = std::string(vulnerability),
                                            .opened_at = kNow,
                                            .detected_at = kNow - 1,
                                            .severity = 3,
                                            .name_space = "debian:12",
                                            .will_not_fix = true,
                                            .fix = std::string(fix),
                                            .fix_observed_at = kNow,
                                            .digest = DigestOf(5).Value(),
                                            .detail = std::string("\0d", 2)}};
    Do([&](Session& session) { return OpenFindings(session, findings); });
  }
  std::vector<Finding> LoadOpen(const std::vector<std::int64_t>& contexts) {
    return Do([&](Session& session) { return LoadOpenFindings(session, contexts); });
  }
  // An analysed image of the account with these contexts.
  Image AddAnalysed(std::int64_t account, std::uint64_t digest, const std::vector<std::int64_t>& contexts) {
    const Image image = AddImage(account, digest);
    const NewImageAnalysis given{image.row, Put(digest, {AddSet("set of " + std::to_string(digest), contexts)})};
    Do([&](Session& session) { return SetAnalyses(session, {&given, 1}, AnalysisStatus::kAnalyzed, kNow); });
    return image;
  }
  void Mark(const std::vector<std::int64_t>& contexts, std::int64_t generation) {
    Do([&](Session& session) { return MarkContextsMatched(session, contexts, generation); });
  }
};

INSTANTIATE_TEST_SUITE_P(Drivers, StoreAnalysesTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

TEST(StoreContentKeyTest, IsShortAndFitForNames) {
  EXPECT_EQ(ContentKey(DigestOf(1).Value()).size(), 22U);
  EXPECT_NE(ContentKey(DigestOf(1).Value()), ContentKey(DigestOf(2).Value()));
  Sha256Value ones;
  ones.bytes.fill(0xff);
  EXPECT_EQ(ContentKey(ones), "_____________________w");
}

TEST_P(StoreAnalysesTest, ContextsAreInternedOnce) {
  const auto ids = Intern({MakeContext("b"), MakeContext("a"), MakeContext("b")});
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[0], ids[2]);
  EXPECT_NE(ids[0], ids[1]);
  const auto more = Intern({MakeContext("a"), MakeContext("c")});
  EXPECT_EQ(more[0], ids[1]);
  EXPECT_TRUE(Intern({}).empty());
  const auto loaded =
      Do([&](Session& session) { return LoadContexts(session, std::vector<std::int64_t>{ids[1], 999}); });
  ASSERT_EQ(loaded.size(), 1U);
  EXPECT_EQ(loaded[0].identity, std::string("\0a", 2));
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM contexts"), 3);
}

TEST_P(StoreAnalysesTest, ManyAnalysersInternTheSame) {
  std::vector<std::vector<std::int64_t>> got(6);
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < got.size(); ++t) {
    threads.emplace_back([&, t] {
      std::vector<NewContext> contexts;
      for (int i = 0; i < 200; ++i) contexts.push_back(MakeContext(std::to_string(t % 2 == 0 ? i : 199 - i)));
      got[t] = Intern(contexts);
      if (t % 2 == 1) std::ranges::reverse(got[t]);
      AddSet("the same", got[t]);
    });
  }
  threads.clear();
  for (const auto& ids : got) EXPECT_EQ(ids, got[0]);
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM contexts"), 200);
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM set_contexts"), 200);
}

TEST_P(StoreAnalysesTest, NamesOfAnyLengthFit) {
  const std::string longest(10'000, 'x');
  const auto ids = Intern({MakeContext(longest, longest), MakeContext(longest + "y", longest)});
  EXPECT_NE(ids[0], ids[1]);
  Open(ids[0], "CVE-" + longest);
  const auto open = LoadOpen({ids[0]});
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].vulnerability, IndexedText("CVE-" + longest));
  const auto team = AddAccount("team");
  AddAnalysed(team, 1, ids);
  const auto found = [&](std::string_view name) {
    return Do([&](Session& session) { return FindImagesByPackage(session, team, name, longest, "deb"); }).size();
  };
  EXPECT_EQ(found(longest), 1U);
  EXPECT_EQ(found(longest + "z"), 0U);
  EXPECT_EQ(Do([&](Session& session) { return FindImagesByVulnerability(session, team, "CVE-" + longest); }).size(),
            1U);
}

TEST_P(StoreAnalysesTest, AnalysesPointAtSetsInOrder) {
  const auto ids = Intern({MakeContext("a"), MakeContext("b")});
  const auto one = AddSet("one", ids);
  const auto two = AddSet("two", {ids[0], ids[0]});
  const auto none = AddSet("none", {});
  EXPECT_EQ(AddSet("one", ids), one);
  const std::vector<std::string> keys = {"two", "unknown", "one"};
  std::map<std::string, std::int64_t> known;
  for (const auto& set : Do([&](Session& session) { return FindPackageSets(session, keys); })) known[set.key] = set.id;
  EXPECT_EQ(known, (std::map<std::string, std::int64_t>{{"one", one}, {"two", two}}));
  const auto members = [&](std::int64_t analysis) {
    return Do([&](Session& session) { return LoadSetMembers(session, analysis); });
  };
  const std::int64_t made = Put(1, {two, one, none});
  EXPECT_EQ(members(made), (std::vector<std::string>{"members of two", "members of one", "members of none"}));
  EXPECT_EQ(Put(1, {one}, 2), made);
  EXPECT_EQ(members(made), std::vector<std::string>{"members of one"});
  EXPECT_TRUE(members(Put(2, {})).empty());
  const auto found = Do([](Session& session) { return FindAnalysis(session, DigestOf(1)); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, made);
  EXPECT_EQ(found->version, 2);
  EXPECT_TRUE(found->complete);
  EXPECT_FALSE(Do([](Session& session) { return FindAnalysis(session, DigestOf(9)); }));
}

TEST_P(StoreAnalysesTest, SeveralAnalysesAtOnce) {
  const auto ids = Intern({MakeContext("a"), MakeContext("b")});
  const std::vector<NewPackageSet> wanted = {{"two", "members of two", {ids[1], ids[0]}},
                                             {"one", "members of one", {ids[0]}}};
  std::map<std::string, std::int64_t> sets;
  for (const auto& set : Do([&](Session& session) { return InsertPackageSets(session, wanted); }))
    sets[set.key] = set.id;
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM set_contexts"), 3);
  const std::int64_t old = Put(7, {sets["two"]});
  const std::vector<NewAnalysis> analyses = {
      {{.content_key = DigestOf(9), .version = 2, .distro = "alpine"}, {sets["one"], sets["two"]}},
      {{.content_key = DigestOf(7), .version = 2, .distro = "debian"}, {sets["one"]}},
      {{.content_key = DigestOf(8), .version = 2}, {}}};
  const auto put = Do([&](Session& session) { return PutAnalyses(session, analyses, kNow); });
  ASSERT_EQ(put.size(), 3U);
  EXPECT_EQ(put[1], old);
  const auto members = [&](std::int64_t analysis) {
    return Do([&](Session& session) { return LoadSetMembers(session, analysis); });
  };
  EXPECT_EQ(members(put[0]), (std::vector<std::string>{"members of one", "members of two"}));
  EXPECT_EQ(members(put[1]), std::vector<std::string>{"members of one"});
  EXPECT_TRUE(members(put[2]).empty());
  const std::vector<Digest> keys = {DigestOf(9), DigestOf(1), DigestOf(7)};
  std::map<std::string, std::int64_t> found;
  for (const auto& one : Do([&](Session& session) { return FindAnalyses(session, keys); })) found[one.distro] = one.id;
  EXPECT_EQ(found, (std::map<std::string, std::int64_t>{{"alpine", put[0]}, {"debian", put[1]}}));
  EXPECT_TRUE(Do([](Session& session) { return PutAnalyses(session, {}, kNow); }).empty());
}

TEST_P(StoreAnalysesTest, LayersAreTouchedNowAndThen) {
  const auto used = [&] { return Integer("SELECT used_at FROM layers WHERE record_version = 2 AND search_id = 's'"); };
  const auto touch = [&](std::int64_t now) {
    const std::vector<Digest> layers = {DigestOf(1), DigestOf(2)};
    Do([&](Session& session) { return TouchLayers(session, layers, 2, "s", now); });
  };
  const auto put = [&](std::int64_t now, std::string_view search = "s") {
    Do([&](Session& session) { return PutLayer(session, {DigestOf(1), 2, std::string(search), 10, 20}, now); });
  };
  touch(kNow);  // nothing there
  put(kNow);
  touch(kNow + 1000);
  EXPECT_EQ(used(), kNow);
  touch(kNow + 3'600'001);
  EXPECT_EQ(used(), kNow + 3'600'001);
  put(kNow + 9'000'000, "other");  // a record of its own
  EXPECT_EQ(used(), kNow + 3'600'001);
  put(kNow + 4'000'000);
  EXPECT_EQ(used(), kNow + 4'000'000);
}

TEST_P(StoreAnalysesTest, FindingsOpenAndClose) {
  const auto ids = Intern({MakeContext("a"), MakeContext("b")});
  Open(ids[1], "CVE-2", "1.2");
  Open(ids[1], "CVE-1");
  Open(ids[0], "CVE-2");
  const auto open = LoadOpen(ids);
  ASSERT_EQ(open.size(), 3U);
  EXPECT_EQ(open[0].context_id, ids[0]);
  EXPECT_EQ(open[1].vulnerability, "CVE-1");
  const Finding& last = open[2];
  EXPECT_EQ(last.vulnerability, "CVE-2");
  EXPECT_EQ(last.opened_at, kNow);
  EXPECT_EQ(last.detected_at, kNow - 1);
  EXPECT_EQ(last.severity, 3);
  EXPECT_EQ(last.name_space, "debian:12");
  EXPECT_TRUE(last.will_not_fix);
  EXPECT_EQ(last.fix, "1.2");
  EXPECT_EQ(last.fix_observed_at, kNow);
  EXPECT_EQ(last.digest, DigestOf(5).Value());
  EXPECT_EQ(last.detail, std::string("\0d", 2));
  const std::vector<Finding> again = {{.context_id = ids[1], .vulnerability = "CVE-2"}};
  ExpectError(Try([&](Session& session) { return OpenFindings(session, again); }), ErrorKind::kConflict);
  const auto close = [&](std::int64_t id, std::int64_t now) {
    Do([&](Session& session) { return CloseFindings(session, std::vector<std::int64_t>{id}, now); });
  };
  close(last.id, kNow + 1);
  close(last.id, kNow + 2);  // closed once
  EXPECT_EQ(Integer("SELECT closed_at FROM findings WHERE id = $1", {last.id}), kNow + 1);
  EXPECT_EQ(LoadOpen(ids).size(), 2U);
  Open(ids[1], "CVE-2");
  EXPECT_EQ(LoadOpen(ids).size(), 3U);
  Do([](Session& session) { return OpenFindings(session, {}); });
  Do([](Session& session) { return CloseFindings(session, {}, kNow); });
  EXPECT_TRUE(LoadOpen({}).empty());
}

TEST_P(StoreAnalysesTest, ContextsAreMatchedOldestFirst) {
  const auto ids = Intern({MakeContext("a"), MakeContext("b"), MakeContext("c"), MakeContext("d")});
  const auto list = [&](std::int64_t generation, std::int64_t count) {
    std::vector<std::int64_t> found;
    for (const Context& context : Do([&](Session& session) { return ListContextsToMatch(session, generation, count); }))
      found.push_back(context.id);
    return found;
  };
  std::vector<std::int64_t> sorted = ids;
  std::ranges::sort(sorted);
  EXPECT_EQ(list(1, 10), sorted);
  EXPECT_EQ(list(0, 10), std::vector<std::int64_t>{});
  Mark({sorted[0]}, 2);
  Mark({sorted[1]}, 1);
  EXPECT_EQ(list(2, 10), (std::vector<std::int64_t>{sorted[2], sorted[3], sorted[1]}));
  EXPECT_EQ(list(2, 1), std::vector<std::int64_t>{sorted[2]});
}

TEST_P(StoreAnalysesTest, MatchersSideBySideTakeEachContextOnce) {
  std::vector<NewContext> contexts;
  for (int i = 0; i < 300; ++i) contexts.push_back(MakeContext(std::to_string(i)));
  Intern(contexts);
  std::mutex mutex;
  std::multiset<std::int64_t> taken;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (;;) {
        std::vector<std::int64_t> ids;
        Do([&](Session& session) -> Result<void> {
          ids.clear();
          HF_TRY(const auto some, ListContextsToMatch(session, 1, 11));
          for (const Context& context : some) ids.push_back(context.id);
          EXPECT_LE(ids.size(), 11U);
          return MarkContextsMatched(session, ids, 1);
        });
        if (ids.empty()) return;
        const std::scoped_lock lock(mutex);
        taken.insert(ids.begin(), ids.end());
      }
    });
  }
  threads.clear();
  EXPECT_EQ(taken.size(), 300U);
  EXPECT_EQ(std::set<std::int64_t>(taken.begin(), taken.end()).size(), 300U);
}

TEST_P(StoreAnalysesTest, AnEpochGoesOnOrBeginsAnew) {
  const auto put = [&](std::int64_t generation, bool decide_all) {
    return Do([&](Session& session) -> Result<MatchingEpoch> {
      HF_CHECK_OK(LockEpoch(session));
      return PutEpoch(session, {.generation = generation, .matcher = 3, .since = kNow}, decide_all);
    });
  };
  EXPECT_FALSE(Do([](Session& session) { return FindEpoch(session); }));
  EXPECT_EQ(Try([](Session& session) { return PutEpoch(session, {}, false); }).error().Kind(), ErrorKind::kInternal);
  // Before there were epochs, generations stood in the contexts: none of them counts as decided.
  const auto ids = Intern({MakeContext("a"), MakeContext("b")});
  Mark({ids[0]}, 37);
  const MatchingEpoch first = put(4, true);
  EXPECT_EQ(first.epoch, 38);
  EXPECT_EQ(Do([&](Session& session) { return ListContextsToMatch(session, first.epoch, 9); }).size(), 2U);
  EXPECT_EQ(put(5, false), (MatchingEpoch{38, 5, 3, kNow}));
  EXPECT_EQ(Do([](Session& session) { return FindEpoch(session); }), (MatchingEpoch{38, 5, 3, kNow}));
  EXPECT_EQ(put(6, true).epoch, 39);
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM matching_epoch"), 1);
}

TEST_P(StoreAnalysesTest, ContextsAreMarkedByTheirKeys) {
  auto ids = Intern({MakeContext("a"), MakeContext("b"), MakeContext("c"), MakeContext("d")});
  std::ranges::sort(ids);
  const MatchingEpoch epoch =
      Do([](Session& session) { return PutEpoch(session, {.generation = 1, .matcher = 1, .since = kNow}, true); });
  EXPECT_EQ(epoch.epoch, 2);
  const auto put = [&](std::vector<std::int64_t> contexts, std::vector<ContextKey> keys) {
    Do([&](Session& session) { return PutContextKeys(session, contexts, keys); });
  };
  constexpr std::int64_t kLow = std::numeric_limits<std::int64_t>::min();
  put({ids[0], ids[1]}, {{ids[0], kLow}, {ids[0], 7}, {ids[1], 7}});
  put({ids[2], ids[3]}, {{ids[2], 8}, {ids[3], kLow}});
  put({ids[1], ids[2]}, {{ids[1], 7}, {ids[1], 9}});  // one more, and one less
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM context_keys"), 5);
  Mark({ids[0], ids[1], ids[2]}, epoch.epoch);  // the last one was never decided
  const auto mark = [&](std::vector<std::int64_t> keys) {
    return Do([&](Session& session) { return MarkContextsTouched(session, keys); });
  };
  const auto touched = [&](std::vector<std::int64_t> contexts) {
    return Do([&](Session& session) { return HasTouchedContext(session, contexts); });
  };
  EXPECT_EQ(mark({}), 0);
  EXPECT_EQ(mark({8, 10}), 0);
  EXPECT_FALSE(touched(ids));
  EXPECT_EQ(mark({kLow}), 1);
  EXPECT_TRUE(touched({ids[0], ids[1]}));
  EXPECT_FALSE(touched({ids[1], ids[2], ids[3]}));
  std::vector<std::int64_t> many = {9};
  for (std::int64_t i = 100; i < 25'000; ++i) many.push_back(i);
  many.push_back(7);
  EXPECT_EQ(mark(many), 1);  // the other one is marked already
  std::vector<std::int64_t> order;
  for (const Context& context : Do([&](Session& session) { return ListContextsToMatch(session, epoch.epoch, 9); }))
    order.push_back(context.id);
  EXPECT_EQ(order, (std::vector<std::int64_t>{ids[3], ids[0], ids[1]}));
  // Keys go with their contexts.
  Do([&](Session& session) { return session.Run({"test.delete", "DELETE FROM contexts WHERE id = $1"}, {ids[0]}); });
  EXPECT_EQ(Integer("SELECT COUNT(*) FROM context_keys"), 3);
}

// Nobody decides while the epoch changes, and who wants to change it is not kept waiting by those who come later.
TEST_P(StoreAnalysesTest, WhoChangesTheEpochIsAlone) {
  std::atomic<int> holding = 0, held = 0;
  int changes = 0;
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop)
        Do([&](Session& session) -> Result<void> {
          HF_CHECK_OK(HoldEpoch(session));
          ++holding;
          for (int i = 0; i < 5; ++i) HF_CHECK_OK(FindEpoch(session));
          --holding;
          ++held;
          return {};
        });
    });
  }
  while (changes < 20 || held < 60) {
    Do([&](Session& session) -> Result<void> {
      HF_CHECK_OK(LockEpoch(session));
      EXPECT_EQ(holding, 0);
      HF_CHECK_OK(FindEpoch(session));
      EXPECT_EQ(holding, 0);
      return {};
    });
    ++changes;
  }
  stop = true;
  threads.clear();
}

TEST_P(StoreAnalysesTest, ImagesAreFinishedWhenAllIsMatched) {
  const auto team = AddAccount("team");
  const auto ids = Intern({MakeContext("a"), MakeContext("b")});
  const Image both = AddAnalysed(team, 1, ids);
  const Image one = AddAnalysed(team, 2, {ids[0]});
  const Image empty = AddAnalysed(team, 3, {});
  const Image unanalysed = AddImage(team, 4);
  const std::vector<std::int64_t> rows = {both.row, one.row, empty.row, unanalysed.row};
  Do([&](Session& session) {
    return SetAnalysisStatus(session, rows, AnalysisStatus::kAnalyzing, std::nullopt, kNow);
  });
  const auto finish = [&](std::int64_t count) {
    const auto finished = Do([&](Session& session) -> Result<std::vector<FinishedImage>> {
      HF_CHECK_OK(MarkAnalysesMatched(session, 7, 10));
      return FinishMatchedImages(session, count, kNow + 5);
    });
    std::vector<std::int64_t> finished_rows;
    for (const FinishedImage& image : finished) finished_rows.push_back(image.row);
    std::ranges::sort(finished_rows);
    return finished_rows;
  };
  EXPECT_EQ(finish(10), std::vector<std::int64_t>{empty.row});
  Mark({ids[0]}, 7);
  EXPECT_EQ(finish(10), std::vector<std::int64_t>{one.row});
  Mark({ids[1]}, 7);
  EXPECT_EQ(finish(0), std::vector<std::int64_t>{});
  EXPECT_EQ(finish(10), std::vector<std::int64_t>{both.row});
  EXPECT_EQ(finish(10), std::vector<std::int64_t>{});
  const auto found = Do([&](Session& session) { return FindImageByRow(session, both.row); });
  EXPECT_EQ(found->analysis_status, AnalysisStatus::kAnalyzed);
  EXPECT_EQ(found->analyzed_at, kNow + 5);
  EXPECT_EQ(Do([](Session& session) { return ListAnalyzedTimes(session, kNow, 2); }),
            (std::vector<std::int64_t>{kNow + 5, kNow + 5}));
  EXPECT_TRUE(Do([](Session& session) { return ListAnalyzedTimes(session, kNow + 6, 9); }).empty());
  EXPECT_EQ(Do([](Session& session) { return FindAnalysis(session, DigestOf(1)); })->matched_generation, 7);
  // Without a snapshot nobody waits for matching; what has no analysis does.
  Do([&](Session& session) {
    return SetAnalysisStatus(session, rows, AnalysisStatus::kAnalyzing, std::nullopt, kNow);
  });
  EXPECT_EQ(Do([](Session& session) { return FinishImagesWithoutMatch(session, 2, kNow); }).size(), 2U);
  EXPECT_EQ(Do([](Session& session) { return FinishImagesWithoutMatch(session, 9, kNow); }).size(), 1U);
}

TEST_P(StoreAnalysesTest, ImagesAreFoundByVulnerabilityAndPackage) {
  const auto team = AddAccount("team");
  const auto other = AddAccount("other");
  const auto ids = Intern({MakeContext("openssl", "1"), MakeContext("openssl", "2"), MakeContext("zlib")});
  const Image one = AddAnalysed(team, 1, {ids[0], ids[2]});
  const Image two = AddAnalysed(team, 2, {ids[1]});
  AddAnalysed(other, 3, ids);
  const Image deleting = AddAnalysed(team, 4, ids);
  Do([&](Session& session) { return SetImageStatus(session, deleting.row, ImageStatus::kDeleting, kNow); });
  Open(ids[0], "CVE-1");
  Open(ids[1], "CVE-1");
  Open(ids[2], "CVE-2");
  const auto affected = Do([&](Session& session) { return FindImagesByVulnerability(session, team, "CVE-1"); });
  ASSERT_EQ(affected.size(), 2U);
  EXPECT_EQ(affected[0].image_row, one.row);
  EXPECT_EQ(affected[0].context_id, ids[0]);
  EXPECT_EQ(affected[0].package, "openssl");
  EXPECT_EQ(affected[0].version, "1");
  EXPECT_EQ(affected[0].type, "deb");
  EXPECT_EQ(affected[0].name_space, "debian:12");
  EXPECT_EQ(affected[0].severity, 3);
  EXPECT_TRUE(affected[0].will_not_fix);
  EXPECT_EQ(affected[1].image_row, two.row);
  Do([&](Session& session) {
    return CloseFindings(session, std::vector<std::int64_t>{LoadOpenFindings(session, ids).value()[0].id}, kNow);
  });
  EXPECT_EQ(Do([&](Session& session) { return FindImagesByVulnerability(session, team, "CVE-1"); }).size(), 1U);
  EXPECT_TRUE(Do([&](Session& session) { return FindImagesByVulnerability(session, team, "CVE-3"); }).empty());
  const auto by_package = [&](std::string_view name, std::string_view version, std::string_view type) {
    return Do([&](Session& session) { return FindImagesByPackage(session, team, name, version, type); });
  };
  ASSERT_EQ(by_package("openssl", "", "").size(), 2U);
  EXPECT_EQ(by_package("openssl", "", "")[0].version, "1");
  ASSERT_EQ(by_package("openssl", "2", "deb").size(), 1U);
  EXPECT_EQ(by_package("openssl", "2", "deb")[0].image_row, two.row);
  EXPECT_TRUE(by_package("openssl", "", "rpm").empty());
  EXPECT_TRUE(by_package("OpenSSL", "", "").empty());
}

TEST_P(StoreAnalysesTest, FindingsAndContextsAreNotScanned) {
  const auto team = AddAccount("team");
  const auto ids = Intern({MakeContext("openssl"), MakeContext("zlib")});
  Open(ids[0], "CVE-1");
  AddAnalysed(team, 1, ids);
  const std::string key =
      IsPostgres() ? "convert_to(lpad(id::text, 32, '0'), 'UTF8')" : "CAST(printf('%032d', id) AS BLOB)";
  const std::string bytes = IsPostgres() ? "'\\x00'::bytea" : "x'00'";
  const std::string fill =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO contexts (key, "
      "name, "
      "version, type, identity, matched_epoch) SELECT 'k' || i, 'n' || (i / 3), 'v' || (i % 3), 'deb', " +
      bytes +
      ", 1 + i % 2 FROM n; INSERT INTO vulnerabilities (name) SELECT 'V' || id FROM contexts; INSERT INTO "
      "findings (context_id, vulnerability_id, opened_at, closed_at, detected_at, severity, namespace, will_not_fix, "
      "fix, digest, detail) SELECT c.id, v.id, 0, CASE WHEN c.id % 2 = 0 THEN 1 END, 0, 1, 'n', 0, '', " +
      bytes + ", " + bytes +
      " FROM contexts AS c JOIN vulnerabilities AS v ON v.id IN (c.id, c.id + 1) WHERE c.id > 10;" +
      "INSERT INTO context_keys (context_id, key) SELECT id, id FROM contexts; INSERT INTO package_sets (key, members) "
      "SELECT 's' || id, " +
      bytes + " FROM contexts WHERE id % 10 = 0; " +
      "INSERT INTO set_contexts (context_id, set_id) SELECT c.id, s.id FROM contexts AS c JOIN package_sets AS s ON "
      "s.id BETWEEN c.id / 10 AND c.id / 10 + 1 WHERE c.id > 10; INSERT INTO analyses (content_key, version, distro, "
      "distro_version, architecture, size_bytes, layers, packages, complete, matched_generation, created_at) SELECT " +
      key +
      ", 1, '', '', '', 0, 0, 0, 1, id % 20, 0 FROM contexts; INSERT INTO analysis_sets (set_id, analysis_id, "
      "position) SELECT s.id, a.id, s.id - a.id FROM analyses AS a JOIN package_sets AS s ON s.id BETWEEN a.id AND "
      "a.id + 4 WHERE a.id > 1;";
  Do([&](Session& session) { return session.RunScript({"test.fill", fill}); });
  ExpectNoScan({"contexts", "context_keys", "findings", "vulnerabilities", "set_contexts", "analysis_sets",
                "package_sets", "analyses"},
               [&](Session& session) -> Result<void> {
                 HF_CHECK_OK(LoadOpenFindings(session, ids));
                 HF_CHECK_OK(FindImagesByVulnerability(session, team, "CVE-1"));
                 HF_CHECK_OK(FindImagesByPackage(session, team, "openssl", "", ""));
                 HF_CHECK_OK(FindImagesByPackage(session, team, "openssl", "1", "deb"));
                 HF_CHECK_OK(ListContextsToMatch(session, 2, 10));
                 HF_CHECK_OK(MarkContextsMatched(session, ids, 2));
                 HF_CHECK_OK(PutContextKeys(session, ids, {}));
                 HF_CHECK_OK(MarkContextsTouched(session, std::vector<std::int64_t>{1, 2}));
                 HF_CHECK_OK(HasTouchedContext(session, ids));
                 HF_CHECK_OK(MarkAnalysesMatched(session, 2, 10));
                 HF_CHECK_OK(LoadContexts(session, ids));
                 HF_CHECK_OK(FindPackageSets(session, std::vector<std::string>{"set of 1"}));
                 HF_CHECK_OK(InternContexts(session, std::vector<NewContext>{MakeContext("new")}));
                 return {};
               });
}

}  // namespace
}  // namespace holdfast::store
