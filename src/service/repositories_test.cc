#include "service/repositories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::service {
namespace {

TEST(RepositoryWatch, IsReadAsItWasWritten) {
  const RepositoryWatch watch{.autosubscribe = false, .lookup_tag = "stable", .looked = true, .tags = {"11", "12"}};
  const RepositoryWatch read = ReadRepositoryWatch(WriteRepositoryWatch(watch));
  EXPECT_FALSE(read.autosubscribe);
  EXPECT_TRUE(read.looked);
  EXPECT_EQ(read.lookup_tag, "stable");
  EXPECT_THAT(read.tags, testing::ElementsAre("11", "12"));
}

TEST(RepositoryWatch, OfAnythingElseHasNotLooked) {
  for (const char* text : {"", "[]", "{", R"({"repotags":"x","autosubscribe":"yes","lookuptag":null})"}) {
    const RepositoryWatch read = ReadRepositoryWatch(text);
    EXPECT_TRUE(read.autosubscribe) << text;
    EXPECT_FALSE(read.looked) << text;
    EXPECT_FALSE(read.lookup_tag.has_value()) << text;
    EXPECT_TRUE(read.tags.empty()) << text;
  }
}

TEST(RepositoryWatch, TakesNoMoreTagsThanAreLookedAt) {
  RepositoryWatch watch;
  watch.tags.assign(kRepositoryTagsMax + 1, "1");
  EXPECT_EQ(ReadRepositoryWatch(WriteRepositoryWatch(watch)).tags.size(), kRepositoryTagsMax);
}

}  // namespace
}  // namespace holdfast::service
