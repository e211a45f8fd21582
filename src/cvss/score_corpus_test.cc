// Every vector of a corpus of 7,667 with scores, which other libraries are tested with. Lines are
// "VECTOR - (base, temporal, environmental)" of versions 2 and 3, where None stands for groups that the vector does not
// define, and "VECTOR - (score,)" or "VECTOR - score" of version 4.

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/format.h"
#include "cvss/score.h"
#include "support/test_support.h"

namespace holdfast::cvss {
namespace {

struct File {
  std::string_view name;
  std::size_t lines;
};
constexpr std::array kFiles = {
    File{"simple2", 729},   File{"calculator2", 5},     File{"cvsslib2", 24},   File{"simple3", 2592},
    File{"calculator3", 2}, File{"cvsslib3", 29},       File{"simple31", 2592}, File{"simple4", 1058},
    File{"security4", 54},  File{"supplemental4", 576}, File{"threat4", 6},
};
constexpr std::size_t kLines = 7667;

std::vector<std::optional<double>> Numbers(std::string text) {
  std::erase_if(text, [](char c) { return c == '(' || c == ')'; });
  std::vector<std::optional<double>> numbers;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');)
    if (const std::size_t begin = word.find_first_not_of(' '); begin != std::string::npos)
      numbers.push_back(word.substr(begin) == "None" ? std::nullopt
                                                     : std::optional(std::strtod(word.c_str() + begin, nullptr)));
  return numbers;
}

void CheckLine(const std::string& line) {
  const std::size_t end = line.find(" - ");
  ASSERT_NE(end, std::string::npos) << line;
  const auto parsed = Vector::Parse(std::string_view(line).substr(0, end));
  ASSERT_TRUE(parsed) << line << ": " << parsed.error().Message();
  EXPECT_EQ(test::Value(Vector::Parse(parsed->Text())), *parsed) << line;
  const auto numbers = Numbers(line.substr(end + 3));
  if (parsed->Version() == Version::k40) {
    ASSERT_EQ(numbers.size(), 1U) << line;
    EXPECT_EQ(Score(*parsed, Metrics::kBTE), numbers[0]) << line;
    return;
  }
  ASSERT_EQ(numbers.size(), 3U) << line;
  EXPECT_EQ(Score(*parsed, Metrics::kB), numbers[0].value()) << line;
  // Version 3 has all three always.
  const bool before3 = parsed->Version() == Version::k20;
  EXPECT_EQ(numbers[1].has_value(), !before3 || parsed->Defines(Group::kThreat) || numbers[2]) << line;
  EXPECT_EQ(numbers[2].has_value(), !before3 || parsed->Defines(Group::kEnvironmental)) << line;
  EXPECT_EQ(Score(*parsed, Metrics::kBT), numbers[1].value_or(*numbers[0])) << line;
  EXPECT_EQ(Score(*parsed, numbers[2] ? Metrics::kBTE : Metrics::kBT),
            numbers[2].value_or(numbers[1].value_or(*numbers[0])))
      << line;
}

TEST(CvssScoreCorpus, AgreesWithEveryLine) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared sample data: " << kLines << " vectors are not compared";
  const test::TemporaryFolder folder;
  test::RunCommand(
      Format("tar --zstd -xf {}/versions/cvss-vectors.tar.zst -C {}", shared->string(), folder.Path().string()));
  std::size_t compared = 0;
  for (const File& file : kFiles) {
    std::size_t lines = 0;
    std::istringstream stream(test::ReadFile(folder.Path() / Format("vectors_{}", file.name)));
    for (std::string line; std::getline(stream, line);) {
      if (line.empty()) continue;
      CheckLine(line);
      ++lines;
    }
    EXPECT_EQ(lines, file.lines) << file.name;
    compared += lines;
  }
  EXPECT_EQ(compared, kLines);
}

}  // namespace
}  // namespace holdfast::cvss
