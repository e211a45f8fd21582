#include "io/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <thread>

#include "support/test_support.h"

namespace holdfast::io {
namespace {

using test::ExpectError;
using test::Value;

TEST(FileWriter, AFileAppearsWholeOrNotAtAll) {
  const test::TemporaryFolder folder;
  const auto path = folder.Path() / "out";
  {
    const auto writer = Value(FileWriter::Create(path));
    ASSERT_TRUE(writer->WriteText("half"));
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.Path()));
  const auto writer = Value(FileWriter::Create(path));
  ASSERT_TRUE(writer->WriteText("whole"));
  ASSERT_TRUE(writer->Commit());
  EXPECT_EQ(test::ReadFile(path), "whole");
}

TEST(FileWriter, DevicesAndPipesAreWrittenNotReplaced) {
  const test::TemporaryFolder folder;
  const auto path = folder.Path() / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  {
    const auto writer = Value(FileWriter::Create(path));
    ASSERT_TRUE(writer->WriteText("x"));
    ASSERT_TRUE(writer->Commit());
  }
  EXPECT_TRUE(std::filesystem::is_fifo(path));
  char byte = 0;
  EXPECT_EQ(read(reader, &byte, 1), 1);
  close(reader);
  EXPECT_TRUE(Value(FileWriter::Create("/dev/null"))->Commit());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(FileWriter, ASymlinkStaysOne) {
  const test::TemporaryFolder folder;
  test::WriteFile(folder.Path() / "real", "old");
  std::filesystem::create_symlink("real", folder.Path() / "link");
  const auto writer = Value(FileWriter::Create(folder.Path() / "link"));
  ASSERT_TRUE(writer->WriteText("new"));
  ASSERT_TRUE(writer->Commit());
  EXPECT_TRUE(std::filesystem::is_symlink(folder.Path() / "link"));
  EXPECT_EQ(test::ReadFile(folder.Path() / "real"), "new");
}

TEST(OpenFile, SaysWhatIsWrong) {
  ExpectError(OpenFile("/nonexistent/file"), ErrorKind::kNotFound, "/nonexistent/file");
  ExpectError(OpenRandomFile("/dev"), ErrorKind::kInvalidInput, "not a regular file");
  ExpectError(FileWriter::Create("/nonexistent/file"), ErrorKind::kNotFound);
}

TEST(DescriptorSource, APipeThatNeverEndsEndsWithTheDeadline) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  ASSERT_EQ(write(ends[1], "abc", 3), 3);
  DescriptorSource source(ends[0], Deadline::After(50));
  EXPECT_EQ(AsText(Value(source.Next())), "abc");
  ExpectError(source.Next(), ErrorKind::kLimit, "50 ms");
  close(ends[1]);
  DescriptorSource patient(ends[0]);
  EXPECT_TRUE(Value(patient.Next()).empty());
  close(ends[0]);
}

TEST(OpenFile, ANamedPipeIsReadWhenItsWriterComes) {
  const test::TemporaryFolder folder;
  const auto path = folder.Path() / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  ExpectError(Value(OpenFile(path, Deadline::After(20)))->Next(), ErrorKind::kLimit);
  const auto source = Value(OpenFile(path));
  std::thread writer([&] { test::WriteFile(path, "late"); });
  EXPECT_EQ(Value(source->ReadText(100)), "late");
  writer.join();
}

TEST(DeadlineSource, PassesOnUntilThen) {
  MemorySource inner("abc", 1);
  DeadlineSource never(inner, {});
  EXPECT_EQ(AsText(Value(never.Next())), "a");
  DeadlineSource passed(inner, Deadline::After(0));
  ExpectError(passed.Next(), ErrorKind::kLimit);
}

TEST(TemporaryFile, IsGoneWithItsObject) {
  std::filesystem::path path;
  {
    const auto file = Value(TemporaryFile::Create());
    path = file->Path();
    ASSERT_TRUE(file->WriteText("some"));
    ASSERT_TRUE(file->WriteText(" words"));
    EXPECT_EQ(Value(Value(OpenFile(path))->ReadText(100)), "some words");
    EXPECT_EQ(std::filesystem::status(path).permissions() & std::filesystem::perms(0077), std::filesystem::perms::none);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace holdfast::io
