#include "catalog/ruby/ruby.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/ruby/gemspec.h"
#include "support/memory_evidence.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

test::CollectingSink Scan(std::map<std::string, std::string> files) {
  return test::RunCataloger(*MakeRubyCataloger(), std::move(files));
}

std::string Fixture(const std::string& name) { return test::ReadFile(std::filesystem::path(HF_TESTDATA) / name); }

std::vector<std::string> Licenses(const model::Package& package) {
  std::vector<std::string> names;
  for (const auto& license : package.licenses) names.push_back(license.value);
  return names;
}

TEST(RubyClaims, CoverSpecificationsAndNothingElse) {
  const auto cataloger = MakeRubyCataloger();
  const std::string_view glob = cataloger->Info().claims.front().glob;
  for (const auto* path : {"usr/lib/ruby/gems/3.1.0/specifications/rake-13.0.6.gemspec",
                           "usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec",
                           "app/vendor/bundle/ruby/3.1.0/specifications/a-1.gemspec"})
    EXPECT_TRUE(GlobMatches(glob, path)) << path;
  for (const auto* path : {"app/app.gemspec", "gems/a-1/a.gemspec", "x/specifications/a-1.gemspec.rz"})
    EXPECT_FALSE(GlobMatches(glob, path)) << path;
}

TEST(RubyGem, ReadsAMinimalSpecification) {
  const auto sink = Scan({{"g/specifications/a-1.gemspec", "# stub: a 1.0 ruby lib"}});
  const auto& package = sink.Only("a");
  EXPECT_EQ(package.version, "1.0");
  EXPECT_EQ(package.type, "gem");
  EXPECT_EQ(package.language, "ruby");
  EXPECT_EQ(package.version_scheme, "gem");
  EXPECT_EQ(package.ecosystem, "RubyGems");
  EXPECT_EQ(package.purl.Text(), "pkg:gem/a@1.0");
  EXPECT_THAT(package.locations, ElementsAre(model::Location{"g/specifications/a-1.gemspec", 0, true}));
}

TEST(RubyGem, KeepsThePlatformApart) {
  const auto sink = Scan({{"g/specifications/nokogiri-1.16.0-x86_64-linux.gemspec",
                           "# -*- encoding: utf-8 -*-\n# stub: nokogiri 1.16.0 x86_64-linux lib\n"}});
  EXPECT_EQ(sink.Only("nokogiri").version, "1.16.0");
  EXPECT_EQ(sink.Only("nokogiri").purl.Qualifier("platform"), "x86_64-linux");
}

TEST(RubyGem, OwnsTheFilesThatAreThere) {
  const std::string text = "# stub: a 1 java lib\ns.files = [\"lib/a.rb\", \"missing.rb\", \"../../../etc/x\"]\n";
  const auto sink = Scan({{"g/specifications/a-1-java.gemspec", text},
                          {"g/specifications/default/b-1.gemspec", "# stub: b 1 ruby lib\ns.files = [\"lib/a.rb\"]\n"},
                          {"g/gems/a-1-java/lib/a.rb", ""},
                          {"g/gems/b-1/lib/a.rb", ""},
                          {"etc/x", ""}});
  ASSERT_THAT(sink.Only("a").files, SizeIs(2));
  EXPECT_EQ(sink.Only("a").files[0].path, "g/gems/a-1-java/lib/a.rb");
  EXPECT_EQ(sink.Only("a").files[1].path, "etc/x");
  EXPECT_THAT(sink.Only("b").files, IsEmpty());
  EXPECT_EQ(sink.Only("b").attributes.at(0).first, "gem:default");
}

TEST(RubyGem, TakesFromTheFileNameWhatIsNoLiteral) {
  const auto sink = Scan({{"g/specifications/net-http2-0.3.gemspec",
                           "Gem::Specification.new do |s|\n s.name = NAME\n s.version = Foo::VERSION\nend\n"},
                          {"g/specifications/x-y.gemspec", "Gem::Specification.new do |s|\n s.version = '1'\nend\n"}});
  EXPECT_THAT(sink.Names(), ElementsAre("net-http2 0.3"));
  EXPECT_THAT(sink.problems, SizeIs(1));
}

