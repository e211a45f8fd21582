#include "crypto/seal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <thread>

#include "crypto/random.h"
#include "support/test_support.h"

namespace holdfast::crypto {
namespace {

using test::ExpectError;
using test::TemporaryFolder;
using test::Value;

Secret KeyOf(char c) { return Secret(std::string(32, c)); }
Sealer SealerOf(const std::vector<Secret>& keys) { return Value(Sealer::FromKeys(keys)); }

TEST(Sealer, OpensWhatItSealed) {
  const Sealer sealer = SealerOf({KeyOf('a')});
  for (const std::string& value : {std::string(), std::string("hunter2"), std::string(100'000, 'x')}) {
    const std::string sealed = sealer.Seal(Secret(value), "registry:1");
    EXPECT_EQ(sealed.size(), value.size() + 1 + 8 + 24 + 16);
    EXPECT_TRUE(value.empty() || sealed.find(value) == std::string::npos);
    EXPECT_EQ(Value(sealer.Open(sealed, "registry:1")).Reveal(), value);
    EXPECT_FALSE(sealer.NeedsReseal(sealed));
  }
}

TEST(Sealer, NeverSealsTwiceTheSame) {
  const Sealer sealer = SealerOf({KeyOf('a')});
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(sealer.Seal(Secret("v"), "c").substr(9, 24));
  EXPECT_EQ(seen.size(), 100U);
}

TEST(Sealer, RefusesAnotherContext) {
  const Sealer sealer = SealerOf({KeyOf('a')});
  const std::string sealed = sealer.Seal(Secret("v"), "registry:1");
  ExpectError(sealer.Open(sealed, "registry:2"), ErrorKind::kCorrupt);
  ExpectError(sealer.Open(sealed, ""), ErrorKind::kCorrupt);
}

TEST(Sealer, NoticesEachChangedBit) {
  const Sealer sealer = SealerOf({KeyOf('a')});
  const std::string sealed = sealer.Seal(Secret("value"), "c");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string damaged = sealed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(sealer.Open(damaged, "c").has_value()) << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    ExpectError(sealer.Open(sealed.substr(0, size), "c"), ErrorKind::kCorrupt);
  ExpectError(sealer.Open(sealed + "x", "c"), ErrorKind::kCorrupt);
}

TEST(Sealer, OpensWithOlderKeysAndSealsWithTheNewest) {
  const Sealer before = SealerOf({KeyOf('a')});
  const Sealer after = SealerOf({KeyOf('a'), KeyOf('b')});
  const std::string old = before.Seal(Secret("v"), "c");
  EXPECT_EQ(Value(after.Open(old, "c")).Reveal(), "v");
  EXPECT_TRUE(after.NeedsReseal(old));
  const std::string fresh = after.Seal(Secret("v"), "c");
  EXPECT_FALSE(after.NeedsReseal(fresh));
  ExpectError(before.Open(fresh, "c"), ErrorKind::kDenied, "not in the key file");
  EXPECT_EQ(Value(SealerOf({KeyOf('b')}).Open(fresh, "c")).Reveal(), "v");
}

TEST(Sealer, ToldApartFromOtherBytes) {
  const Sealer sealer = SealerOf({KeyOf('a')});
  for (const std::string_view bytes :
       {"", "plain", "\x01", "a long text that was never sealed by anybody, in no way"}) {
    ExpectError(sealer.Open(bytes, "c"), ErrorKind::kCorrupt, "not a sealed value");
    EXPECT_TRUE(sealer.NeedsReseal(bytes));
  }
}

TEST(Sealer, RefusesBadKeys) {
  ExpectError(Sealer::FromKeys({}), ErrorKind::kInvalidInput);
  ExpectError(Sealer::FromKeys({Secret("short")}), ErrorKind::kInvalidInput, "32 bytes");
  ExpectError(Sealer::FromKeys(std::vector<Secret>(65, KeyOf('a'))), ErrorKind::kInvalidInput, "64");
}

TEST(KeyFile, IsMadeOnceAndForItsOwnerOnly) {
  const TemporaryFolder folder;
  const auto path = folder.Path() / "key";
  const std::string sealed = Value(LoadOrCreateKeyFile(path)).Seal(Secret("v"), "c");
  struct stat status{};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  const std::string content = test::ReadFile(path);
  EXPECT_EQ(Value(Value(LoadOrCreateKeyFile(path)).Open(sealed, "c")).Reveal(), "v");
  EXPECT_EQ(test::ReadFile(path), content);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.Path()), {}), 1) << "a temporary file is left";
}

TEST(KeyFile, IsTheSameForAllWhoStartAtOnce) {
  const TemporaryFolder folder;
  const auto path = folder.Path() / "key";
  std::vector<std::string> sealed(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& mine : sealed)
      threads.emplace_back([&path, &mine] { mine = Value(LoadOrCreateKeyFile(path)).Seal(Secret("v"), "c"); });
  }
  const Sealer sealer = Value(LoadOrCreateKeyFile(path));
  for (const std::string& one : sealed) EXPECT_TRUE(sealer.Open(one, "c").has_value());
}

