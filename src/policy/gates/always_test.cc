#include "policy/gates/always.h"

#include <gtest/gtest.h>

#include "policy/gates/builtin.h"
#include "support/policy_cases.h"

namespace holdfast::policy {
namespace {

TEST(AlwaysGate, Cases) { test::RunPolicyCases(HF_TESTDATA "/always.cases", BuiltinTriggers(), 20); }

}  // namespace
}  // namespace holdfast::policy
