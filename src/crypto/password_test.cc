#include "crypto/password.h"

#include <gtest/gtest.h>

#include "support/test_support.h"

namespace holdfast::crypto {
namespace {

using test::ExpectError;
using test::Value;

constexpr PasswordCost kCheap{.memory_bytes = 64 * kKiB, .passes = 1};

TEST(Password, MatchesItselfOnly) {
  const std::string stored = Value(HashPassword(Secret("correct horse"), kCheap));
  EXPECT_TRUE(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << stored;
  EXPECT_TRUE(Value(VerifyPassword(Secret("correct horse"), stored, kCheap)).matches);
  EXPECT_FALSE(Value(VerifyPassword(Secret("correct hors"), stored, kCheap)).matches);
  EXPECT_FALSE(Value(VerifyPassword(Secret("Correct horse"), stored, kCheap)).matches);
  EXPECT_FALSE(Value(VerifyPassword(Secret(""), stored, kCheap)).matches);
}

TEST(Password, IsSalted) {
  EXPECT_NE(Value(HashPassword(Secret("same"), kCheap)), Value(HashPassword(Secret("same"), kCheap)));
}

TEST(Password, KeepsBytesAfterAZero) {
  const std::string stored = Value(HashPassword(Secret(std::string_view("a\0b", 3)), kCheap));
  EXPECT_TRUE(Value(VerifyPassword(Secret(std::string_view("a\0b", 3)), stored, kCheap)).matches);
  EXPECT_FALSE(Value(VerifyPassword(Secret(std::string_view("a\0c", 3)), stored, kCheap)).matches);
}

TEST(Password, ReadsWhatTheReferenceProgramWrote) {
  // printf password | argon2 somesalt12345678 -id -t 2 -k 19456 -p 1 -e -l 32, computed with argon2-cffi
  const std::string stored =
      "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$DEwLbbIZGUtgBuB4gYok6r6hNvevYZoxkwMQ5/LXSaU";
  EXPECT_TRUE(Value(VerifyPassword(Secret("password"), stored)).matches);
  EXPECT_FALSE(Value(VerifyPassword(Secret("Password"), stored)).matches);
}

TEST(Password, AsksForARehashWhenTheCostChanged) {
  const std::string stored = Value(HashPassword(Secret("p"), kCheap));
  EXPECT_FALSE(Value(VerifyPassword(Secret("p"), stored, kCheap)).needs_rehash);
  EXPECT_TRUE(Value(VerifyPassword(Secret("p"), stored, {.memory_bytes = 128 * kKiB, .passes = 1})).needs_rehash);
  EXPECT_TRUE(Value(VerifyPassword(Secret("p"), stored, {.memory_bytes = 64 * kKiB, .passes = 2})).needs_rehash);
  EXPECT_FALSE(Value(VerifyPassword(Secret("q"), stored, {.memory_bytes = 64 * kKiB, .passes = 2})).needs_rehash);
}

TEST(Password, DefaultCostIsThatOfAServer) {
  const std::string stored = Value(HashPassword(Secret("p")));
  EXPECT_TRUE(stored.starts_with("$argon2id$v=19$m=32768,t=2,p=1$")) << stored;
  const PasswordCheck check = Value(VerifyPassword(Secret("p"), stored));
  EXPECT_TRUE(check.matches);
  EXPECT_FALSE(check.needs_rehash);
}

TEST(Password, NeverMatchesWhatIsNotAHash) {
  for (const std::string_view stored :
       {"", "p", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ$YWFh", "$argon2id$v=19$m=64,t=1,p=1$",
        "$argon2id$v=19$m=64,t=1,p=2$YWFhYWFhYWFhYWFhYWFhYQ$YWFh", "$2b$12$abcdefghijklmnopqrstuv"})
    EXPECT_FALSE(Value(VerifyPassword(Secret("p"), stored, kCheap)).matches) << stored;
  EXPECT_FALSE(Value(VerifyPassword(Secret("p"), std::string(1000, '$'), kCheap)).matches);
}

TEST(Password, DoesNotPayWhatAStoredTextDemands) {
  // 4 TiB, or four thousand million passes: the test would not end.
  for (const std::string_view stored :
       {"$argon2id$v=19$m=4294967295,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ$YWFhYWFhYWFhYWFhYWFhYQ",
        "$argon2id$v=19$m=64,t=4294967295,p=1$YWFhYWFhYWFhYWFhYWFhYQ$YWFhYWFhYWFhYWFhYWFhYQ"})
    EXPECT_FALSE(Value(VerifyPassword(Secret("p"), stored, kCheap)).matches);
}

TEST(Password, RefusesEmptyLongAndCostsOutOfRange) {
  ExpectError(HashPassword(Secret(""), kCheap), ErrorKind::kInvalidInput, "empty");
  const Secret longest(std::string(kPasswordBytesMax, 'x'));
  EXPECT_TRUE(Value(VerifyPassword(longest, Value(HashPassword(longest, kCheap)), kCheap)).matches);
  const Secret too_long(std::string(kPasswordBytesMax + 1, 'x'));
  ExpectError(HashPassword(too_long, kCheap), ErrorKind::kInvalidInput, "1024");
  EXPECT_FALSE(Value(VerifyPassword(too_long, Value(HashPassword(longest, kCheap)), kCheap)).matches);
  ExpectError(HashPassword(Secret("p"), {.memory_bytes = 1024}), ErrorKind::kInvalidInput, "cost");
  ExpectError(HashPassword(Secret("p"), {.memory_bytes = kGiB}), ErrorKind::kInvalidInput, "cost");
  ExpectError(HashPassword(Secret("p"), {.passes = 0}), ErrorKind::kInvalidInput, "cost");
  ExpectError(VerifyPassword(Secret("p"), "", {.passes = 17}), ErrorKind::kInvalidInput, "cost");
}

}  // namespace
}  // namespace holdfast::crypto
