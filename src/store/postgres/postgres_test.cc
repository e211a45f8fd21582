// The parts that need no server; the rest is in tests/conformance.
#include <gtest/gtest.h>

#include <map>

#include "store/postgres/failure.h"
#include "store/postgres/settings.h"
#include "store/postgres/values.h"
#include "support/test_support.h"

namespace holdfast::store::postgres {
namespace {

using namespace std::literals;
using test::ExpectError;

std::map<std::string, std::string> Keywords(const PostgresOptions& options) {
  const auto settings = test::Value(MakeSettings(options));
  return {settings.keywords.begin(), settings.keywords.end()};
}

TEST(PostgresSettings, OfAUrl) {
  const auto found = Keywords({.url = "postgresql+pg8000://me:p%40ss%2Fw%3Ard@db.example:5433/anchore?sslmode=require",
                               .application_name = "catalog",
                               .statement_timeout_ms = 5});
  EXPECT_EQ(found.at("host"), "db.example");
  EXPECT_EQ(found.at("port"), "5433");
  EXPECT_EQ(found.at("user"), "me");
  EXPECT_EQ(found.at("password"), "p@ss/w:rd");
  EXPECT_EQ(found.at("dbname"), "anchore");
  EXPECT_EQ(found.at("sslmode"), "require");
  EXPECT_EQ(found.at("application_name"), "catalog");
  EXPECT_NE(found.at("options").find("statement_timeout=5 "), std::string::npos);
}

TEST(PostgresSettings, PartsReplaceTheUrl) {
  const auto found = Keywords({.url = "postgres://me:old@db:5433/x?options=-c%20work_mem%3D4MB&tcp_user_timeout=7",
                               .database = "y",
                               .password = "new",
                               .port = 1,
                               .sslmode = "verify-full"});
  EXPECT_EQ(found.at("user"), "me");
  EXPECT_EQ(found.at("password"), "new");
  EXPECT_EQ(found.at("dbname"), "y");
  EXPECT_EQ(found.at("port"), "1");
  EXPECT_EQ(found.at("sslmode"), "verify-full");
  EXPECT_EQ(found.at("tcp_user_timeout"), "7");
  EXPECT_TRUE(found.at("options").starts_with("-c work_mem=4MB -c statement_timeout="));
  EXPECT_EQ(Keywords({.url = "host=db dbname=z user=u"}).at("dbname"), "z");
  EXPECT_EQ(Keywords({.host = "/run/postgresql", .database = "z"}).at("host"), "/run/postgresql");
}

TEST(PostgresSettings, BadUrlsAreRefusedWithoutRepeatingThem) {
  for (const char* url :
       {"mysql://me:s3cret@db/x", "s3cret", "postgresql://me:s3cr@et@db/x", "postgresql://me:s3/cret@db/x",
        "postgresql://me:s3cret@db:s3cret/x", "postgresql://me:s3cret@db/x?s3cret=1", "postgresql://me:s3cret%zz@db/x",
        "postgresql:///x?user=s3cret", "host=db s3cret"}) {
    const auto settings = MakeSettings({.url = url});
    ASSERT_FALSE(settings.has_value()) << url;
    EXPECT_EQ(settings.error().Kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(settings.error().Message().find("s3"), std::string::npos) << settings.error().Message();
  }
  ExpectError(MakeSettings({}), ErrorKind::kInvalidInput, "names no host");
  ExpectError(OpenPostgres({.host = "db", .pool_size = 0}), ErrorKind::kInvalidInput, "pool");
  ExpectError(OpenPostgres({.host = "db", .statement_timeout_ms = -1}), ErrorKind::kInvalidInput, "negative");
}

struct FailureCase {
  std::string_view sqlstate;
  ErrorKind kind;
  Recovery recovery;
};

TEST(PostgresFailure, KindsAndRecoveries) {
  const std::vector<FailureCase> cases = {
      {"", ErrorKind::kUnavailable, Recovery::kServerGone},
      {"08006", ErrorKind::kUnavailable, Recovery::kServerGone},
      {"08P01", ErrorKind::kInternal, Recovery::kNone},
      {"22003", ErrorKind::kInvalidInput, Recovery::kNone},
      {"22P02", ErrorKind::kInternal, Recovery::kNone},
      {"23502", ErrorKind::kInternal, Recovery::kNone},
      {"23503", ErrorKind::kConflict, Recovery::kNone},
      {"23505", ErrorKind::kConflict, Recovery::kNone},
      {"28P01", ErrorKind::kDenied, Recovery::kNone},
      {"3D000", ErrorKind::kNotFound, Recovery::kNone},
      {"40001", ErrorKind::kUnavailable, Recovery::kAgain},
      {"40P01", ErrorKind::kUnavailable, Recovery::kAgain},
      {"42501", ErrorKind::kDenied, Recovery::kNone},
      {"42601", ErrorKind::kInternal, Recovery::kNone},
      {"53100", ErrorKind::kUnavailable, Recovery::kNone},
      {"53300", ErrorKind::kUnavailable, Recovery::kReplace},
      {"54000", ErrorKind::kLimit, Recovery::kNone},
      {"57014", ErrorKind::kUnavailable, Recovery::kNone},
      {"57P01", ErrorKind::kUnavailable, Recovery::kServerGone},
      {"57P03", ErrorKind::kUnavailable, Recovery::kServerGone},
      {"XX000", ErrorKind::kInternal, Recovery::kNone},
      {"XX001", ErrorKind::kCorrupt, Recovery::kNone},
  };
  for (const FailureCase& example : cases) {
    const Failure failure = MakeFailure("image.find", {.sqlstate = example.sqlstate, .primary = "said"}, true);
    EXPECT_EQ(failure.error.Kind(), example.kind) << example.sqlstate;
    EXPECT_EQ(failure.recovery, example.recovery) << example.sqlstate;
    EXPECT_TRUE(failure.error.Message().starts_with("image.find: ")) << failure.error.Message();
  }
}

TEST(PostgresFailure, ValuesAreNotRepeated) {
  const auto message = [](const ServerMessage& said) { return MakeFailure("q", said, false).error.Message(); };
  EXPECT_EQ(message({.sqlstate = "22P02", .primary = "invalid input syntax: \"s3cret\""}), "q: SQLSTATE 22P02");
  EXPECT_EQ(message({.sqlstate = "P0001", .primary = "s3cret"}), "q: SQLSTATE P0001");
  EXPECT_EQ(message({.sqlstate = "23505", .primary = "duplicate key", .constraint = "users_username_key"}),
            "q: violates users_username_key (23505)");
  EXPECT_EQ(message({.sqlstate = "42601", .primary = "syntax error"}), "q: syntax error (42601)");
}

TEST(PostgresFailure, AWriterOnAStandbyLooksForAnotherServer) {
  EXPECT_EQ(MakeFailure("q", {.sqlstate = "25006"}, true).recovery, Recovery::kServerGone);
  const Failure reader = MakeFailure("q", {.sqlstate = "25006"}, false);
  EXPECT_EQ(reader.recovery, Recovery::kNone);
  EXPECT_EQ(reader.error.Kind(), ErrorKind::kInternal);
  EXPECT_EQ(MakeFailure("q", {.sqlstate = "0A000", .function = "RevalidateCachedQuery"}, false).recovery,
            Recovery::kReplace);
  EXPECT_EQ(MakeFailure("q", {.sqlstate = "0A000"}, false).recovery, Recovery::kNone);
}

std::string Numeric(std::initializer_list<int> words) {
  std::string out;
  for (const int word : words) out.append({static_cast<char>(word >> 8), static_cast<char>(word & 0xff)});
  return out;
}

TEST(PostgresValues, Numeric) {
  constexpr Oid kNumeric = 1700;
  const auto decode = [](const std::string& bytes) { return test::Value(DecodeCell(kNumeric, bytes)); };
  // digits, weight, sign, scale, then digits of base 10000
  EXPECT_EQ(decode(Numeric({0, 0, 0, 0})).OptionalInteger(), 0);
  EXPECT_EQ(decode(Numeric({1, 0, 0, 0, 42})).Integer(), 42);
  EXPECT_EQ(decode(Numeric({1, 2, 0x4000, 0, 3})).Integer(), -300'000'000);
  EXPECT_EQ(decode(Numeric({5, 4, 0, 0, 922, 3372, 368, 5477, 5807})).Integer(), 9223372036854775807);
  EXPECT_EQ(decode(Numeric({5, 4, 0, 0, 922, 3372, 368, 5477, 5808})).Real(), 9223372036854775808.0);
  EXPECT_EQ(decode(Numeric({2, 0, 0, 2, 1, 2500})).Real(), 1.25);
  EXPECT_EQ(decode(Numeric({1, -1, 0x4000, 4, 5})).Real(), -0.0005);
  ExpectError(DecodeCell(kNumeric, Numeric({2, 0, 0, 0, 1})), ErrorKind::kInternal);
}

TEST(PostgresValues, WhatHasNoPlaceMustBeCast) {
  ExpectError(DecodeCell(1114, std::string(8, '\0')), ErrorKind::kInternal, "type 1114 must be cast");
  ExpectError(DecodeCell(20, "short"), ErrorKind::kInternal);
}

}  // namespace
}  // namespace holdfast::store::postgres
