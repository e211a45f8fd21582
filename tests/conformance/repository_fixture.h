// What the tests of the store's repositories share: a new database with the newest schema, rows to begin with, and a
// session that asks the database for the plan of each statement before it runs it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "store/accounts.h"
#include "store/database.h"
#include "store/images.h"
#include "support/test_database.h"

namespace holdfast::store {

inline constexpr std::int64_t kNow = 1'764'036'000'000;

// The n-th of digests that differ.
[[nodiscard]] inline Digest DigestOf(std::uint64_t n) {
  Sha256Value value;
  for (int i = 0; i < 8; ++i) value.bytes.at(static_cast<std::size_t>(i)) = static_cast<std::uint8_t>(n >> (8 * i));
  value.bytes[31] = 1;
  return Digest(value);
}

// Runs statements as the session that it wraps does, and remembers which of the watched tables a statement reads from
// end to end: on SQLite a SCAN, on PostgreSQL (where scanning is made expensive first) a Seq Scan, or an index that is
// read without a condition.
class ExplainingSession final : public Session {
 public:
  ExplainingSession(Session& session, std::set<std::string> watched) : session_(session), watched_(std::move(watched)) {
    test::Value(session_.RunScript({"test.analyze", "ANALYZE"}));
    if (Kind() == Dialect::kPostgres)
      test::Value(session_.Run({"test.no_scans", "SELECT set_config('enable_seqscan', 'off', true)"}));
  }

  [[nodiscard]] Dialect Kind() const override { return session_.Kind(); }
  [[nodiscard]] Result<Rows> Run(const Statement& statement, const Parameters& parameters) override {
    Explain(statement, parameters);
    return session_.Run(statement, parameters);
  }
  [[nodiscard]] Result<Rows> RunSet(const SetStatement& statement, std::span<const Parameters> rows) override {
    if (!rows.empty()) {
      const std::string& each = ExplainText(statement.each);
      const std::string& all = ExplainText(statement.all);
      Look(statement.name, test::Value(session_.RunSet({"test.explain", each, all}, rows.first(1))));
    }
    return session_.RunSet(statement, rows);
  }
  [[nodiscard]] Result<void> RunScript(const Statement& script) override { return session_.RunScript(script); }
  [[nodiscard]] Result<void> Notify(std::string_view channel) override { return session_.Notify(channel); }

  // "job.claim: SCAN jobs", one a line.
  [[nodiscard]] const std::string& Scans() const { return scans_; }
  [[nodiscard]] std::size_t Explained() const { return texts_.size(); }

 private:
  // Stays where it is, as the texts of statements must.
  const std::string& ExplainText(std::string_view sql) {
    return texts_.emplace_back((Kind() == Dialect::kSqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN (COSTS OFF) ") +
                               std::string(sql));
  }

  void Explain(const Statement& statement, const Parameters& parameters) {
    const std::string& text = ExplainText(TextFor(statement, Kind()));
    Look(statement.name, test::Value(session_.Run({"test.explain", text}, parameters)));
  }

  void Look(std::string_view name, const Rows& plan) {
    const bool sqlite = Kind() == Dialect::kSqlite;
    std::vector<std::string> lines;
    for (const Row& row : plan) lines.push_back(row.at(sqlite ? 3 : 0).Text());
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (sqlite ? IsSqliteScan(lines[i]) : IsPostgresScan(lines, i))
        scans_ += std::string(name) + ": " + lines[i] + "\n";
  }

  [[nodiscard]] bool IsSqliteScan(const std::string& line) const {
    if (!line.starts_with("SCAN ") || IsShortIndex(line)) return false;
    const std::string what = line.substr(5, line.find(' ', 5) - 5);
    return watched_.contains(what) || watched_.contains(Alias(what));
  }

  [[nodiscard]] bool IsPostgresScan(const std::vector<std::string>& lines, std::size_t at) const {
    const std::string& line = lines[at];
    const bool by_index = line.contains("Index Scan") || line.contains("Index Only Scan");
    if (!by_index && !line.contains("Seq Scan")) return false;
    // "->  Index Scan using jobs_claim on jobs other"; what an index scan looks for is in the lines below.
    const std::size_t on = line.find(" on ");
    if (on == std::string::npos) return false;
    const std::string table = line.substr(on + 4, line.find(' ', on + 4) - on - 4);
    if (!watched_.contains(table) && !line.contains("Bitmap")) return false;
    if (!by_index) return true;
    if (IsShortIndex(line)) return false;
    for (std::size_t next = at + 1; next < lines.size() && !lines[next].contains("->"); ++next)
      if (lines[next].contains("Index Cond")) return false;
    return true;
  }

  // Indexes of what is in hand at the moment, however much there is in all.
  [[nodiscard]] static bool IsShortIndex(const std::string& line) {
    return line.contains(" jobs_lease") || line.contains(" images_deleting") || line.contains(" images_analyzing") ||
           line.contains(" analyses_unmatched");
  }

  // SQLite names what it scans by its alias: the tests watch tables whose aliases are their first letters.
  [[nodiscard]] static std::string Alias(const std::string& alias) {
    static const std::map<std::string, std::string> tables = {
        {"i", "images"},   {"t", "image_tags"},      {"a", "analyses"},      {"c", "contexts"}, {"m", "set_contexts"},
        {"f", "findings"}, {"v", "vulnerabilities"}, {"s", "subscriptions"}, {"own", "jobs"},   {"other", "jobs"}};
    const auto found = tables.find(alias);
    return found == tables.end() ? std::string() : found->second;
  }

  Session& session_;
  std::set<std::string> watched_;
  std::deque<std::string> texts_;  // stay where they are, as statements refer to them
  std::string scans_;
};

class RepositoryTest : public testing::TestWithParam<test::Driver> {
 protected:
  [[nodiscard]] bool IsPostgres() const { return GetParam() == test::Driver::kPostgres; }

  // What `work` answers in a transaction; an error fails the test.
  template <typename Work>
  auto Do(Work&& work) {
    return test::Value(database_->Write(std::forward<Work>(work)));
  }
  template <typename Work>
  auto Try(Work&& work) {
    return database_->Write(std::forward<Work>(work));
  }

  std::int64_t AddAccount(std::string_view name, std::string_view state = "enabled") {
    return Do([&](Session& session) {
             return InsertAccount(session, {.name = std::string(name),
                                            .type = "user",
                                            .state = std::string(state),
                                            .created_at = kNow,
                                            .updated_at = kNow});
           })
        .id;
  }
  Image AddImage(std::int64_t account_id, std::uint64_t digest) {
    return Do([&](Session& session) {
      return UpsertImage(session, {.account_id = account_id, .digest = DigestOf(digest), .created_at = kNow}, kNow);
    });
  }
  std::int64_t Integer(std::string_view sql, const Parameters& parameters = {}) {
    return Do([&](Session& session) { return session.Run({"test.integer", sql}, parameters); })
        .rows.at(0)
        .at(0)
        .Integer();
  }

  // Runs `work`, and expects that none of its statements reads one of the tables from end to end.
  template <typename Work>
  void ExpectNoScan(std::set<std::string> tables, Work&& work) {
    Do([&](Session& session) -> Result<void> {
      ExplainingSession explaining(session, tables);
      auto done = work(explaining);
      EXPECT_TRUE(done.has_value()) << done.error().Message();
      EXPECT_GT(explaining.Explained(), 0U);
      EXPECT_EQ(explaining.Scans(), "");
      return {};
    });
  }

  test::TestDatabase test_{GetParam()};
  std::unique_ptr<Database> database_ = test_.OpenUpgraded();
};

}  // namespace holdfast::store
