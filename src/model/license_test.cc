#include "model/license.h"

#include <gtest/gtest.h>

namespace holdfast::model {
namespace {

TEST(License, KnowsExpressionsAndSpellingsOfTheWild) {
  const std::pair<const char*, const char*> cases[] = {
      {"MIT", "MIT"},
      {"mit", "MIT"},
      {"Apache License 2.0", "Apache-2.0"},
      {"GPL-2+", "GPL-2.0-or-later"},
      {"GPLv2+ and MIT", "GPL-2.0-or-later AND MIT"},
      {"(MIT OR Apache-2.0)", "(MIT OR Apache-2.0)"},
      {"GPL-2.0-or-later WITH Classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"},
      {"LicenseRef-Mine OR MIT", "LicenseRef-Mine OR MIT"},
      {" Expat\n", "MIT"},
      {"BSD-3-clause", "BSD-3-Clause"},
      {"Proprietary", ""},
      {"MIT AND", ""},
      {"(MIT", ""},
      {"MIT)", ""},
      {"MIT MIT", ""},
      {"", ""},
      {"AND", ""},
      {"GPL-2.0-only WITH nothing", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(NormaliseLicense(text).spdx_expression, expected) << text;
}

TEST(License, TheTextStays) {
  EXPECT_EQ(NormaliseLicense("GPL-2+").value, "GPL-2+");
  EXPECT_TRUE(NormaliseLicense(std::string(100'000, '(')).spdx_expression.empty());
}

TEST(License, IdsAreCanonical) {
  EXPECT_TRUE(IsSpdxLicenseId("Apache-2.0"));
  EXPECT_FALSE(IsSpdxLicenseId("apache-2.0"));
  EXPECT_FALSE(IsSpdxLicenseId("MIT OR Apache-2.0"));
  EXPECT_FALSE(IsSpdxLicenseId(""));
}

}  // namespace
}  // namespace holdfast::model
