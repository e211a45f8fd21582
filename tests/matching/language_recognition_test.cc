// The providers of language databases claim nothing of about ninety other publishers' documents.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "advisory/php/php.h"
#include "advisory/rubysec/rubysec.h"
#include "advisory/rustsec/rustsec.h"
#include "advisory/source_reader.h"
#include "base/format.h"
#include "io/json.h"
#include "support/test_support.h"

namespace holdfast {
namespace {

std::string ClaimOf(const advisory::SourceDocument& document) {
  if (document.notation == advisory::Notation::kText) return advisory::LooksLikeRustsec(document.text) ? "rustsec" : "";
  if (document.notation != advisory::Notation::kYaml && document.notation != advisory::Notation::kJson) return "";
  const bool json = document.notation == advisory::Notation::kJson;
  const auto tree = json ? io::JsonDocument::Parse(document.text) : io::JsonDocument::ParseYaml(document.text);
  if (!tree) return "";
  if (advisory::LooksLikeRubysec(tree->Root())) return "rubysec";
  return advisory::LooksLikePhp(tree->Root()) ? "php" : "";
}

TEST(MatchingLanguages, ClaimNothingOfOtherPublishers) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  const test::TemporaryFolder folder;
  for (const std::string_view archive : {"upstream-format-samples", "pypa-osv", "alpine-secdb"}) {
    const std::string file = Format("{}.tar.zst", archive);
    std::filesystem::copy(*shared / "advisories" / file, folder.Path() / file);
  }
  std::size_t documents = 0;
  advisory::SourceVisitor visitor;
  visitor.document = [&](const advisory::SourceDocument& document) {
    ++documents;
    EXPECT_EQ(ClaimOf(document), "") << document.name;
  };
  visitor.problem = [](std::string_view, const Error&) {};
  visitor.other = [](std::string_view) {};
  test::Value(advisory::ReadSources(folder.Path(), visitor));
  EXPECT_GT(documents, 8'000U);
}

}  // namespace
}  // namespace holdfast
