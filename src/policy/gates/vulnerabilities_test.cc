#include "policy/gates/vulnerabilities.h"

#include <gtest/gtest.h>

#include "policy/gates/builtin.h"
#include "support/policy_cases.h"

namespace holdfast::policy {
namespace {

TEST(VulnerabilitiesGate, Cases) { test::RunPolicyCases(HF_TESTDATA "/vulnerabilities.cases", BuiltinTriggers(), 30); }

TEST(VulnerabilitiesGate, MessagesSayWhatIsNeededToAct) {
  const auto triggers = VulnerabilitiesTriggers();
  const Params params(triggers[0].info.params, {{"package_type", "all"}});
  const auto check = test::Value(triggers[0].bind(params));
  class Sink final : public FindingSink {
   public:
    void Add(Finding finding) override { messages.push_back(std::move(finding.message)); }
    std::vector<std::string> messages;
  };
  ImageFacts facts;
  facts.vulnerabilities = {
      {.id = "CVE-1",
       .severity = model::Severity::kHigh,
       .package = {.name = "openssl", .version = "3.0.1", .type = "deb", .is_os = true, .path = {}},
       .fix_versions = {"3.0.2", "3.1.0"},
       .link = "https://example.org/CVE-1"},
      {.id = "CVE-2",
       .severity = model::Severity::kLow,
       .package = {.name = "flask", .version = "2", .type = "python", .is_os = false, .path = "/lib/flask"}}};
  Sink sink;
  check->Evaluate(facts, sink);
  EXPECT_EQ(sink.messages,
            (std::vector<std::string>{
                "High vulnerability CVE-1 in OS package openssl 3.0.1 (deb), fixed in 3.0.2, 3.1.0 - "
                "https://example.org/CVE-1",
                "Low vulnerability CVE-2 in non-OS package flask 2 (python) at /lib/flask, no fix known"}));
}

}  // namespace
}  // namespace holdfast::policy
