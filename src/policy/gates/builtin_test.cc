#include "policy/gates/builtin.h"

#include <gtest/gtest.h>

#include <set>

#include "policy/bundle.h"
#include "policy/default_bundle.h"
#include "policy/evaluate.h"
#include "policy/policy_spec.h"
#include "policy/words.h"
#include "regex/regex.h"
#include "support/test_support.h"

namespace holdfast::policy {
namespace {

using test::Value;

TEST(BuiltinTriggers, DescribeThemselvesWell) {
  std::set<std::string> names;
  for (const Trigger& trigger : BuiltinTriggers()) {
    const TriggerInfo& info = trigger.info;
    const std::string name = std::string(info.gate->name) + "." + std::string(info.name);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(LowerCase(name), name);
    EXPECT_FALSE(info.help.empty() || info.gate->help.empty()) << name;
    std::set<std::string_view> params;
    for (const ParamSpec& param : info.params) {
      EXPECT_TRUE(params.insert(param.name).second) << name << " " << param.name;
      EXPECT_FALSE(param.description.empty()) << name << " " << param.name;
      EXPECT_TRUE(param.validator.Accepts(param.example)) << name << " " << param.name;
      EXPECT_FALSE(param.validator.Wanted().empty()) << name << " " << param.name;
      EXPECT_TRUE(param.fallback.empty() || param.validator.Accepts(param.fallback)) << name << " " << param.name;
      EXPECT_FALSE(param.required && !param.fallback.empty()) << name << " " << param.name;
    }
  }
}

// The schema that clients are given and the check that bundles meet are written apart from each other.
TEST(BuiltinTriggers, SchemasAgreeWithChecks) {
  const auto accepts_by_schema = [](const io::JsonView& schema, std::string_view value) {
    if (const auto pattern = schema["pattern"].String()) {
      const auto expression = Value(regex::Regex::Make("(?s:.*)(?:" + std::string(*pattern) + ")(?s:.*)"));
      return expression.MatchesWhole(value);
    }
    if (!schema["enum"].IsArray()) return true;
    bool found = false;
    for (const io::JsonView word : schema["enum"]) found = found || word.StringOr("") == value;
    return found;
  };
  for (const Trigger& trigger : BuiltinTriggers())
    for (const ParamSpec& param : trigger.info.params) {
      const auto document = Value(io::JsonDocument::Parse(param.validator.Schema()));
      EXPECT_EQ(document.Root()["type"].StringOr(""), "string");
      if (document.Root()["format"].StringOr("") == "regex") continue;  // says less than the check
      for (const std::string_view value : {"",          " ",   "a",   "22", "22,23",  " 22 , 23 ",  "22,",
                                           ",",         "-1",  "1.5", ".5", "5.",     "1234567890", "true",
                                           "all",       "os",  "=",   ">=", "medium", "RUN",        "exists",
                                           "blacklist", "x,y", "1e3", "0x1"})
        EXPECT_EQ(param.validator.Accepts(value), accepts_by_schema(document.Root(), value))
            << trigger.info.name << " " << param.name << " '" << value << "'";
    }
}

TEST(BuiltinTriggers, TheSpecificationIsJson) {
  const auto spec = Value(io::JsonDocument::Parse(WritePolicySpec(BuiltinTriggers())));
  std::size_t triggers = 0;
  for (const io::JsonView gate : spec.Root()) triggers += gate["triggers"].Size();
  EXPECT_EQ(triggers, BuiltinTriggers().size());
}

TEST(DefaultBundle, IsValidAndCoversEveryImage) {
  const auto bundle = Value(ParseBundle(DefaultBundleText(), BuiltinTriggers()));
  EXPECT_TRUE(bundle->problems.empty()) << bundle->problems[0].details;
  EXPECT_EQ(bundle->id, kDefaultBundleId);
  ImageFacts facts;
  facts.evaluated_at = 1'700'000'000;
  facts.distro = DistroFact{.name = "debian", .version = "12", .like = {}};
  facts.packages.emplace();
  facts.vulnerabilities.emplace();
  facts.feed = FeedFact{.data_available = true, .newest_sync = facts.evaluated_at - 3'600};
  facts.dockerfile = Dockerfile{.mode = DockerfileMode::kActual, .lines = {{"HEALTHCHECK", "CMD true"}}};
  const auto verdict = [&] { return Evaluate(*bundle, facts).verdict.action; };
  EXPECT_EQ(verdict(), Action::kGo);
  EXPECT_NE(Evaluate(*bundle, facts).mapping, nullptr);

  ImageFacts good = facts;
  facts.dockerfile->lines = {};
  EXPECT_EQ(verdict(), Action::kWarn) << "no HEALTHCHECK";
  facts = good;
  facts.dockerfile->lines.push_back({"EXPOSE", "22"});
  EXPECT_EQ(verdict(), Action::kStop) << "port 22";
  facts = good;
  *facts.feed->newest_sync -= 2 * 86'400;
  EXPECT_EQ(verdict(), Action::kWarn) << "old data";
  facts = good;
  facts.feed->data_available = false;
  EXPECT_EQ(verdict(), Action::kWarn) << "no data";
  facts = good;
  facts.vulnerabilities->push_back({.id = "CVE-1", .severity = model::Severity::kLow});
  EXPECT_EQ(verdict(), Action::kGo) << "low";
  facts.vulnerabilities->back().severity = model::Severity::kMedium;
  EXPECT_EQ(verdict(), Action::kWarn) << "medium";
  facts.vulnerabilities->back().severity = model::Severity::kHigh;
  EXPECT_EQ(verdict(), Action::kStop) << "high";
}

}  // namespace
}  // namespace holdfast::policy
