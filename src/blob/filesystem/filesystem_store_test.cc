#include "blob/filesystem/filesystem_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test_support.h"

namespace holdfast::blob {
namespace {

using test::ExpectError;
using test::Value;

class FilesystemStoreTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<ObjectStore> Open() { return Value(OpenFilesystemStore(folder_.Path() / "s")); }
  [[nodiscard]] std::filesystem::path At(std::string_view path) const { return folder_.Path() / "s" / path; }

  test::TemporaryFolder folder_;
};

TEST_F(FilesystemStoreTest, LaysFilesOutAsItsHeaderSays) {
  const auto store = Open();
  Value(store->PutBytes("layer_records/1/3f/3f9a", "x"));
  Value(store->PutBytes("a", "1"));
  Value(store->PutBytes("a/b", "2"));
  Value(store->PutBytes(std::string(450, 'k'), "3"));
  EXPECT_EQ(test::ReadFile(At("objects/layer_records/1/3f/3f9a,")), "x");
  EXPECT_EQ(test::ReadFile(At("objects/a,")), "1");
  EXPECT_EQ(test::ReadFile(At("objects/a/b,")), "2");
  const std::string part(200, 'k');
  EXPECT_EQ(test::ReadFile(At("objects/" + part + "+/" + part + "+/" + std::string(50, 'k') + ",")), "3");
  struct stat status{};
  ASSERT_EQ(stat(At("objects/a,").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  ASSERT_EQ(stat(At("objects").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
}

TEST_F(FilesystemStoreTest, CleansUpAfterWritersThatAreGoneOnly) {
  (void)Open();
  test::WriteFile(At("temporary/gone"), "half a value");
  test::WriteFile(At("temporary/alive"), "half a value");
  std::filesystem::create_directory(At("temporary/folder"));
  const int alive = open(At("temporary/alive").c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(flock(alive, LOCK_EX), 0);
  (void)Open();
  EXPECT_FALSE(std::filesystem::exists(At("temporary/gone")));
  EXPECT_TRUE(std::filesystem::exists(At("temporary/alive")));
  EXPECT_TRUE(std::filesystem::exists(At("temporary/folder")));
  close(alive);
  (void)Open();
  EXPECT_FALSE(std::filesystem::exists(At("temporary/alive")));
}

TEST_F(FilesystemStoreTest, GoesOnWhenAnEmptyFolderWasTidiedUp) {
  const auto store = Open();
  Value(store->PutBytes("a/b/c", "x"));
  Value(store->Delete("a/b/c"));
  std::filesystem::remove_all(At("objects/a"));
  Value(store->PutBytes("a/b/c", "y"));
  EXPECT_EQ(Value(store->GetBytes("a/b/c", 1)), "y");
}

TEST_F(FilesystemStoreTest, StrangersInTheFolderAreNoObjects) {
  const auto store = Open();
  Value(store->PutBytes("a/b", "x"));
  test::WriteFile(At("objects/stranger"), "x");
  std::filesystem::create_directories(At("objects/empty/folder"));
  std::filesystem::create_directory(At("objects/folder,"));
  std::filesystem::create_symlink("/etc/passwd", At("objects/link,"));
  const auto infos = store->List("", "", 100);
  ASSERT_TRUE(infos.has_value()) << infos.error().Message();
  ASSERT_EQ(infos->size(), 1U);
  EXPECT_EQ(infos->front().key, "a/b");
}

TEST_F(FilesystemStoreTest, CannotBeWhereItMayNotWrite) {
  test::WriteFile(folder_.Path() / "file", "x");
  EXPECT_FALSE(OpenFilesystemStore(folder_.Path() / "file").has_value());
  EXPECT_FALSE(OpenFilesystemStore(folder_.Path() / "absent" / "s").has_value());
}

}  // namespace
}  // namespace holdfast::blob