TEST(KeyFile, RefusesOneThatOthersCanRead) {
  const TemporaryFolder folder;
  const auto path = folder.Path() / "key";
  Value(LoadOrCreateKeyFile(path));
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0644U, 0666U, 0610U}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    ExpectError(LoadOrCreateKeyFile(path), ErrorKind::kDenied, "chmod 600");
    ExpectError(AddKeyToFile(path), ErrorKind::kDenied, "chmod 600");
  }
  ASSERT_EQ(chmod(path.c_str(), 0400), 0);
  EXPECT_TRUE(LoadOrCreateKeyFile(path).has_value());
  ExpectError(LoadOrCreateKeyFile(folder.Path()), ErrorKind::kDenied, "not a regular file");
  ExpectError(LoadOrCreateKeyFile(folder.Path() / "absent" / "key"), ErrorKind::kNotFound);
}

TEST(KeyFile, RotatesAndStillOpensWhatIsOld) {
  const TemporaryFolder folder;
  const auto path = folder.Path() / "key";
  const std::string old = Value(LoadOrCreateKeyFile(path)).Seal(Secret("v"), "c");
  Value(AddKeyToFile(path));
  const Sealer sealer = Value(LoadOrCreateKeyFile(path));
  EXPECT_EQ(Value(sealer.Open(old, "c")).Reveal(), "v");
  EXPECT_TRUE(sealer.NeedsReseal(old));
  struct stat status{};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  ExpectError(AddKeyToFile(folder.Path() / "absent"), ErrorKind::kNotFound);
}

TEST(KeyFile, DamagedIsAnErrorAndLeftAlone) {
  const TemporaryFolder folder;
  const auto path = folder.Path() / "key";
  const std::string good(RandomToken().Reveal());
  for (const std::string& content :
       {std::string(), std::string("# nothing\n"), std::string("short\n"), good + "\n" + good.substr(1) + "\n",
        good.substr(0, 42) + "*\n", std::string(20'000, '#')}) {
    test::WriteFile(path, content);
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
    ExpectError(LoadOrCreateKeyFile(path), ErrorKind::kCorrupt, "key file");
    ExpectError(AddKeyToFile(path), ErrorKind::kCorrupt, "key file");
    EXPECT_EQ(test::ReadFile(path), content);
  }
  test::WriteFile(path, "# ours\r\n\n" + good + "\r\n");
  EXPECT_TRUE(LoadOrCreateKeyFile(path).has_value());
  test::WriteFile(path, good);
  Value(AddKeyToFile(path));
  EXPECT_TRUE(LoadOrCreateKeyFile(path).has_value());
}

}  // namespace
}  // namespace holdfast::crypto