TEST(RubyGem, ReportsWhatIsNoSpecificationAndGoesOn) {
  const auto sink = Scan({{"g/specifications/a-1.gemspec", std::string("\x7f"
                                                                       "ELF\0\0\x01",
                                                                       7)},
                          {"g/specifications/b-1.gemspec", ""},
                          {"g/specifications/c-1.gemspec", "# stub: c 1 ruby lib"},
                          {"g/specifications/d-1.gemspec", "# stub: d"}});
  EXPECT_THAT(sink.Names(), ElementsAre("c 1"));
  ASSERT_THAT(sink.problems, SizeIs(3));
  EXPECT_EQ(sink.problems[0].kind, ErrorKind::kCorrupt);
  EXPECT_EQ(sink.problems[1].path, "g/specifications/b-1.gemspec");
}

TEST(RubyGem, RefusesFilesOverTheLimit) {
  const auto sink = Scan({{"g/specifications/a-1.gemspec", std::string(5 << 20, '#')}});
  ASSERT_THAT(sink.problems, SizeIs(1));
  EXPECT_EQ(sink.problems[0].kind, ErrorKind::kLimit);
}

TEST(Gemspec, ReadsEveryFormOfString) {
  const Gemspec gem = ParseGemspec(
      "  gem.name    = 'a\\'b\\c'\n gem.version=Gem::Version.new(\"1.0\")\n s.summary = %q{x (y)}\n"
      "s.homepage = \"https:\\/\\/x\\u00e9\\u{1f600}\\n\\\"\\#\".freeze\ns.licenses = %w[MIT  BSD]\n"
      "s.authors = [\"A\".freeze,\n  'B', nil, \"C\"]\ns.name = \"late\"\ns.platform = Gem::Platform::RUBY\n");
  EXPECT_EQ(gem.name, "a'b\\c");
  EXPECT_EQ(gem.version, "1.0");
  EXPECT_EQ(gem.summary, "x (y)");
  EXPECT_EQ(gem.homepage, "https://x\u00e9\U0001f600 \"#");
  EXPECT_THAT(gem.licenses, ElementsAre("MIT", "BSD"));
  EXPECT_THAT(gem.authors, ElementsAre("A", "B"));
  EXPECT_EQ(gem.platform, "");
}

TEST(Gemspec, BelievesTheStubMoreThanTheProgram) {
  const Gemspec gem = ParseGemspec("# stub: a 1 ruby lib\ns.name = \"b\"\ns.version = \"2\"\n");
  EXPECT_EQ(gem.name + " " + gem.version, "a 1");
}

TEST(Gemspec, TellsDependenciesAtRunTimeFromOthers) {
  const Gemspec gem = ParseGemspec(
      "s.add_runtime_dependency(%q<c>.freeze, [\">= 1\"])\ns.add_development_dependency(%q<d>, [])\n"
      "s.add_dependency(%q<c>)\ns.add_dependency(%q<d>)\ns.add_dependency 'b', '~> 1'\ns.add_dependency(name)\n"
      "s.add_dependency_x(\"y\")\n");
  EXPECT_THAT(gem.depends, ElementsAre("b", "c"));
}

TEST(Gemspec, SurvivesTruncationAnywhere) {
  const std::string whole = Fixture("test-unit-3.5.3.gemspec");
  for (std::size_t size = 100; size < whole.size(); ++size)
    EXPECT_EQ(ParseGemspec(std::string_view(whole).substr(0, size)).name, "test-unit");
}

TEST(Gemspec, IsLinearInUnfinishedStrings) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "s.files = [\"\ns.name = \"\ns.add_dependency(\"\n";
  EXPECT_EQ(ParseGemspec(text).name.substr(0, 8), "s.add_de");
}

TEST(Gemspec, AgreesWithRubyOnRealGems) {
  const auto sink = Scan({{"g/specifications/rake-13.0.6.gemspec", Fixture("rake-13.0.6.gemspec")},
                          {"g/specifications/test-unit-3.5.3.gemspec", Fixture("test-unit-3.5.3.gemspec")}});
  EXPECT_THAT(sink.Names(), ElementsAre("rake 13.0.6", "test-unit 3.5.3"));
  EXPECT_THAT(sink.problems, IsEmpty());
  EXPECT_EQ(sink.Only("rake").supplier, "Hiroshi SHIBATA, Eric Hodel, Jim Weirich");
  EXPECT_EQ(sink.Only("rake").homepage, "https://github.com/ruby/rake");
  EXPECT_THAT(Licenses(sink.Only("rake")), ElementsAre("MIT"));
  EXPECT_THAT(Licenses(sink.Only("test-unit")), ElementsAre("Ruby", "BSDL", "PSFL"));
  EXPECT_THAT(sink.Only("test-unit").depends, ElementsAre("power_assert"));
}

}  // namespace
}  // namespace holdfast::catalog
