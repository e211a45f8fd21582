// Helpers for tests: unwrapping results, reading fixtures, the shared sample data.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace holdfast::test {

// The value of a result, or a failed test with the error's message. For use where a value is needed.
template <typename T>
T Value(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << "error: " << ErrorKindName(result.error().Kind()) << ": " << result.error().Message();
    throw std::runtime_error(result.error().Message());
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Expects an error of `kind` whose message contains `part`.
template <typename T>
void ExpectError(const Result<T>& result, ErrorKind kind, std::string_view part = {}) {
  ASSERT_FALSE(result.has_value()) << "expected an error";
  EXPECT_EQ(ErrorKindName(result.error().Kind()), ErrorKindName(kind)) << result.error().Message();
  EXPECT_NE(result.error().Message().find(part), std::string::npos) << result.error().Message();
}

[[nodiscard]] std::string ReadFile(const std::filesystem::path& path);
void WriteFile(const std::filesystem::path& path, std::string_view content);

// The folder of large sample data (HOLDFAST_SHARED_DATA, or ../shared/data beside the repository);
// nothing when it is absent. Such tests say GTEST_SKIP(), which the test command counts and prints.
[[nodiscard]] std::optional<std::filesystem::path> SharedData();

// A folder that is deleted with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& Path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Standard output of a shell command that must succeed.
std::string RunCommand(const std::string& command);

}  // namespace holdfast::test
