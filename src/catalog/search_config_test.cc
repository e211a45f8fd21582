#include "catalog/search_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "regex/pattern_set.h"
#include "support/test_support.h"

namespace holdfast::catalog {
namespace {

using test::ExpectError;
using test::Value;

// The names of the default's patterns that match a line.
std::vector<std::string> SecretsIn(std::string_view line) {
  const SearchConfig config = DefaultSearchConfig();
  std::vector<std::string> regexes, names;
  for (const NamedRegex& pattern : config.secrets.patterns) regexes.push_back(pattern.regex);
  const auto set = Value(regex::PatternSet::Make(regexes));
  for (std::uint32_t i = 0; i < regexes.size(); ++i) {
    EXPECT_FALSE(set.NeedsEveryLine(i)) << regexes[i];
    if (set.Matches(i, line)) names.push_back(config.secrets.patterns[i].name);
  }
  return names;
}

// Made of pieces, so that nobody who searches this repository takes them for the real thing.
const char* const kSecret =
    "wJalrXUtnFEMI/K7MDENG/"
    "bPxRfiCYEXAMPLEKEY";

TEST(DefaultSearches, FindSecrets) {
  using testing::ElementsAre;
  const std::string secret = kSecret;
  EXPECT_THAT(SecretsIn("aws_access_key_id = " + std::string("AKIA") + "IOSFODNN7ABCDEFG"),
              ElementsAre("AWS_ACCESS_KEY"));
  EXPECT_THAT(SecretsIn("ASIA"
                        "ABCDEFGHIJKLMNOP"),
              ElementsAre("AWS_ACCESS_KEY"));
  EXPECT_THAT(SecretsIn("aws_secret_access_key=" + secret), ElementsAre("AWS_SECRET_KEY"));
  EXPECT_THAT(SecretsIn("  \"AWS-Secret-Key\": \"" + secret + "\","), ElementsAre("AWS_SECRET_KEY"));
  EXPECT_THAT(SecretsIn("-----BEGIN "
                        "RSA PRIVATE KEY-----"),
              ElementsAre("PRIV_KEY"));
  EXPECT_THAT(SecretsIn("  key: \"-----BEGIN "
                        "PRIVATE KEY-----\\nMIIE"),
              ElementsAre("PRIV_KEY"));
  EXPECT_THAT(SecretsIn("-----BEGIN "
                        "PGP PRIVATE KEY BLOCK-----"),
              ElementsAre("PRIV_KEY"));
  EXPECT_THAT(SecretsIn(R"({"auths":{"r.io":{"auth": "dXNlcjpwYXNz"}}})"), ElementsAre("DOCKER_AUTH"));
  EXPECT_THAT(SecretsIn("API_KEY=0123456789abcdef0123"), ElementsAre("API_KEY"));
  EXPECT_THAT(SecretsIn("apikey: '0123456789abcdef0123'"), ElementsAre("API_KEY"));
}

TEST(DefaultSearches, PassOverWhatIsNone) {
  for (const std::string_view line :
       {"", "AKIA", "aws_access_key_id = YOUR_KEY_HERE", "xAKIAABCDEFGHIJKLMNOPx", "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----", "\"auth\": \"\"", "\"author\": \"somebody else\"", "api_key = get_key()",
        "api_key = os.environ['THE_KEY']", "aws_secret_access_key = short"})
    EXPECT_THAT(SecretsIn(line), testing::IsEmpty()) << line;
}

TEST(SearchConfig, RoundTripsAndHasAnIdOfItsOwn) {
  SearchConfig config = DefaultSearchConfig();
  EXPECT_EQ(Value(SearchConfig::Decode(config.Encode())), config);
  const std::string id = config.Id();
  EXPECT_EQ(id.size(), 32U);
  config.secrets.patterns[0].regex += "x";
  EXPECT_NE(config.Id(), id);
  config = DefaultSearchConfig();
  std::swap(config.secrets, config.contents);
  EXPECT_NE(config.Id(), id);
  EXPECT_EQ(SearchConfig{}.Id(), "");
  const std::string bytes = DefaultSearchConfig().Encode();
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(SearchConfig::Decode(bytes.substr(0, cut))) << cut;
}

TEST(ParseSearchConfig, ReadsWhatAnchoreShips) {
  const auto parsed = Value(ParseSearchConfig(R"(
retrieve_files:
  file_list:
    - '/etc/passwd'
    - '/etc/services'
  max_file_size_kb: 500
secret_search:
  match_params:
    - MAXFILESIZE=10000
    - STOREONMATCH=n
  regexp_match:
    - "AWS_ACCESS_KEY=(?i).*aws_access_key_id( *=+ *).*(?<![A-Z0-9])[A-Z0-9]{20}(?![A-Z0-9]).*"
    - "PRIV_KEY=(?i)-+BEGIN(.*)PRIVATE KEY-+"
content_search:
  match_params: [STOREONMATCH=y, NEW=1]
  regexp_match: ["EXAMPLE_MATCH=.*=.*"]
malware:
  clamav: {enabled: false}
)"));
  const SearchConfig& config = parsed.config;
  EXPECT_THAT(config.retrieved_paths, testing::ElementsAre("etc/passwd", "etc/services"));
  EXPECT_EQ(config.retrieved_file_bytes_max, 500U * 1024);
  EXPECT_EQ(config.secrets.file_bytes_max, 10'000U);
  ASSERT_EQ(config.secrets.patterns.size(), 2U);
  EXPECT_EQ(config.secrets.patterns[1], (NamedRegex{"PRIV_KEY", "(?i)-+BEGIN(.*)PRIVATE KEY-+"}));
  EXPECT_EQ(config.contents.patterns, (std::vector<NamedRegex>{{"EXAMPLE_MATCH", ".*=.*"}}));
  EXPECT_EQ(config.contents.file_bytes_max, 10'000'000U);
  EXPECT_THAT(parsed.notes, testing::ElementsAre(testing::HasSubstr("STOREONMATCH"), testing::HasSubstr("NEW")));
}

TEST(ParseSearchConfig, WhatIsAskedForAndNotDoneIsSaid) {
  const auto parsed = Value(ParseSearchConfig("malware: {clamav: {enabled: true}}\nsecret_serch: {}\nsyft: {}\n"));
  EXPECT_THAT(parsed.notes, testing::ElementsAre(testing::HasSubstr("not searched for malware"),
                                                 testing::HasSubstr("secret_serch"), testing::HasSubstr("syft")));
}

TEST(ParseSearchConfig, AbsentKeepsTheDefaultAndEmptyTurnsOff) {
  EXPECT_EQ(Value(ParseSearchConfig("")).config, DefaultSearchConfig());
  EXPECT_EQ(Value(ParseSearchConfig("malware: {}")).config, DefaultSearchConfig());
  EXPECT_TRUE(Value(ParseSearchConfig("secret_search: {}\nretrieve_files: {}")).config.IsEmpty());
  EXPECT_TRUE(Value(ParseSearchConfig("secret_search: {enabled: false, regexp_match: [A=b]}\n"
                                      "file_contents: {enabled: false}"))
                  .config.IsEmpty());
  EXPECT_THAT(Value(ParseSearchConfig("file_contents: {file_list: [//a/../b/./c]}")).config.retrieved_paths,
              testing::ElementsAre("b/c"));
}

TEST(ParseSearchConfig, RefusesWhatCannotBeMeant) {
  const auto refuse = [](const std::string& yaml, ErrorKind kind, std::string_view part) {
    ExpectError(ParseSearchConfig(yaml), kind, part);
  };
  refuse("[]", ErrorKind::kInvalidInput, "mapping");
  refuse("{", ErrorKind::kCorrupt, "YAML");
  refuse("secret_search: 1", ErrorKind::kInvalidInput, "secret_search");
  refuse("secret_search: {enabled: maybe}", ErrorKind::kInvalidInput, "'enabled'");
  refuse("secret_search: {regexp_match: A=b}", ErrorKind::kInvalidInput, "no list");
  refuse("secret_search: {regexp_match: [Ab]}", ErrorKind::kInvalidInput, "NAME=regex");
  refuse("secret_search: {regexp_match: ['=b']}", ErrorKind::kInvalidInput, "NAME=regex");
  refuse("secret_search: {regexp_match: ['A=']}", ErrorKind::kInvalidInput, "NAME=regex");
  refuse("content_search: {regexp_match: ['A=(']}", ErrorKind::kInvalidInput, "content_search");
  refuse("content_search: {regexp_match: ['A=(a{1000}){1000}']}", ErrorKind::kInvalidInput, "content_search");
  refuse("content_search: {match_params: [MAXFILESIZE=-1]}", ErrorKind::kInvalidInput, "MAXFILESIZE");
  refuse("content_search: {match_params: [MAXFILESIZE=99999999999999999999]}", ErrorKind::kInvalidInput, "MAXFILESIZE");
  refuse("retrieve_files: {file_list: [/]}", ErrorKind::kInvalidInput, "file_list");
  refuse("retrieve_files: {file_list: x}", ErrorKind::kInvalidInput, "file_list");
  refuse("retrieve_files: {max_file_size_kb: -1}", ErrorKind::kInvalidInput, "max_file_size_kb");
  std::string many = "secret_search: {regexp_match: [";
  for (int i = 0; i < 201; ++i) many += "A=b,";
  refuse(many + "]}", ErrorKind::kLimit, "201");
}

}  // namespace
}  // namespace holdfast::catalog
