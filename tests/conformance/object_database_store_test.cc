// What only the database driver has: what writers leave that never ended.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "blob/database/database_store.h"
#include "support/test_database.h"
#include "support/test_support.h"

namespace holdfast::blob {
namespace {

using test::Value;

class DatabaseStoreTest : public testing::TestWithParam<test::Driver> {
 protected:
  [[nodiscard]] std::int64_t Count(std::string_view table_sql) {
    const store::Statement statement{"test.count", table_sql};
    return Value(database_->Read([&](store::Session& session) { return session.Run(statement); })).rows[0][0].Integer();
  }

  SystemClock clock_;
  test::TestDatabase test_{GetParam()};
  std::unique_ptr<store::Database> database_ = test_.OpenUpgraded();
  std::unique_ptr<ObjectStore> store_ = MakeDatabaseStore(*database_, clock_);
};

INSTANTIATE_TEST_SUITE_P(Drivers, DatabaseStoreTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

// Looks at the store, and then removes what is abandoned, while it is being stored.
class LookingSource final : public io::ByteSource {
 public:
  LookingSource(ObjectStore& store, std::int64_t remove_before_ms)
      : store_(store), remove_before_ms_(remove_before_ms) {}
  Result<Bytes> Next(std::size_t max) override {
    if (++calls_ > 5) return Bytes{};
    if (calls_ == 5) {
      EXPECT_FALSE(Value(store_.Exists("key")));
      EXPECT_TRUE(Value(store_.List("", "", 10)).empty()) << "a value that is not whole is listed";
      removed_ = Value(store_.RemoveAbandoned(remove_before_ms_));
    }
    return AsBytes(chunk_).first(std::min(max, chunk_.size()));
  }
  [[nodiscard]] std::uint64_t Removed() const { return removed_; }

 private:
  ObjectStore& store_;
  std::int64_t remove_before_ms_;
  std::string chunk_ = std::string(kChunkBytes, 'x');
  int calls_ = 0;
  std::uint64_t removed_ = 0;
};

TEST_P(DatabaseStoreTest, AnUploadIsNotAbandonedWhileItIsYoung) {
  LookingSource source(*store_, clock_.NowMs() - 3'600'000);
  Value(store_->Put("key", source));
  EXPECT_EQ(source.Removed(), 0U);
  EXPECT_EQ(Value(store_->GetBytes("key", 10 * kMiB)).size(), 5 * kMiB);
}

TEST_P(DatabaseStoreTest, OneThatIsRemovedFailsAndLeavesNothing) {
  LookingSource source(*store_, clock_.NowMs() + 3'600'000);
  test::ExpectError(store_->Put("key", source), ErrorKind::kUnavailable, "too long");
  EXPECT_EQ(source.Removed(), 1U);
  EXPECT_EQ(Count("SELECT count(*) FROM objects"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM object_chunks"), 0);
}

TEST_P(DatabaseStoreTest, ObjectsAreNotTakenForAbandoned) {
  Value(store_->PutBytes("small", "x"));
  Value(store_->PutBytes("large", std::string(3 * kMiB, 'x')));
  EXPECT_EQ(Value(store_->RemoveAbandoned(clock_.NowMs() + 3'600'000)), 0U);
  EXPECT_EQ(Value(store_->GetBytes("large", 10 * kMiB)).size(), 3 * kMiB);
}

TEST_P(DatabaseStoreTest, ASmallValueIsOneStatement) {
  std::vector<std::string> names;
  const auto watched = test_.Open({.observer = [&](std::string_view name, store::Access, std::int64_t, bool) {
    if (name.starts_with("object.")) names.emplace_back(name);
  }});
  const auto store = MakeDatabaseStore(*watched, clock_);
  Value(store->PutBytes("key", "one"));
  Value(store->PutBytes("key", "two"));
  EXPECT_EQ(Value(store->GetBytes("key", 10)), "two");
  EXPECT_EQ(names, (std::vector<std::string>{"object.put_small", "object.put_small", "object.get"}));
}

TEST_P(DatabaseStoreTest, AMissingOrDamagedChunkIsNoEnd) {
  Value(store_->PutBytes("key", std::string(3 * kMiB, 'x')));
  constexpr store::Statement kCut{"test.cut", "UPDATE object_chunks SET bytes = $1 WHERE number = 1"};
  (void)Value(database_->Write([&](store::Session& session) { return session.Run(kCut, {store::Blob{"short"}}); }));
  test::ExpectError(store_->GetBytes("key", 10 * kMiB), ErrorKind::kCorrupt, "chunk 1 has 5 bytes");
  constexpr store::Statement kDrop{"test.drop", "DELETE FROM object_chunks WHERE number = 1"};
  (void)Value(database_->Write([&](store::Session& session) { return session.Run(kDrop); }));
  test::ExpectError(store_->GetBytes("key", 10 * kMiB), ErrorKind::kUnavailable, "key");
}

}  // namespace
}  // namespace holdfast::blob
