#include "policy/gates/dockerfile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/gates/builtin.h"
#include "support/policy_cases.h"

namespace holdfast::policy {
namespace {

using test::Value;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(DockerfileGate, Cases) { test::RunPolicyCases(HF_TESTDATA "/dockerfile.cases", BuiltinTriggers(), 25); }

TEST(DockerfileGate, KeysOfLongLinesAreShortAndDifferent) {
  const auto bundle = Value(
      ParseBundle(R"({"id":"b","version":"1_0","policies":[{"id":"p","version":"1_0","rules":[{"gate":"dockerfile",)"
                  R"("trigger":"instruction","action":"STOP","params":[{"name":"instruction","value":"RUN"},)"
                  R"({"name":"check","value":"exists"}]}]}],"mappings":[{"name":"m","registry":"*","repository":"*",)"
                  R"("image":{"type":"tag","value":"*"},"policy_id":"p"}]})",
                  BuiltinTriggers()));
  ImageFacts facts;
  facts.dockerfile = Dockerfile{.mode = DockerfileMode::kActual, .lines = {}};
  for (const char last : {'a', 'b'}) facts.dockerfile->lines.push_back({"RUN", std::string(100'000, 'x') + last});
  facts.dockerfile->lines.push_back({"RUN", "a\nb"});
  const Evaluation evaluation = Evaluate(*bundle, facts);
  ASSERT_EQ(evaluation.rows.size(), 3U);
  EXPECT_THAT(evaluation.rows[0].trigger_id, StartsWith("instruction+RUN+exists+xxx"));
  EXPECT_THAT(evaluation.rows[0].trigger_id, HasSubstr("+sha256:"));
  EXPECT_LT(evaluation.rows[0].trigger_id.size(), 300U);
  EXPECT_NE(evaluation.rows[0].trigger_id, evaluation.rows[1].trigger_id);
  EXPECT_LE(evaluation.rows[0].message.size(), EvaluateLimits().message_bytes_max);
  EXPECT_EQ(evaluation.rows[2].trigger_id, "instruction+RUN+exists+a b");
}

}  // namespace
}  // namespace holdfast::policy
