#include "vfs/squash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/test_support.h"

namespace holdfast::vfs {
namespace {

// "d a", "f a/b", "l a/c -> ../x", "h a/d -> a/b": one line an entry.
Inventory MakeLayer(const std::vector<std::string>& lines) {
  Inventory inventory;
  for (const std::string& line : lines) {
    Entry entry;
    std::string_view rest = std::string_view(line).substr(2);
    if (const auto arrow = rest.find(" -> "); arrow != std::string_view::npos) {
      entry.link_target = rest.substr(arrow + 4);
      rest = rest.substr(0, arrow);
    }
    entry.path = rest;
    entry.type = line[0] == 'd'   ? FileType::kDirectory
                 : line[0] == 'l' ? FileType::kSymlink
                 : line[0] == 'h' ? FileType::kHardLink
                                  : FileType::kRegular;
    entry.size_bytes = inventory.Size() + 1;
    test::Value(inventory.Add(entry, kGiB));
  }
  return inventory;
}

struct Squashed {
  std::vector<std::unique_ptr<Inventory>> layers;
  SquashedTree tree;
  std::vector<Problem> problems;

  // "path@layer.entry" of the content, folders with a trailing '/'.
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    tree.ForEach([&](const SquashedTree::File& file) {
      std::string line = file.path + (file.type == FileType::kDirectory ? "/" : "");
      if (file.type != FileType::kDirectory)
        line += "@" + std::to_string(file.content->layer) + "." + std::to_string(file.content->entry);
      lines.push_back(line);
    });
    return lines;
  }
};

Squashed Squash(const std::vector<std::vector<std::string>>& layers) {
  Squashed squashed;
  for (const auto& lines : layers) {
    squashed.layers.push_back(std::make_unique<Inventory>(MakeLayer(lines)));
    for (auto& problem : squashed.tree.Apply(*squashed.layers.back())) squashed.problems.push_back(problem);
  }
  return squashed;
}

using Lines = std::vector<std::string>;

TEST(Squash, LaterLayersReplaceFiles) {
  EXPECT_EQ(Squash({{"d a", "f a/x", "f a/y"}, {"f a/x"}}).Lines(), (Lines{"a/", "a/x@1.0", "a/y@0.2"}));
}

TEST(Squash, WhiteoutRemovesFilesAndWholeFolders) {
  EXPECT_EQ(Squash({{"d a", "f a/x", "d a/b", "f a/b/c"}, {"f a/.wh.x", "f a/.wh.b"}}).Lines(), (Lines{"a/"}));
}

TEST(Squash, WhiteoutSparesItsOwnLayerWhateverTheOrder) {
  EXPECT_EQ(Squash({{"d a", "f a/x", "f a/old"}, {"f a/x", "f a/.wh.x", "f a/.wh.old"}}).Lines(),
            (Lines{"a/", "a/x@1.0"}));
  EXPECT_EQ(Squash({{"d a", "f a/x"}, {"f a/.wh.x", "f a/x"}}).Lines(), (Lines{"a/", "a/x@1.1"}));
}

TEST(Squash, OpaqueFolderHidesLowerLayersOnly) {
  EXPECT_EQ(Squash({{"d a", "f a/x", "d a/s", "f a/s/t"}, {"f a/new", "d a/s", "f a/s/u", "f a/.wh..wh..opq"}}).Lines(),
            (Lines{"a/", "a/new@1.0", "a/s/", "a/s/u@1.2"}));
}

TEST(Squash, WhiteoutMarkersNeverShow) {
  EXPECT_EQ(Squash({{"f .wh.nothing", "f .wh..wh.plnk", "f .wh..wh..opq", "f x"}}).Lines(), (Lines{"x@0.3"}));
}

TEST(Squash, AFileReplacesAFolderAndBack) {
  EXPECT_EQ(Squash({{"d a", "f a/x"}, {"f a"}}).Lines(), (Lines{"a@1.0"}));
  EXPECT_EQ(Squash({{"f a"}, {"d a", "f a/y"}}).Lines(), (Lines{"a/", "a/y@1.1"}));
  EXPECT_EQ(Squash({{"d a", "f a/x"}, {"l a -> b"}}).Lines(), (Lines{"a@1.0"}));
}

TEST(Squash, ParentFoldersThatAreLinksAreFollowedInsideTheRoot) {
  EXPECT_EQ(Squash({{"d usr", "d usr/lib", "l lib -> usr/lib"}, {"f lib/x"}}).Lines(),
            (Lines{"lib@0.2", "usr/", "usr/lib/", "usr/lib/x@1.0"}));
  EXPECT_EQ(Squash({{"d usr", "l lib -> /../../usr"}, {"f lib/x"}, {"f lib/.wh.x"}}).Lines(),
            (Lines{"lib@0.1", "usr/"}));
}

TEST(Squash, MissingParentsAreMade) { EXPECT_EQ(Squash({{"f a/b/c"}}).Lines(), (Lines{"a/", "a/b/", "a/b/c@0.0"})); }

TEST(Squash, HardLinksShareContentAcrossLayers) {
  EXPECT_EQ(Squash({{"f x"}, {"h y -> x"}, {"f .wh.x"}}).Lines(), (Lines{"y@0.0"}));
  const Squashed dangling = Squash({{"h y -> nowhere", "d d", "h z -> d"}});
  EXPECT_EQ(dangling.Lines(), (Lines{"d/"}));
  EXPECT_EQ(dangling.problems.size(), 2U);
}

TEST(Squash, LoopsOfLinksAreReported) {
  const Squashed squashed = Squash({{"l a -> b", "l b -> a", "f a/x"}});
  EXPECT_EQ(squashed.problems.size(), 1U);
  EXPECT_FALSE(squashed.tree.Find("a/x", true));
  EXPECT_FALSE(squashed.tree.Find("a", true));
  EXPECT_TRUE(squashed.tree.Find("a", false));
}

TEST(Squash, ALongChainOfLinksEnds) {
  std::vector<std::string> lines;
  for (int i = 0; i < 100'000; ++i) lines.push_back("l l" + std::to_string(i) + " -> l" + std::to_string(i + 1));
  const Squashed squashed = Squash({lines});
  EXPECT_FALSE(squashed.tree.Find("l0", true));
  EXPECT_EQ(squashed.tree.Count(), 100'000U);
}

// Links to links to links: each resolution would take millions of steps.
TEST(Squash, LinksHaveABudgetOfSteps) {
  std::string target;
  for (int i = 0; i < 2000; ++i) target += "d/../";
  std::vector<std::string> lines{"d d", "d end"};
  for (int i = 0; i < 250; ++i)
    lines.push_back("l l" + std::to_string(i) + " -> " + target + (i == 0 ? "end" : "l" + std::to_string(i - 1)));
  // Files of one folder after one another look for it once: these take turns.
  for (int i = 0; i < 1000; ++i) lines.push_back("f l24" + std::to_string(8 + i % 2) + "/f" + std::to_string(i));
  const Squashed squashed = Squash({lines});
  EXPECT_TRUE(squashed.tree.LinksExhausted());
  EXPECT_GT(squashed.problems.size(), 500U);
  EXPECT_TRUE(squashed.tree.Find("end/f0", false).has_value());
}

TEST(Squash, LinksDoNotMakeTreesOfAnyDepthOrLength) {
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += "d/";
  const Squashed squashed =
      Squash({{"l a -> " + deep + "b", "l d/d/x -> " + deep, "f a/f", "l " + deep + "b/c -> " + deep, "f a/c/g",
               "l " + deep + "d/e -> " + deep + deep, "f " + deep + "d/e/g",
               "l long -> " + std::string(4000, 'n') + "/" + std::string(4000, 'm'), "f long/x"}});
  EXPECT_EQ(squashed.problems.size(), 2U);
  for (const std::string& line : squashed.Lines()) EXPECT_LT(line.size(), 4400U);
}

TEST(Squash, ProblemsBeyondTheLimitAreCounted) {
  Limits limits;
  limits.problems_max = 3;
  std::vector<std::string> lines;
  for (int i = 0; i < 10; ++i) lines.push_back("h l" + std::to_string(i) + " -> nowhere");
  const Inventory layer = MakeLayer(lines);
  SquashedTree tree(limits);
  EXPECT_EQ(tree.Apply(layer).size(), 3U);
  EXPECT_EQ(tree.ProblemsDropped(), 7U);
}

// Quadratic if each marker walked the folder again.
TEST(Squash, ManyMarkersForAFullFolderAreCheap) {
  std::vector<std::string> lines;
  for (int i = 0; i < 50'000; ++i) lines.push_back("f d/x/f" + std::to_string(i));
  for (int i = 0; i < 50'000; ++i) lines.insert(lines.end(), {"f d/x/.wh..wh..opq", "f .wh.d"});
  EXPECT_EQ(Squash({{"d d", "f d/old", "f d/x/old"}, lines}).tree.Count(), 50'002U);
}

TEST(Squash, FindsAndResolves) {
  const Squashed squashed = Squash({{"d usr", "d usr/lib", "l lib -> usr/lib", "f usr/lib/x", "l y -> lib/x"}});
  EXPECT_EQ(squashed.tree.Find("lib/x", true)->path, "usr/lib/x");
  EXPECT_EQ(squashed.tree.Find("y", true)->path, "usr/lib/x");
  EXPECT_EQ(squashed.tree.Locate("lib/x"), squashed.tree.Locate("usr/lib/x"));
  EXPECT_EQ(squashed.tree.Find("y", false)->type, FileType::kSymlink);
  EXPECT_FALSE(squashed.tree.Find("usr/lib/x/z", true));
  EXPECT_EQ(squashed.tree.Find("", true)->type, FileType::kDirectory);
}

// The slow, obvious way: a map of paths; whiteouts first, since they concern lower layers only.
std::map<std::string, std::string> Naive(const std::vector<std::vector<std::string>>& layers) {
  std::map<std::string, std::string> tree;
  const auto erase_below = [&](const std::string& path) {
    std::erase_if(tree, [&](const auto& item) { return item.first.starts_with(path + "/"); });
  };
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    for (const std::string& line : layers[layer]) {
      const std::string path = line.substr(2);
      const std::size_t mark = path.rfind(".wh.");
      if (mark == std::string::npos) continue;
      const std::string folder = path.substr(0, path.find(".wh."));
      if (path.ends_with(".wh..wh..opq")) {
        std::erase_if(tree, [&](const auto& item) { return item.first.starts_with(folder) && item.first != folder; });
      } else {
        tree.erase(folder + path.substr(mark + 4));
        erase_below(folder + path.substr(mark + 4));
      }
    }
    for (std::size_t i = 0; i < layers[layer].size(); ++i) {
      const std::string path = layers[layer][i].substr(2);
      if (path.find(".wh.") != std::string::npos) continue;
      for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
        tree[path.substr(0, slash)] = "/";
      if (layers[layer][i][0] == 'd') {
        tree[path] = "/";
      } else {
        erase_below(path);
        tree[path] = "@" + std::to_string(layer) + "." + std::to_string(i);
      }
    }
  }
  return tree;
}

TEST(Squash, AgreesWithANaiveMapOnRandomLayers) {
  std::mt19937 random(7);
  const char* names[] = {"a", "b", "c"};
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::vector<std::string>> layers(std::size_t{1} + random() % 4);
    for (auto& layer : layers) {
      std::set<std::string> used;
      for (auto count = random() % 8; count > 0; --count) {
        std::string path;
        for (auto depth = random() % 3; depth > 0; --depth) path += std::string(names[random() % 3]) + "/";
        const auto kind = random() % 8;
        std::string line = kind == 0   ? "f " + path + ".wh..wh..opq"
                           : kind == 1 ? "f " + path + ".wh." + names[random() % 3]
                           : kind < 4  ? "d " + path + names[random() % 3]
                                       : "f " + path + names[random() % 3];
        // One layer never holds a file where it also holds a folder: what then comes out depends on the order.
        const std::string bare = line.substr(2);
        const bool clash = std::any_of(used.begin(), used.end(), [&](const std::string& other) {
          return bare == other.substr(2) || (line[0] == 'f' && other.substr(2).starts_with(bare + "/")) ||
                 (other[0] == 'f' && bare.starts_with(other.substr(2) + "/"));
        });
        if (!clash && used.insert(line).second) layer.push_back(line);
      }
    }
    std::vector<std::string> expected;
    for (const auto& [path, what] : Naive(layers)) expected.push_back(path + what);
    std::vector<std::string> actual = Squash(layers).Lines();
    std::sort(expected.begin(), expected.end());
    std::sort(actual.begin(), actual.end());
    ASSERT_EQ(actual, expected) << "round " << round << ": " << ::testing::PrintToString(layers);
  }
}

TEST(Inventory, SurvivesTheWire) {
  const Inventory before =
      MakeLayer({"d usr", "d usr/lib", "f usr/lib/x", "l usr/lib/y -> ../x", "h z -> usr/lib/x", "f usr/q"});
  WireWriter writer;
  before.Write(writer);
  const std::string bytes = writer.Take();
  WireReader reader(bytes);
  const Inventory after = test::Value(Inventory::Read(reader, Limits{}));
  ASSERT_TRUE(reader.Finish("inventory"));
  ASSERT_EQ(after.Size(), before.Size());
  for (std::uint32_t i = 0; i < before.Size(); ++i) {
    EXPECT_EQ(after.At(i).path, before.At(i).path);
    EXPECT_EQ(after.At(i).link_target, before.At(i).link_target);
    EXPECT_EQ(after.At(i).size_bytes, before.At(i).size_bytes);
    EXPECT_EQ(after.At(i).type, before.At(i).type);
  }
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    WireReader truncated(std::string_view(bytes).substr(0, cut));
    EXPECT_FALSE(Inventory::Read(truncated, Limits{}) && truncated.Finish("inventory"));
  }
}

TEST(Inventory, EmptyFilesHaveTheDigestOfNothing) {
  Inventory inventory;
  test::Value(inventory.Add({.path = "x"}, kMiB));
  EXPECT_EQ(inventory.At(0).digest.Hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Inventory, StopsAtItsBudget) {
  Inventory inventory;
  Result<std::uint32_t> last = 0U;
  for (int i = 0; i < 1000 && last; ++i) last = inventory.Add({.path = "some/path/of/a/file"}, 10 * kKiB);
  test::ExpectError(last, ErrorKind::kLimit);
}

TEST(Path, CleanMeansClean) {
  for (const char* good : {"", "a", "a/b", "a/...", "a/.b", "a/b."}) EXPECT_TRUE(IsCleanPath(good)) << good;
  for (const char* bad : {"/a", "a/", "a//b", "./a", "a/./b", "..", "a/../b"}) EXPECT_FALSE(IsCleanPath(bad)) << bad;
  EXPECT_FALSE(IsCleanPath(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace holdfast::vfs
