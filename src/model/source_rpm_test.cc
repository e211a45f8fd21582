#include "model/source_rpm.h"

#include <gtest/gtest.h>

namespace holdfast::model {
namespace {

TEST(RpmPackage, TakesSourceNamesApart) {
  EXPECT_EQ(ParseSourceRpm("openssl-3.0.7-25.el9_3.src.rpm"), (Upstream{"openssl", "3.0.7-25.el9_3"}));
  EXPECT_EQ(ParseSourceRpm("java-1.8.0-openjdk-1.8.0.1-1.nosrc.rpm"), (Upstream{"java-1.8.0-openjdk", "1.8.0.1-1"}));
  for (const char* name : {"", "(none)", "a.src.rpm", "a-1.src.rpm", "-1-2.src.rpm", "a-1-2.rpm"})
    EXPECT_EQ(ParseSourceRpm(name), std::nullopt) << name;
}

}  // namespace
}  // namespace holdfast::model
