// What every database driver does alike. Each test gets an empty database of its own.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

#include "store/database.h"
#include "store/schema.h"
#include "support/test_database.h"

namespace holdfast::store {
namespace {

using namespace std::literals;
using test::Driver;
using test::ExpectError;
using test::TestDatabase;
using test::Value;

class StoreDatabaseTest : public testing::TestWithParam<Driver> {
 protected:
  [[nodiscard]] std::unique_ptr<Database> Open(test::TestDatabaseOptions options = {}) const {
    return test_.Open(std::move(options));
  }
  [[nodiscard]] bool IsPostgres() const { return GetParam() == Driver::kPostgres; }

  TestDatabase test_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Drivers, StoreDatabaseTest, testing::ValuesIn(test::AllDrivers()),
                         [](const auto& test) { return test::DriverName(test.param); });

constexpr Statement kMakeItems{"test.make_items",
                               "CREATE TABLE items (id @ID, name @TEXT NOT NULL UNIQUE, size BIGINT, weight DOUBLE "
                               "PRECISION, raw @BYTES); CREATE TABLE parts (item_id BIGINT NOT NULL REFERENCES "
                               "items(id), number BIGINT NOT NULL, PRIMARY KEY (item_id, number));"};
constexpr Statement kAddItem{"test.add_item",
                             "INSERT INTO items (name, size, weight, raw) VALUES ($1, $2, $3, $4) RETURNING id"};
constexpr Statement kAddName{"test.add_name", "INSERT INTO items (name) VALUES ($1)"};
constexpr Statement kAddPart{"test.add_part", "INSERT INTO parts (item_id, number) VALUES ($1, $2)"};
constexpr Statement kItems{"test.items", "SELECT id, name, size, weight, raw FROM items ORDER BY id"};
constexpr Statement kNames{"test.names", "SELECT name FROM items ORDER BY name"};
constexpr Statement kCount{"test.count", "SELECT count(*) FROM items"};
constexpr Statement kAddSize{"test.add_size", "UPDATE items SET size = coalesce(size, 0) + $2 WHERE name = $1"};
constexpr Statement kSize{"test.size", "SELECT size FROM items WHERE name = $1"};

void MakeItems(Database& database) {
  Value(database.Write([](Session& session) { return session.RunScript(kMakeItems); }));
}

Result<Rows> WriteOne(Database& database, const Statement& statement, const Parameters& parameters = {}) {
  return database.Write([&](Session& session) { return session.Run(statement, parameters); });
}

// In one transaction; what each of them returned.
Result<std::vector<Rows>> WriteAll(Database& database, const Statement& statement,
                                   const std::vector<Parameters>& sets) {
  return database.Write([&](Session& session) -> Result<std::vector<Rows>> {
    std::vector<Rows> results;
    for (const Parameters& parameters : sets) {
      HF_TRY(results.emplace_back(), session.Run(statement, parameters));
    }
    return results;
  });
}

Result<Rows> ReadOne(Database& database, const Statement& statement, const Parameters& parameters = {}) {
  return database.Read([&](Session& session) { return session.Run(statement, parameters); });
}

std::int64_t Integer(Database& database, const Statement& statement, const Parameters& parameters = {}) {
  return Value(ReadOne(database, statement, parameters)).rows.at(0).at(0).Integer();
}

std::vector<std::string> Names(Database& database) {
  std::vector<std::string> names;
  for (const Row& row : Value(ReadOne(database, kNames))) names.push_back(row.at(0).Text());
  return names;
}

std::string EveryByte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST_P(StoreDatabaseTest, ValuesComeBackAsTheyWere) {
  const auto database = Open();
  MakeItems(*database);
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  const std::vector<Parameters> sets = {
      {"plain"s, std::int64_t{0}, 0.0, Blob{""}},
      {""s, kMax, 0.1, Blob{EveryByte()}},
      {"äß \x01\n'\"\\ 漢"s, kMin, -1e300, Blob{std::string(3, '\0')}},
      {std::string(100'000, 'x'), std::int64_t{-1}, std::numeric_limits<double>::denorm_min(),
       Blob{std::string(1'000'000, '\xff')}},
      {"null"s, std::monostate(), std::monostate(), std::monostate()},
  };
  const auto ids = Value(WriteAll(*database, kAddItem, sets));
  ASSERT_EQ(ids.size(), sets.size());
  const Rows items = Value(ReadOne(*database, kItems));
  ASSERT_EQ(items.Size(), sets.size());
  EXPECT_EQ(items.changed, 0U);
  for (std::size_t i = 0; i + 1 < sets.size(); ++i) {
    const Row& row = items.rows[i];
    EXPECT_EQ(row[0].Integer(), ids[i].rows.at(0).at(0).Integer());
    EXPECT_EQ(row[1].Text(), std::get<std::string>(sets[i][0]));
    EXPECT_EQ(row[2].Integer(), std::get<std::int64_t>(sets[i][1]));
    EXPECT_EQ(row[3].Real(), std::get<double>(sets[i][2]));
    EXPECT_FALSE(row[4].IsNull());
    EXPECT_EQ(row[4].Bytes(), std::get<Blob>(sets[i][3]).bytes);
  }
  const Row& last = items.rows.back();
  EXPECT_TRUE(last[2].IsNull() && last[3].IsNull() && last[4].IsNull());
}

TEST_P(StoreDatabaseTest, ExpressionsHaveTheSameTypes) {
  const auto database = Open();
  MakeItems(*database);
  const auto cell = [&](std::string_view sql, const Parameters& parameters = {}) {
    return Value(ReadOne(*database, {"test.expression", sql}, parameters)).rows.at(0).at(0);
  };
  EXPECT_TRUE(cell("SELECT sum(size) FROM items").IsNull());
  constexpr std::int64_t kBig = std::int64_t{1} << 61;
  Value(WriteOne(*database, kAddItem, {"a"s, kBig, 0.5, std::monostate()}));
  Value(WriteOne(*database, kAddItem, {"b"s, kBig + 3, 0.25, std::monostate()}));
  EXPECT_EQ(cell("SELECT sum(size) FROM items").Integer(), 2 * kBig + 3);
  EXPECT_EQ(cell("SELECT sum(size) - sum(size) FROM items").OptionalInteger(), 0);
  EXPECT_EQ(cell("SELECT sum(-10000 * (size - $1)) FROM items", {kBig}).Integer(), -30000);
  EXPECT_EQ(cell("SELECT sum(weight) FROM items").Real(), 0.75);
  EXPECT_EQ(cell("SELECT count(*) FROM items").Integer(), 2);
  EXPECT_EQ(cell("SELECT size > 1 FROM items").Integer(), 1);
  EXPECT_EQ(cell("SELECT max(name) FROM items").Text(), "b");
  // A parameter is 64 bits wide beside a small constant too.
  EXPECT_EQ(cell("SELECT $1 + 1", {kBig}).Integer(), kBig + 1);
  EXPECT_EQ(cell("SELECT coalesce($1, 0)", {kBig}).Integer(), kBig);
  EXPECT_EQ(cell("SELECT $1", {1.5}).Real(), 1.5);
  EXPECT_EQ(cell("SELECT $1", {"t"s}).Text(), "t");
  EXPECT_EQ(cell("SELECT $1", {Blob{"\0b"s}}).Bytes(), "\0b"s);
  EXPECT_EQ(cell("SELECT $2 - $1", {std::int64_t{1}, std::int64_t{3}}).Integer(), 2);
}

TEST_P(StoreDatabaseTest, ANullMayComeBeforeTheFirstValue) {
  const auto database = Open();
  MakeItems(*database);
  const Statement add{"test.add_sum", "INSERT INTO items (name, size) VALUES ($1, coalesce($2, 7) + 1)"};
  constexpr std::int64_t kBig = std::int64_t{1} << 40;
  Value(database->Write([&](Session& session) -> Result<void> {
    HF_CHECK_OK(session.Run(add, {"first"s, std::monostate()}));
    HF_CHECK_OK(session.Run(add, {"second"s, kBig}));
    HF_CHECK_OK(session.Run(add, {"third"s, std::monostate()}));
    return {};
  }));
  EXPECT_EQ(Integer(*database, kSize, {"first"s}), 8);
  EXPECT_EQ(Integer(*database, kSize, {"second"s}), kBig + 1);
  EXPECT_EQ(Integer(*database, kSize, {"third"s}), 8);
}

TEST_P(StoreDatabaseTest, ListsAreSetsOfRows) {
  const auto database = Open();
  MakeItems(*database);
  const std::vector<std::string> names = {"a", "", "quote\" back\\ line\n tab\t", "ä漢", "{x,y}", "NULL"};
  std::vector<Parameters> sets;
  std::int64_t size = 0;
  for (const std::string& name : names) sets.push_back({name, ++size, std::monostate(), Blob{"\0\xff"s + name}});
  Value(WriteAll(*database, kAddItem, sets));
  const auto found = [&](std::string_view sql, ::holdfast::store::Value list) {
    return Value(ReadOne(*database, {"test.list", sql}, {std::move(list)})).Size();
  };
  constexpr std::string_view kInts = "SELECT id FROM items WHERE size IN (@INTS($1))";
  EXPECT_EQ(found(kInts, std::vector<std::int64_t>{1, 3, 99, 3}), 2U);
  EXPECT_EQ(found(kInts, std::vector<std::int64_t>{}), 0U);
  constexpr std::string_view kTexts = "SELECT id FROM items WHERE name IN (@TEXTS($1))";
  EXPECT_EQ(found(kTexts, names), names.size());
  EXPECT_EQ(found(kTexts, std::vector<std::string>{}), 0U);
  constexpr std::string_view kBlobs = "SELECT id FROM items WHERE raw IN (@BLOBS($1))";
  EXPECT_EQ(found(kBlobs, std::vector<Blob>{{"\0\xff"s}, {"\0\xff"s + "a"}, {""}}), 2U);
  EXPECT_EQ(found(kBlobs, std::vector<Blob>{}), 0U);
  // As a table, with extreme values, larger than any limit on the number of parameters.
  std::vector<std::int64_t> many = {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  for (std::int64_t i = 0; i < 100'000; ++i) many.push_back(i);
  const Rows least = Value(ReadOne(*database,
                                   {"test.table",
                                    "SELECT min(wanted.value), max(wanted.value), count(*) FROM "
                                    "(@INTS($1)) AS wanted"},
                                   {many}));
  EXPECT_EQ(least.rows[0][0].Integer(), many[0]);
  EXPECT_EQ(least.rows[0][1].Integer(), many[1]);
  EXPECT_EQ(least.rows[0][2].Integer(), 100'002);
}

TEST_P(StoreDatabaseTest, TextsCompareByteByByte) {
  const auto database = Open();
  MakeItems(*database);
  for (const char* name : {"b", "a", "B", "_", "a-b", "ab", "ä"}) Value(WriteOne(*database, kAddName, {name}));
  EXPECT_EQ(Names(*database), (std::vector<std::string>{"B", "_", "a", "a-b", "ab", "b", "ä"}));
}

TEST_P(StoreDatabaseTest, TextMustBeUtf8WithoutZeroBytes) {
  const auto database = Open();
  MakeItems(*database);
  ExpectError(WriteOne(*database, kAddName, {"\xff"s}), ErrorKind::kInvalidInput, "test.add_name: parameter 1");
  ExpectError(WriteOne(*database, kAddName, {"a\0b"s}), ErrorKind::kInvalidInput, "test.add_name: parameter 1");
  ExpectError(
      ReadOne(*database, {"test.list", "SELECT 1 WHERE 'a' IN (@TEXTS($1))"}, {std::vector<std::string>{"a", "\xc0"}}),
      ErrorKind::kInvalidInput, "test.list: parameter 1");
  EXPECT_EQ(Integer(*database, kCount), 0);
}

TEST_P(StoreDatabaseTest, ChangedCountsWhatAStatementTouched) {
  const auto database = Open();
  MakeItems(*database);
  const auto changed = [&](std::string_view sql, const Parameters& parameters = {}) {
    return Value(WriteOne(*database, {"test.change", sql}, parameters)).changed;
  };
  EXPECT_EQ(changed("INSERT INTO items (name) VALUES ('a'), ('b'), ('c')"), 3U);
  EXPECT_EQ(changed("SELECT id FROM items"), 0U);
  EXPECT_EQ(changed("UPDATE items SET size = 1 WHERE name <> 'a'"), 2U);
  EXPECT_EQ(changed("UPDATE items SET size = 1 WHERE name = 'z'"), 0U);
  EXPECT_EQ(changed("INSERT INTO items (name) VALUES ('a') ON CONFLICT (name) DO NOTHING"), 0U);
  EXPECT_EQ(changed("INSERT INTO items (name) VALUES ('a') ON CONFLICT (name) DO UPDATE SET size = 9"), 1U);
  EXPECT_EQ(changed("INSERT INTO items (name) VALUES ($1) RETURNING id", {"d"s}), 1U);
  EXPECT_EQ(changed("DELETE FROM items WHERE size = 1"), 2U);
  EXPECT_EQ(changed("CREATE TABLE other (id @ID)"), 0U);
}

TEST_P(StoreDatabaseTest, BrokenRulesAreConflictsAndNameTheStatementOnly) {
  const auto database = Open();
  MakeItems(*database);
  Value(WriteOne(*database, kAddName, {"secret"s}));
  const auto unique = WriteOne(*database, kAddName, {"secret"s});
  ExpectError(unique, ErrorKind::kConflict, "test.add_name: ");
  EXPECT_EQ(unique.error().Message().find("secret"), std::string::npos) << unique.error().Message();
  ExpectError(WriteOne(*database, kAddPart, {std::int64_t{4711}, std::int64_t{1}}), ErrorKind::kConflict,
              "test.add_part: ");
  Value(WriteOne(*database, {"test.part", "INSERT INTO parts SELECT id, 1 FROM items"}));
  ExpectError(WriteOne(*database, {"test.delete", "DELETE FROM items"}), ErrorKind::kConflict, "test.delete: ");
  ExpectError(WriteOne(*database, {"test.part", "INSERT INTO parts SELECT id, 1 FROM items"}), ErrorKind::kConflict);
  ExpectError(WriteOne(*database, kAddName, {std::monostate()}), ErrorKind::kInternal, "test.add_name: ");
}

TEST_P(StoreDatabaseTest, MistakesAreInternal) {
  const auto database = Open();
  MakeItems(*database);
  ExpectError(ReadOne(*database, {"test.syntax", "SELEC 1"}), ErrorKind::kInternal, "test.syntax: ");
  ExpectError(ReadOne(*database, {"test.name", "SELECT nothing FROM items"}), ErrorKind::kInternal, "test.name: ");
  ExpectError(ReadOne(*database, {"test.two", "SELECT 1; SELECT 2"}), ErrorKind::kInternal, "test.two: ");
  ExpectError(ReadOne(*database, kSize), ErrorKind::kInternal, "test.size: ");
  ExpectError(ReadOne(*database, kCount, {std::int64_t{1}}), ErrorKind::kInternal, "test.count: ");
  // A reader does not write.
  ExpectError(ReadOne(*database, kAddName, {"a"s}), ErrorKind::kInternal, "test.add_name: ");
  ExpectError(database->Write([](Session& session) { return session.Notify("Bad;"); }), ErrorKind::kInternal);
  // The connections are none the worse for it.
  EXPECT_EQ(Integer(*database, kCount), 0);
  Value(WriteOne(*database, kAddName, {"a"s}));
  EXPECT_EQ(database->Pool().busy, 0U);
}

TEST_P(StoreDatabaseTest, AnErrorRollsBack) {
  const auto database = Open();
  MakeItems(*database);
  const auto refused = database->Write([](Session& session) -> Result<void> {
    HF_CHECK_OK(session.Run(kAddName, {"a"s}));
    return Fail(ErrorKind::kNotFound, "changed my mind");
  });
  ExpectError(refused, ErrorKind::kNotFound, "changed my mind");
  EXPECT_THROW((void)database->Write([](Session& session) -> Result<void> {
    HF_CHECK_OK(session.Run(kAddName, {"b"s}));
    throw std::runtime_error("a bug");
  }),
               std::runtime_error);
  EXPECT_EQ(Integer(*database, kCount), 0);
  EXPECT_EQ(database->Pool().busy, 0U);
}

TEST_P(StoreDatabaseTest, AFailedStatementBreaksTheTransactionEvenWhenItIsIgnored) {
  const auto database = Open();
  MakeItems(*database);
  const auto ignored = database->Write([](Session& session) -> Result<void> {
    HF_CHECK_OK(session.Run(kAddName, {"a"s}));
    EXPECT_FALSE(session.Run(kAddName, {"a"s}).has_value());
    ExpectError(session.Run(kAddName, {"b"s}), ErrorKind::kConflict, "test.add_name");
    ExpectError(session.Run(kCount), ErrorKind::kConflict, "test.add_name");
    return {};
  });
  ExpectError(ignored, ErrorKind::kConflict, "test.add_name");
  EXPECT_EQ(Integer(*database, kCount), 0);
}

TEST_P(StoreDatabaseTest, AReaderSeesOneState) {
  const auto database = Open();
  MakeItems(*database);
  Value(database->Read([&](Session& session) -> Result<void> {
    HF_TRY(const Rows before, session.Run(kCount));
    EXPECT_EQ(before.rows[0][0].Integer(), 0);
    Value(WriteOne(*database, kAddName, {"a"s}));
    HF_TRY(const Rows after, session.Run(kCount));
    EXPECT_EQ(after.rows[0][0].Integer(), 0);
    return {};
  }));
  EXPECT_EQ(Integer(*database, kCount), 1);
}

TEST_P(StoreDatabaseTest, ATransactionWithoutStatementsIsFine) {
  const auto database = Open();
  Value(database->Write([](Session&) -> Result<void> { return {}; }));
  EXPECT_EQ(Value(database->Read([](Session&) -> Result<int> { return 7; })), 7);
}

constexpr SetStatement kAddItems{
    "test.add_items", "INSERT INTO items (name, size, weight, raw) VALUES ($1, $2, $3, $4) RETURNING name, id",
    "INSERT INTO items (name, size, weight, raw) SELECT * FROM unnest($1::text[], $2::bigint[], $3::float8[], "
    "$4::bytea[]) RETURNING name, id"};

TEST_P(StoreDatabaseTest, ASetOfRowsIsOneStatement) {
  std::vector<std::string> observed;
  const auto database =
      Open({.observer = [&](std::string_view name, Access, std::int64_t, bool) { observed.emplace_back(name); }});
  MakeItems(*database);
  const std::vector<Parameters> rows = {
      {"plain"s, std::int64_t{7}, 0.5, Blob{EveryByte()}},
      {""s, std::monostate(), std::monostate(), std::monostate()},
      {"NULL, {\"a\\b\"} '"s, std::int64_t{-1}, -1e300, Blob{""}},
  };
  observed.clear();
  const Rows added = Value(database->Write([&](Session& session) { return session.RunSet(kAddItems, rows); }));
  EXPECT_EQ(observed, (std::vector<std::string>{"test.add_items", "commit"}));
  EXPECT_EQ(added.changed, 3U);
  std::set<std::string> names;
  for (const Row& row : added) names.insert(row.at(0).Text());
  EXPECT_EQ(names, (std::set<std::string>{"plain", "", "NULL, {\"a\\b\"} '"}));
  const Rows items = Value(ReadOne(*database, kItems));
  ASSERT_EQ(items.Size(), 3U);
  for (const Row& row : items) {
    const auto wanted =
        std::ranges::find_if(rows, [&](const Parameters& one) { return one[0] == Parameters{row[1].Text()}[0]; });
    ASSERT_NE(wanted, rows.end());
    EXPECT_EQ(row[2].IsNull(), std::holds_alternative<std::monostate>((*wanted)[1]));
    if (const auto* size = std::get_if<std::int64_t>(&(*wanted)[1])) EXPECT_EQ(row[2].Integer(), *size);
    if (const auto* weight = std::get_if<double>(&(*wanted)[2])) EXPECT_EQ(row[3].Real(), *weight);
    if (const auto* raw = std::get_if<Blob>(&(*wanted)[3])) EXPECT_EQ(row[4].Bytes(), raw->bytes);
  }
  EXPECT_TRUE(Value(database->Write([&](Session& session) { return session.RunSet(kAddItems, {}); })).Empty());
}

TEST_P(StoreDatabaseTest, ASetMayHaveColumnsWithNothingButNull) {
  const auto database = Open();
  MakeItems(*database);
  const auto add = [&](std::string_view name, store::Value size) {
    const std::vector<Parameters> rows = {
        {std::string(name) + "1", size, std::monostate(), std::monostate()},
        {std::string(name) + "2", std::monostate(), std::monostate(), std::monostate()},
    };
    test::Value(database->Write([&](Session& session) { return session.RunSet(kAddItems, rows); }));
  };
  // First unknown, then known, then unknown to a connection that knew it.
  add("a", std::monostate());
  add("b", std::int64_t{5});
  add("c", std::monostate());
  EXPECT_EQ(Integer(*database, {"test.sum", "SELECT sum(size) FROM items"}), 5);
  EXPECT_EQ(Integer(*database, kCount), 6);
}

TEST_P(StoreDatabaseTest, ASetMayBeLarge) {
  const auto database = Open();
  MakeItems(*database);
  std::vector<Parameters> rows;
  for (int i = 0; i < 25'000; ++i)
    rows.push_back({fmt::format("{:05}", i), std::int64_t{i}, std::monostate(), Blob{std::string(300, 'x')}});
  const Rows added = Value(database->Write([&](Session& session) { return session.RunSet(kAddItems, rows); }));
  EXPECT_EQ(added.Size(), rows.size());
  EXPECT_EQ(added.changed, rows.size());
  EXPECT_EQ(Integer(*database, kCount), 25'000);
}

TEST_P(StoreDatabaseTest, ASetFailsAsAWhole) {
  const auto database = Open();
  MakeItems(*database);
  const auto row = [](std::string name) {
    return Parameters{std::move(name), std::monostate(), std::monostate(), std::monostate()};
  };
  const auto try_set = [&](const std::vector<Parameters>& rows) {
    return database->Write([&](Session& session) { return session.RunSet(kAddItems, rows); });
  };
  ExpectError(try_set({row("a"), row("b"), row("a")}), ErrorKind::kConflict, "test.add_items: ");
  ExpectError(try_set({row("a"), {"b"s}}), ErrorKind::kInternal, "test.add_items: ");
  ExpectError(try_set({row("a"), row("b\xff")}), ErrorKind::kInvalidInput, "test.add_items: ");
  EXPECT_EQ(Integer(*database, kCount), 0);
}

TEST_P(StoreDatabaseTest, ATableMayChangeUnderAPreparedStatement) {
  const auto database = Open();
  MakeItems(*database);
  const Statement all{"test.all", "SELECT * FROM items"};
  Value(WriteOne(*database, kAddName, {"a"s}));
  EXPECT_EQ(Value(ReadOne(*database, all)).rows.at(0).size(), 5U);
  Value(database->Write(
      [](Session& session) { return session.RunScript({"test.alter", "ALTER TABLE items ADD COLUMN extra BIGINT"}); }));
  EXPECT_EQ(Value(ReadOne(*database, all)).rows.at(0).size(), 6U);
}

TEST_P(StoreDatabaseTest, TheObserverHearsOfEveryStatement) {
  std::mutex mutex;
  std::vector<std::string> heard;
  const auto database = Open({.observer = [&](std::string_view name, Access access, std::int64_t us, bool failed) {
    const std::lock_guard lock(mutex);
    EXPECT_GE(us, 0);
    heard.push_back(fmt::format("{} {} {}", name, access == Access::kRead ? "read" : "write", failed));
  }});
  MakeItems(*database);
  heard.clear();
  Value(WriteOne(*database, kAddName, {"a"s}));
  (void)WriteOne(*database, kAddName, {"a"s});
  Value(ReadOne(*database, kCount));
  EXPECT_EQ(heard, (std::vector<std::string>{"test.add_name write false", "commit write false",
                                             "test.add_name write true", "test.count read false"}));
}

TEST_P(StoreDatabaseTest, WritersSideBySideLoseNothing) {
  const auto database = Open();
  MakeItems(*database);
  Value(WriteOne(*database, kAddName, {"counter"s}));
  constexpr int kThreads = 8;
  constexpr int kRounds = 50;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kRounds; ++i) Value(WriteOne(*database, kAddSize, {"counter"s, std::int64_t{1}}));
      });
    }
  }
  EXPECT_EQ(Integer(*database, kSize, {"counter"s}), kThreads * kRounds);
}

// Each transaction locks two rows, half of them in the other order: deadlocks on PostgreSQL, which are tried again.
TEST_P(StoreDatabaseTest, BrokenTransactionsAreDoneAgain) {
  const auto database = Open();
  MakeItems(*database);
  Value(WriteOne(*database, kAddName, {"a"s}));
  Value(WriteOne(*database, kAddName, {"b"s}));
  std::latch both(2);
  std::atomic<int> calls = 0;
  const auto add = [&](const std::string& first, const std::string& second) {
    bool waited = false;
    Value(database->Write([&](Session& session) -> Result<void> {
      ++calls;
      HF_CHECK_OK(session.Run(kAddSize, {first, std::int64_t{1}}));
      // Only where writers run side by side can both be here.
      if (session.Kind() == Dialect::kPostgres && !std::exchange(waited, true)) both.arrive_and_wait();
      HF_CHECK_OK(session.Run(kAddSize, {second, std::int64_t{1}}));
      return {};
    }));
  };
  {
    const std::jthread one([&] { add("a", "b"); });
    const std::jthread two([&] { add("b", "a"); });
  }
  EXPECT_EQ(Integer(*database, kSize, {"a"s}), 2);
  EXPECT_EQ(Integer(*database, kSize, {"b"s}), 2);
  EXPECT_EQ(calls, IsPostgres() ? 3 : 2);
}

constexpr Statement kClaim{"test.claim",
                           "UPDATE items SET size = $1 WHERE id = (SELECT id FROM items WHERE size IS NULL ORDER BY id "
                           "LIMIT 1 @SKIP_LOCKED) RETURNING id"};

TEST_P(StoreDatabaseTest, NoJobIsClaimedTwice) {
  const auto database = Open();
  MakeItems(*database);
  constexpr std::size_t kJobs = 300;
  std::vector<Parameters> sets;
  for (std::size_t i = 0; i < kJobs; ++i) sets.push_back({fmt::format("job {}", i)});
  Value(WriteAll(*database, kAddName, sets));
  std::mutex mutex;
  std::multiset<std::int64_t> claimed;
  {
    std::vector<std::jthread> threads;
    for (std::int64_t t = 0; t < 6; ++t) {
      threads.emplace_back([&, t] {
        for (;;) {
          const Rows job = Value(WriteOne(*database, kClaim, {t}));
          if (job.Empty()) return;
          const std::lock_guard lock(mutex);
          claimed.insert(job.rows[0][0].Integer());
        }
      });
    }
  }
  EXPECT_EQ(claimed.size(), kJobs);
  EXPECT_EQ(std::set<std::int64_t>(claimed.begin(), claimed.end()).size(), kJobs);
}

TEST_P(StoreDatabaseTest, ALockedRowIsSkippedOrWaitedFor) {
  const auto database = Open();
  MakeItems(*database);
  Value(WriteOne(*database, kAddName, {"a"s}));
  Value(WriteOne(*database, kAddName, {"b"s}));
  if (!IsPostgres()) return;  // one writer at a time
  Value(database->Write([&](Session& session) -> Result<void> {
    HF_TRY(const Rows mine, session.Run(kClaim, {std::int64_t{1}}));
    HF_TRY(const Rows other, WriteOne(*database, kClaim, {std::int64_t{2}}));
    EXPECT_NE(mine.rows.at(0).at(0).Integer(), other.rows.at(0).at(0).Integer());
    return {};
  }));
}

TEST_P(StoreDatabaseTest, NotifyIsHeardAfterTheCommitAndNotWithoutOne) {
  const auto database = Open();
  while (database->WaitFor("jobs", 0)) {
  }
  (void)database->Write([](Session& session) -> Result<void> {
    HF_CHECK_OK(session.Notify("jobs"));
    return Fail(ErrorKind::kNotFound, "rolled back");
  });
  Value(database->Write([&](Session& session) -> Result<void> {
    HF_CHECK_OK(session.Notify("jobs"));
    HF_CHECK_OK(session.Notify("jobs"));
    return {};
  }));
  EXPECT_TRUE(database->WaitFor("jobs", 60'000));
}

TEST_P(StoreDatabaseTest, NotifyReachesEveryWaitingThread) {
  const auto database = Open();
  std::atomic<int> heard = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { heard += database->WaitFor("jobs", 60'000) ? 1 : 0; });
    Value(database->Write([](Session& session) { return session.Notify("jobs"); }));
  }
  EXPECT_EQ(heard, 4);
}

TEST_P(StoreDatabaseTest, StopWaitingEndsWaits) {
  const auto database = Open();
  while (database->WaitFor("jobs", 0)) {
  }
  {
    const std::jthread waiting([&] {
      while (database->WaitFor("other", 3'600'000)) {
      }
    });
    database->StopWaiting();
  }
  EXPECT_FALSE(database->WaitFor("jobs", 3'600'000));
}

TEST_P(StoreDatabaseTest, AnExhaustedPoolIsUnavailable) {
  const auto database = Open({.connections = 1, .pool_timeout_ms = 20});
  MakeItems(*database);
  for (const Access access : {Access::kRead, Access::kWrite}) {
    Value(database->Transact(access, [&](Session& session) -> Result<void> {
      HF_CHECK_OK(session.Run(kCount));
      EXPECT_GE(database->Pool().busy, 1U);
      ExpectError(database->Transact(access, [](Session&) -> Result<void> { return {}; }), ErrorKind::kUnavailable,
                  "20 ms");
      return {};
    }));
  }
  EXPECT_EQ(database->Pool().busy, 0U);
  EXPECT_EQ(database->Pool().waiting, 0U);
  EXPECT_GE(database->Pool().size_max, 1U);
  EXPECT_GE(database->Pool().open, 1U);
  EXPECT_EQ(Integer(*database, kCount), 0);
}

TEST_P(StoreDatabaseTest, WhoWaitsGetsTheNextFreeConnection) {
  const auto database = Open({.connections = 1});
  MakeItems(*database);
  std::jthread waiting;
  Value(database->Write([&](Session& session) -> Result<void> {
    waiting = std::jthread([&] { Value(WriteOne(*database, kAddName, {"second"s})); });
    while (database->Pool().waiting == 0) std::this_thread::yield();
    HF_CHECK_OK(session.Run(kAddName, {"first"s}));
    return {};
  }));
  waiting.join();
  EXPECT_EQ(Integer(*database, kCount), 2);
}

TEST_P(StoreDatabaseTest, AStatementThatTakesTooLongIsUnavailable) {
  const auto database = Open({.statement_timeout_ms = 100});
  MakeItems(*database);
  const Statement endless{
      "test.endless",
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT (i + 1) % 1000 FROM n) SELECT count(*) FROM n"};
  ExpectError(ReadOne(*database, endless), ErrorKind::kUnavailable, "test.endless: ");
  ExpectError(database->Write([&](Session& session) -> Result<void> {
    HF_CHECK_OK(session.Run(kAddName, {"a"s}));
    HF_CHECK_OK(session.Run(endless));
    return {};
  }),
              ErrorKind::kUnavailable, "test.endless: ");
  EXPECT_EQ(Integer(*database, kCount), 0);
}

TEST_P(StoreDatabaseTest, UpgradesAnEmptyDatabaseOnce) {
  const auto database = Open();
  EXPECT_EQ(Value(SchemaVersion(*database)), 0);
  ExpectError(CheckSchema(*database), ErrorKind::kUnsupported, "run holdfast db upgrade");
  Value(Upgrade(*database));
  Value(CheckSchema(*database));
  EXPECT_EQ(Value(SchemaVersion(*database)), Migrations().back().number);
  Value(Upgrade(*database));
  const Statement migrations{"test.migrations", "SELECT count(*) FROM schema_migrations"};
  EXPECT_EQ(Integer(*database, migrations), static_cast<std::int64_t>(Migrations().size()));
}

TEST_P(StoreDatabaseTest, ReplicasUpgradeTogether) {
  std::vector<std::jthread> threads;
  std::latch ready(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto database = Open({.connections = 2});
      ready.arrive_and_wait();
      Value(Upgrade(*database));
      Value(CheckSchema(*database));
    });
  }
  threads.clear();
  const Statement migrations{"test.migrations", "SELECT count(*) FROM schema_migrations"};
  EXPECT_EQ(Integer(*Open(), migrations), static_cast<std::int64_t>(Migrations().size()));
}

TEST_P(StoreDatabaseTest, ANewerSchemaIsRefused) {
  const auto database = Open();
  Value(Upgrade(*database));
  Value(WriteOne(*database, {"test.newer", "INSERT INTO schema_migrations (version, name) VALUES (9999, 'future')"}));
  ExpectError(CheckSchema(*database), ErrorKind::kUnsupported, "schema 9999");
  ExpectError(Upgrade(*database), ErrorKind::kUnsupported, "schema 9999");
}

TEST_P(StoreDatabaseTest, AMigrationRunsWholeOrNotAtAll) {
  const auto database = Open();
  const std::array good = {Migration{1, "0001_one",
                                     "CREATE TABLE one (id @ID); -- a comment; with a semicolon\n"
                                     "INSERT INTO one (id) VALUES (1);"}};
  const std::array bad = {good[0], Migration{2, "0002_two", "CREATE TABLE two (id @ID); CREATE TABLE one (id @ID);"}};
  ExpectError(Upgrade(*database, bad), ErrorKind::kInternal, "migration 0002_two");
  EXPECT_EQ(Value(SchemaVersion(*database)), 1);
  ExpectError(ReadOne(*database, {"test.two", "SELECT * FROM two"}), ErrorKind::kInternal);
  const std::array mended = {good[0], Migration{2, "0002_two", "CREATE TABLE two (id @ID);"}};
  Value(Upgrade(*database, mended));
  EXPECT_EQ(Value(SchemaVersion(*database)), 2);
  EXPECT_TRUE(Value(ReadOne(*database, {"test.two", "SELECT * FROM two"})).Empty());
}

// Of each foreign key: the referring table, and its columns in order, comma-separated.
constexpr Statement kForeignKeys{
    "test.foreign_keys",
    "SELECT t.name, group_concat(f.\"from\", ',') FROM sqlite_master t, pragma_foreign_key_list(t.name) f "
    "WHERE t.type = 'table' GROUP BY t.name, f.id",
    "SELECT c.conrelid::regclass::text, string_agg(a.attname::text, ',' ORDER BY k.n) FROM pg_constraint c, "
    "unnest(c.conkey) WITH ORDINALITY AS k(attnum, n), pg_attribute a WHERE c.contype = 'f' AND a.attrelid = "
    "c.conrelid AND a.attnum = k.attnum GROUP BY c.oid, c.conrelid"};
// Of each index that covers the whole table: the table, and its columns in order, with a comma at the end.
constexpr Statement kIndexes{
    "test.indexes",
    "SELECT t.name, (SELECT group_concat(name, ',') || ',' FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY "
    "seqno)) FROM sqlite_master t, pragma_index_list(t.name) i WHERE t.type = 'table' AND i.partial = 0",
    "SELECT i.indrelid::regclass::text, string_agg(a.attname::text, ',' ORDER BY k.n) || ',' FROM pg_index i, "
    "unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n), pg_attribute a WHERE i.indpred IS NULL AND a.attrelid "
    "= i.indrelid AND a.attnum = k.attnum GROUP BY i.indexrelid, i.indrelid"};

TEST_P(StoreDatabaseTest, EveryForeignKeyHasAnIndex) {
  const auto database = Open();
  Value(Upgrade(*database));
  std::multimap<std::string, std::string> indexes;
  for (const Row& row : Value(ReadOne(*database, kIndexes))) indexes.emplace(row.at(0).Text(), row.at(1).Text());
  const Rows keys = Value(ReadOne(*database, kForeignKeys));
  EXPECT_GE(keys.Size(), 20U);
  for (const Row& key : keys) {
    const auto [begin, end] = indexes.equal_range(key.at(0).Text());
    const std::string columns = key.at(1).Text() + ",";
    EXPECT_TRUE(std::any_of(begin, end, [&](const auto& index) { return index.second.starts_with(columns); }))
        << key.at(0).Text() << "(" << columns << ") has no index";
  }
}

// Both dialects make the same tables: names and order of columns, and what may be NULL.
constexpr Statement kColumns{
    "test.columns",
    "SELECT t.name || '.' || c.name || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN '' ELSE '?' END FROM sqlite_master "
    "t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid",
    "SELECT (table_name || '.' || column_name || CASE WHEN is_nullable = 'NO' THEN '' ELSE '?' END)::text FROM "
    "information_schema.columns WHERE table_schema = 'public' ORDER BY table_name COLLATE \"C\", ordinal_position"};

TEST(StoreSchemaTest, IsTheSameOnBothDrivers) {
  std::vector<std::vector<std::string>> columns;
  for (const Driver driver : test::AllDrivers()) {
    const TestDatabase test(driver);
    auto& names = columns.emplace_back();
    for (const Row& row : Value(ReadOne(*test.OpenUpgraded(), kColumns))) names.push_back(row.at(0).Text());
  }
  EXPECT_GT(columns[0].size(), 100U);
  EXPECT_EQ(columns[0], columns[1]);
}

}  // namespace
}  // namespace holdfast::store
