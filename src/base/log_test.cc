#include "base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/redaction.h"

namespace holdfast {
namespace {

class ListLogger final : public Logger {
 public:
  void Log(LogLevel level, std::string_view message) override {
    lines.push_back(std::string(LogLevelName(level)) + " " + std::string(message));
  }
  std::vector<std::string> lines;
};

TEST(Logger, PlainLoggersGetFieldsAsText) {
  ListLogger logger;
  logger.LogWith(LogLevel::kInfo, "m", {{"a", "b"}, {"n", -5}, {"t", false}});
  FieldLogger request(logger, {{"request_id", "r"}});
  request.Warning("w");
  FieldLogger nested(request, {{"account", "x"}});
  nested.LogWith(LogLevel::kError, "e", {{"k", 1U}});
  EXPECT_EQ(logger.lines, (std::vector<std::string>{"INFO m a=b n=-5 t=false", "WARN w request_id=r",
                                                    "ERROR e k=1 account=x request_id=r"}));
}

TEST(LogLevel, NamesReadBack) {
  for (const LogLevel level :
       {LogLevel::kSpew, LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError, LogLevel::kFatal})
    EXPECT_EQ(ParseLogLevel(LogLevelName(level)), level);
  EXPECT_EQ(ParseLogLevel("warning"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("Info"), LogLevel::kInfo);
  for (const char* name : {"", "INF", "INFOS", "verbose"}) EXPECT_EQ(ParseLogLevel(name), std::nullopt) << name;
}

TEST(Redaction, ReplacesEachSecretWhereverItStands) {
  Redaction redaction;
  EXPECT_EQ(redaction.Apply("nothing to hide"), "nothing to hide");
  for (const char* secret : {"hunter2", "hunter2-longer", "2-longer-still", "abc", ""}) redaction.Add(secret);
  EXPECT_EQ(redaction.Apply("hunter2"), "***");
  EXPECT_EQ(redaction.Apply("a hunter2 b hunter2-longer c"), "a *** b *** c");
  EXPECT_EQ(redaction.Apply("hunter2-longer-still!"), "***!");
  EXPECT_EQ(redaction.Apply("hunter2hunter2x"), "***x");
  EXPECT_EQ(redaction.Apply("abc hunter"), "abc hunter");
  redaction.Add("aaaa");
  EXPECT_EQ(redaction.Apply("aaaaaab"), "***b");
  EXPECT_EQ(redaction.Apply(""), "");
}

}  // namespace
}  // namespace holdfast
