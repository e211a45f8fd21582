#include "io/line_logger.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/request_scope.h"
#include "io/json.h"
#include "support/test_support.h"

namespace holdfast::io {
namespace {

using test::Value;

class FixedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t NowMs() const override { return 1'795'572'914'007; }
};

class LineLoggerTest : public testing::Test {
 protected:
  LineLoggerTest() { file_ = std::tmpfile(); }
  ~LineLoggerTest() override { std::fclose(file_); }
  std::unique_ptr<Logger> Make(LogForm form, LogLevel least = LogLevel::kInfo) {
    return MakeLineLogger(
        {.descriptor = fileno(file_), .least = least, .form = form, .constants = {{"service", "api"}}}, clock_,
        redaction_);
  }
  [[nodiscard]] std::vector<std::string> Lines() const {
    std::rewind(file_);
    std::string all;
    std::array<char, 65536> piece;
    for (std::size_t size; (size = std::fread(piece.data(), 1, piece.size(), file_)) > 0;)
      all.append(piece.data(), size);
    std::vector<std::string> lines;
    std::istringstream stream(all);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  std::FILE* file_;
  FixedClock clock_;
  Redaction redaction_;
};

TEST_F(LineLoggerTest, WritesOneJsonObjectALine) {
  const auto logger = Make(LogForm::kJson);
  logger->LogWith(LogLevel::kWarning, "a \"b\"",
                  {{"request_id", "r1"}, {"count", 7}, {"ok", true}, {"path", std::string("/x")}});
  EXPECT_EQ(Lines(), (std::vector<std::string>{
                         R"({"time":"2026-11-25T02:15:14.007Z","level":"WARN","service":"api","message":"a \"b\"",)"
                         R"("request_id":"r1","count":7,"ok":true,"path":"/x"})"}));
}

TEST_F(LineLoggerTest, NamesTheRequestThatTheThreadActsFor) {
  const auto logger = Make(LogForm::kJson);
  {
    const RequestScope scope("r1");
    logger->Info("a");
    logger->LogWith(LogLevel::kInfo, "b", {{"request_id", "r2"}});
  }
  logger->Info("c");
  const std::string front = R"({"time":"2026-11-25T02:15:14.007Z","level":"INFO","service":"api","message":)";
  EXPECT_EQ(Lines(), (std::vector<std::string>{front + R"("a","request_id":"r1"})", front + R"("b","request_id":"r2"})",
                                               front + R"("c"})"}));
}

TEST_F(LineLoggerTest, WritesForPeopleToo) {
  const auto logger = Make(LogForm::kText);
  logger->LogWith(LogLevel::kInfo, "done", {{"count", 7}, {"name", "x"}});
  EXPECT_EQ(Lines(), (std::vector<std::string>{"02:15:14.007 INFO  api: done count=7 name=x"}));
}

TEST_F(LineLoggerTest, ChoosesJsonWhereNoTerminalIs) {
  Make(LogForm::kAuto)->Info("x");
  EXPECT_TRUE(Lines().at(0).starts_with("{"));
}

TEST_F(LineLoggerTest, NoEntryCanForgeAnother) {
  const std::string evil = "a\n{\"level\":\"FATAL\"}\r\n\x1b[2J\xe2\x80\xa8\xff\"}";
  Make(LogForm::kJson)->LogWith(LogLevel::kInfo, evil, {{"f", evil}});
  Make(LogForm::kText)->LogWith(LogLevel::kInfo, evil, {{"f", evil}});
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 2U);
  const auto json = Value(JsonDocument::Parse(lines[0]));
  EXPECT_EQ(json.Root()["level"].StringOr(""), "INFO");
  EXPECT_EQ(json.Root()["f"].StringOr(""), RepairUtf8(evil));
  EXPECT_EQ(lines[1].find_first_of("\r\x1b"), std::string::npos);
  EXPECT_TRUE(IsUtf8(lines[1]));
}

TEST_F(LineLoggerTest, SecretsAreNotWritten) {
  redaction_.Add("p\"ss\nword");
  redaction_.Add("abcd");
  for (const LogForm form : {LogForm::kJson, LogForm::kText})
    Make(form)->LogWith(LogLevel::kInfo, "postgres://u:p\"ss\nword@db", {{"token", "abcd"}});
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find(R"("message":"postgres://u:***@db","token":"***")"), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find("postgres://u:***@db token=***"), std::string::npos) << lines[1];
}

TEST_F(LineLoggerTest, LevelsBelowTheLeastAreDropped) {
  const auto logger = Make(LogForm::kText, LogLevel::kWarning);
  logger->Info("no");
  logger->Warning("yes");
  logger->Log(LogLevel::kFatal, "yes");
  EXPECT_EQ(Lines().size(), 2U);
}

TEST_F(LineLoggerTest, LongTextsAreCut) {
  redaction_.Add("secret-at-the-cut");
  const std::string text = std::string(kLogTextBytesMax - 8, 'x') + "secret-at-the-cut" + std::string(100'000, 'y');
  Make(LogForm::kJson)->LogWith(LogLevel::kInfo, text, {{"f", text}});
  const auto lines = Lines();
  EXPECT_LT(lines.at(0).size(), 2 * kLogTextBytesMax + 500);
  EXPECT_EQ(lines[0].find("secret"), std::string::npos);
  const auto json = Value(JsonDocument::Parse(lines[0]));
  EXPECT_TRUE(json.Root()["f"].StringOr("").ends_with("..."));
  EXPECT_GT(json.Root()["f"].StringOr("").size(), kLogTextBytesMax / 2);
}

TEST_F(LineLoggerTest, EntriesOfManyThreadsStayWhole) {
  const auto logger = Make(LogForm::kJson);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      FieldLogger request(*logger, {{"request_id", std::to_string(t)}});
      for (int i = 0; i < 200; ++i) request.LogWith(LogLevel::kInfo, std::string(300, 'x'), {{"i", i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto lines = Lines();
  EXPECT_EQ(lines.size(), 800U);
  for (const std::string& line : lines) {
    const auto json = JsonDocument::Parse(line);
    ASSERT_TRUE(json) << line;
    EXPECT_NE(json->Root()["request_id"].StringOr(""), "");
  }
}

}  // namespace
}  // namespace holdfast::io
