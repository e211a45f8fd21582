#include "model/purl.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "io/json.h"
#include "support/test_support.h"

namespace holdfast::model {
namespace {

using test::ExpectError;
using test::Value;

TEST(Purl, ParsesAndPrints) {
  const Purl purl = Value(Purl::Parse("pkg:deb/Debian/OpenSSL@3.0.11-1~deb12u2?distro=debian-12&arch=amd64"));
  EXPECT_EQ(purl.type, "deb");
  EXPECT_EQ(purl.name_space, "debian");
  EXPECT_EQ(purl.name, "openssl");
  EXPECT_EQ(purl.version, "3.0.11-1~deb12u2");
  EXPECT_EQ(purl.Qualifier("arch"), "amd64");
  EXPECT_EQ(purl.Text(), "pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12");
}

TEST(Purl, EncodesWhatMustBe) {
  const Purl purl = Value(Purl::Make({.type = "npm", .name_space = "@angular", .name = "core", .version = "1:2+b c"}));
  EXPECT_EQ(purl.Text(), "pkg:npm/%40angular/core@1:2%2Bb%20c");
  EXPECT_EQ(Value(Purl::Parse(purl.Text())), purl);
  EXPECT_EQ(Value(Purl::Parse("pkg:npm/@angular/core@1")).name_space, "@angular");
}

TEST(Purl, RefusesWhatIsNone) {
  for (const char* text : {"", "pkg:", "pkg:deb", "pkg:deb/", "npm/x", "pkg:3d/x", "pkg:generic/x?=1",
                           "pkg:generic/x?a=1&a=2", "pkg:swift/x@1"})
    ExpectError(Purl::Parse(text), ErrorKind::kInvalidInput);
}

// One case of the specification's suite as text, for lists and messages.
std::string Describe(const io::JsonView& test) {
  return std::string(test["test_type"].StringOr("")) + ": " + std::string(test["input"].StringOr(""));
}

Purl Components(const io::JsonView& view) {
  Purl purl{.type = std::string(view["type"].StringOr("")),
            .name_space = std::string(view["namespace"].StringOr("")),
            .name = std::string(view["name"].StringOr("")),
            .version = std::string(view["version"].StringOr("")),
            .qualifiers = {},
            .subpath = std::string(view["subpath"].StringOr(""))};
  const io::JsonView qualifiers = view["qualifiers"];
  for (std::size_t i = 0; i < qualifiers.Size(); ++i)
    purl.qualifiers.emplace_back(qualifiers.KeyAt(i), qualifiers.At(i).StringOr(""));
  return purl;
}

bool Passes(const io::JsonView& test) {
  const bool fails = test["expected_failure"].Bool().value_or(false);
  const io::JsonView input = test["input"], expected = test["expected_output"];
  const auto purl = input.IsObject() ? Purl::Make(Components(input)) : Purl::Parse(input.StringOr(""));
  if (!purl || fails) return purl.has_value() != fails;
  if (expected.IsObject()) return *purl == Value(Purl::Make(Components(expected)));
  return purl->Text() == expected.StringOr("");
}

// Cases that are decided against, by file and part of the input, with the reason.
constexpr const char* kDecidedAgainst[][3] = {
    {"chrome-extension-test.json", "", "no cataloger makes these; the rules on letters are the store's, not ours"},
    {"git-test.json", "", "a name with a slash in it contradicts the general rules"},
    {"gem-test.json", "Platform=", "another case of the suite wants the same text to be accepted"},
    {"rpm-test.json", "Arch=", "another case of the suite wants the same text to be accepted"},
    {"julia-test.json", "pkg:julia/Dates", "packages of the standard library have no uuid"},
};

bool IsDecidedAgainst(const std::string& file, const io::JsonView& test) {
  for (const auto& [name, part, reason] : kDecidedAgainst)
    if (file == name && Describe(test).find(part) != std::string::npos) return true;
  return false;
}

TEST(Purl, PassesTheSpecificationsSuite) {
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared sample data";
  const test::TemporaryFolder folder;
  test::RunCommand("tar --zstd -xf " + (*shared / "formats/schemas-and-purl.tar.zst").string() + " -C " +
                   folder.Path().string());
  int count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder.Path() / "purl-spec/tests")) {
    if (file.path().extension() != ".json") continue;
    const std::string text = test::ReadFile(file.path());
    const auto document = Value(io::JsonDocument::Parse(text));
    for (const io::JsonView test : document.Root()["tests"]) {
      ++count;
      EXPECT_TRUE(Passes(test) || IsDecidedAgainst(file.path().filename(), test))
          << file.path().filename() << " " << Describe(test) << ", " << test["description"].StringOr("");
    }
  }
  EXPECT_GT(count, 500);
}

}  // namespace
}  // namespace holdfast::model
