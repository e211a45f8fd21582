#include "catalog/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::catalog {
namespace {

TEST(Glob, Matches) {
  EXPECT_TRUE(GlobMatches("**/lib/dpkg/status", "var/lib/dpkg/status"));
  EXPECT_TRUE(GlobMatches("**/lib/dpkg/status", "lib/dpkg/status"));
  EXPECT_TRUE(GlobMatches("**/lib/dpkg/status.d/*", "a/b/lib/lib/dpkg/status.d/base"));
  EXPECT_TRUE(GlobMatches("**/*.jar", "x.jar"));
  EXPECT_TRUE(GlobMatches("**/*.jar", "opt/a/x.jar"));
  EXPECT_TRUE(GlobMatches("**/specifications/**/*.gemspec", "var/lib/gems/specifications/default/x-1.gemspec"));
  EXPECT_TRUE(GlobMatches("**/specifications/**/*.gemspec", "specifications/x.gemspec"));
  EXPECT_TRUE(GlobMatches("etc/os-release", "etc/os-release"));
  EXPECT_TRUE(GlobMatches("**/lib/lib/x", "lib/lib/lib/x"));
  EXPECT_TRUE(GlobMatches("**/a*b*c", "x/a--b--b-c"));
}

TEST(Glob, DoesNotMatch) {
  EXPECT_FALSE(GlobMatches("**/lib/dpkg/status", "var/lib/dpkg/status-old"));
  EXPECT_FALSE(GlobMatches("**/lib/dpkg/status", "var/mylib/dpkg/status"));
  EXPECT_FALSE(GlobMatches("**/lib/dpkg/status.d/*", "var/lib/dpkg/status.d/a/b"));
  EXPECT_FALSE(GlobMatches("etc/os-release", "x/etc/os-release"));
  EXPECT_FALSE(GlobMatches("**/*.jar", "x.jar/y"));
  EXPECT_FALSE(GlobMatches("a/**/b", "a"));
  EXPECT_FALSE(GlobMatches("**/specifications/**/*.gemspec", "var/x.gemspec"));
}

TEST(Glob, HostilePathsCostLittle) {
  const std::string many_a(4000, 'a');
  EXPECT_FALSE(GlobMatches("**/*a*a*a*a*a*b", many_a));
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "a/";
  EXPECT_FALSE(GlobMatches("**/a/**/a/**/a/b", deep + "c"));
}

}  // namespace
}  // namespace holdfast::catalog
