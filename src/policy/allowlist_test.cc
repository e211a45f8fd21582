#include "policy/allowlist.h"

#include <gtest/gtest.h>

#include <random>

#include "base/format.h"

namespace holdfast::policy {
namespace {

const AllowlistItem* NaiveFind(const std::vector<AllowlistItem>& items, std::string_view gate, const std::string& id,
                               std::int64_t now) {
  for (const AllowlistItem& item : items) {
    StepBudget budget{.left = 1'000'000};
    if (item.gate == gate && (!item.expires_at || now < *item.expires_at) &&
        WildcardMatches(item.trigger_id, id, budget))
      return &item;
  }
  return nullptr;
}

TEST(AllowlistIndex, FindsWhatLookingAtEachItemFinds) {
  std::mt19937 random(11);
  const auto text_of = [&](std::string_view letters, std::size_t length_max) {
    std::string text(1 + random() % length_max, ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    return text;
  };
  int found = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<AllowlistItem> items;
    for (std::size_t i = random() % 30; i-- > 0;) {
      AllowlistItem item{
          .id = Format("{}", i), .gate = random() % 2 ? "a" : "b", .trigger_id = text_of("xy+*", 6), .expires_at = {}};
      if (random() % 3 == 0) item.expires_at = static_cast<std::int64_t>(random() % 20);
      // Parts longer than what the index keys by.
      if (random() % 5 == 0) item.trigger_id = std::string(40, 'x') + item.trigger_id;
      items.push_back(item);
    }
    const AllowlistIndex index(items);
    for (int query = 0; query < 60; ++query) {
      std::string id = text_of("xy+", 6);
      if (random() % 4 == 0) id = std::string(40, 'x') + id;
      const std::string_view gate = random() % 2 ? "a" : "b";
      StepBudget budget{.left = 1'000'000};
      const AllowlistItem* expected = NaiveFind(items, gate, id, 10);
      ASSERT_EQ(index.Find(gate, {id}, 10, budget), expected) << id;
      found += expected == nullptr ? 0 : 1;
    }
  }
  EXPECT_GT(found, 1000);
}

TEST(AllowlistIndex, TakesAnyOfTheIds) {
  const std::vector<AllowlistItem> items = {{"1", "g", "0123456789abcdef0123456789abcdef", {}}, {"2", "g", "key", {}}};
  const AllowlistIndex index(items);
  StepBudget budget{.left = 1'000};
  EXPECT_EQ(index.Find("g", {"key", items[0].trigger_id}, 0, budget), items.data());
  EXPECT_EQ(index.Find("g", {"key"}, 0, budget), &items[1]);
  EXPECT_EQ(index.Find("h", {"key"}, 0, budget), nullptr);
  EXPECT_TRUE(index.NamesMessageIds("g"));
  EXPECT_FALSE(index.NamesMessageIds("h"));
  EXPECT_EQ(AllowlistIndex().Find("g", {"key"}, 0, budget), nullptr);
}

TEST(AllowlistIndex, LooksAtFewOfManyItems) {
  std::vector<AllowlistItem> items;
  for (int i = 0; i < 50'000; ++i) {
    items.push_back({"", "g", Format("CVE-2020-{}+*", i), {}});
    items.push_back({"", "g", Format("*+package-{}", i), {}});
  }
  const AllowlistIndex index(items);
  StepBudget budget{.left = 10'000};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(index.Find("g", {"CVE-2021-1+curl"}, 0, budget), nullptr);
  EXPECT_NE(index.Find("g", {"CVE-2020-49999+curl"}, 0, budget), nullptr);
  EXPECT_FALSE(budget.spent);
  EXPECT_GT(budget.left, 9'000U);
}

}  // namespace
}  // namespace holdfast::policy
