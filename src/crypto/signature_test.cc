#include "crypto/signature.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/test_support.h"

namespace holdfast::crypto {
namespace {

using test::ExpectError;
using test::ReadFile;
using test::TemporaryFolder;
using test::Value;
using test::WriteFile;

SigningKey LoadWritten(const std::filesystem::path& path, std::string_view text) {
  WriteFile(path, text);
  ::chmod(path.c_str(), 0600);
  return Value(SigningKey::Load(path));
}

// RFC 8032 section 7.1, test 1: the signature of nothing.
TEST(Signature, IsThatOfTheStandard) {
  const TemporaryFolder folder;
  const SigningKey key =
      LoadWritten(folder.Path() / "key", "ed25519-secret nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\n");
  EXPECT_EQ(key.PublicText(), "ed25519 21fe31dfa154a261 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\n");
  EXPECT_EQ(key.Sign(""),
            "ed25519 21fe31dfa154a261 "
            "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc-bRr0lv18FlbviRlUUFDjnoQCw\n");
}

TEST(Signature, OfATrustedKeyIsFoundAmongOthers) {
  const TemporaryFolder folder;
  const SigningKey mine = Value(SigningKey::CreateFile(folder.Path() / "mine"));
  const SigningKey other = Value(SigningKey::CreateFile(folder.Path() / "other"));
  const TrustedKeys keys = Value(TrustedKeys::Load({folder.Path() / "mine.pub"}));
  EXPECT_EQ(Value(keys.Verify("text", mine.Sign("text"))), mine.Id());
  EXPECT_EQ(Value(keys.Verify("text", "# both\n\nnonsense\n" + other.Sign("text") + mine.Sign("text"))), mine.Id());
  ExpectError(keys.Verify("text.", mine.Sign("text")), ErrorKind::kDenied, mine.Id());
  ExpectError(keys.Verify("text", other.Sign("text")), ErrorKind::kDenied, other.Id());
  ExpectError(keys.Verify("text", ""), ErrorKind::kDenied, "not signed");
  ExpectError(keys.Verify("text", "ed25519 x y"), ErrorKind::kDenied, "not signed");
  ExpectError(TrustedKeys().Verify("text", mine.Sign("text")), ErrorKind::kDenied, mine.Id());

  const TrustedKeys both = Value(TrustedKeys::Load({folder.Path() / "mine.pub", folder.Path() / "other.pub"}));
  EXPECT_EQ(Value(both.Verify("text", other.Sign("text"))), other.Id());
  EXPECT_EQ(Value(SigningKey::Load(folder.Path() / "mine")).Id(), mine.Id());
}

TEST(Signature, OfWhichAnyBitIsChangedIsNone) {
  const TemporaryFolder folder;
  const SigningKey key = Value(SigningKey::CreateFile(folder.Path() / "key"));
  const TrustedKeys keys = Value(TrustedKeys::Parse(key.PublicText()));
  const std::string signature = key.Sign("text");
  for (std::size_t at = 0; at + 1 < signature.size(); ++at) {
    std::string changed = signature;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    ExpectError(keys.Verify("text", changed), ErrorKind::kDenied);
    ExpectError(keys.Verify("text", std::string_view(signature).substr(0, at)), ErrorKind::kDenied);
  }
}

TEST(SigningKey, FilesAreNeverReplacedAndTheirOwnersAlone) {
  const TemporaryFolder folder;
  const auto path = folder.Path() / "key";
  const SigningKey key = Value(SigningKey::CreateFile(path));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(ReadFile(path.string() + ".pub"), key.PublicText());
  ExpectError(SigningKey::CreateFile(path), ErrorKind::kConflict);
  std::filesystem::remove(path);
  ExpectError(SigningKey::CreateFile(path), ErrorKind::kConflict, ".pub");
  ExpectError(SigningKey::Load(path), ErrorKind::kNotFound);
  WriteFile(path, "ed25519-secret nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\n");
  ::chmod(path.c_str(), 0644);
  ExpectError(SigningKey::Load(path), ErrorKind::kDenied);
  for (const std::string_view text : {"", "x", "ed25519-secret", "ed25519-secret AAAA", "ed25519-secret AA AA"}) {
    WriteFile(path, text);
    ::chmod(path.c_str(), 0600);
    ExpectError(SigningKey::Load(path), ErrorKind::kCorrupt);
  }
}

TEST(TrustedKeys, WhatIsNoKeyIsToldByLine) {
  const TemporaryFolder folder;
  const std::string good = Value(SigningKey::CreateFile(folder.Path() / "key")).PublicText();
  EXPECT_TRUE(Value(TrustedKeys::Parse("# nothing\n")).Empty());
  ExpectError(TrustedKeys::Parse(good + "\n# x\ned25519 aaaaaaaaaaaaaaaa AAAA\n"), ErrorKind::kCorrupt, "line 4");
  std::string other_id = good;
  other_id[8] = other_id[8] == '0' ? '1' : '0';
  ExpectError(TrustedKeys::Parse(other_id), ErrorKind::kCorrupt, "line 1");
  std::string many;
  for (std::size_t i = 0; i <= TrustedKeys::kKeysMax; ++i) many += good;
  ExpectError(TrustedKeys::Parse(many), ErrorKind::kLimit);
  WriteFile(folder.Path() / "empty", "# nothing\n");
  ExpectError(TrustedKeys::Load({folder.Path() / "empty"}), ErrorKind::kCorrupt, "empty");
  ExpectError(TrustedKeys::Load({folder.Path() / "gone"}), ErrorKind::kNotFound, "gone");
  // The secret half is not taken for the public one.
  ExpectError(TrustedKeys::Load({folder.Path() / "key"}), ErrorKind::kCorrupt, "line 2");
}

}  // namespace
}  // namespace holdfast::crypto
