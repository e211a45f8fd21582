// What only PostgreSQL can do to its clients: go away, come back, say nothing, ask for passwords and certificates.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "store/postgres/postgres_database.h"
#include "store/schema.h"
#include "support/postgres_server.h"
#include "support/tcp_proxy.h"

namespace holdfast::store {
namespace {

using namespace std::literals;
using test::Cut;
using test::ExpectError;
using test::PostgresServer;
using test::Value;

constexpr Statement kMakeItems{"test.make_items", "CREATE TABLE items (name @TEXT PRIMARY KEY)"};
constexpr Statement kAdd{"test.add", "INSERT INTO items (name) VALUES ($1)"};
constexpr Statement kAddOnce{"test.add_once", "INSERT INTO items (name) VALUES ($1) ON CONFLICT DO NOTHING"};
constexpr Statement kCount{"test.count", "SELECT count(*) FROM items"};

// As it is on the wire; "READ COMMITTED" is not meant.
constexpr std::string_view kCommit = "COMMIT\0"sv;

class StorePostgresTest : public testing::Test {
 protected:
  StorePostgresTest() : server_(PostgresServer::Shared()), name_(server_.MakeDatabase()) {}

  [[nodiscard]] PostgresOptions Options() const { return {.url = server_.Url(name_), .pool_size = 4}; }
  [[nodiscard]] static std::unique_ptr<Database> Open(PostgresOptions options) {
    return Value(OpenPostgres(std::move(options)));
  }
  [[nodiscard]] std::unique_ptr<Database> OpenWithItems() const {
    auto database = Open(Options());
    Value(database->Write([](Session& session) { return session.RunScript(kMakeItems); }));
    return database;
  }
  [[nodiscard]] static Result<Rows> Add(Database& database, std::string name, std::atomic<int>* calls = nullptr) {
    return database.Write([&](Session& session) {
      if (calls != nullptr) ++*calls;
      return session.Run(kAdd, {name});
    });
  }
  [[nodiscard]] static std::int64_t Integer(Database& database, std::string_view sql) {
    return Text(database, sql).Integer();
  }
  [[nodiscard]] static Cell Text(Database& database, std::string_view sql) {
    return Value(database.Read([&](Session& session) { return session.Run({"test.query", sql}); })).rows.at(0).at(0);
  }
  [[nodiscard]] static std::int64_t Count(Database& database) { return Integer(database, kCount.sql); }

  PostgresServer& server_;
  std::string name_;
};

void ExpectNoSecret(const std::string& message) {
  EXPECT_EQ(message.find(PostgresServer::kPassword), std::string::npos) << message;
  EXPECT_EQ(message.find("s3cret"), std::string::npos) << message;
}

TEST_F(StorePostgresTest, SessionsAreSetUp) {
  PostgresOptions options = Options();
  options.statement_timeout_ms = 7'000;
  options.idle_transaction_timeout_ms = 8'000;
  options.application_name = "holdfast-test";
  const auto database = Open(options);
  EXPECT_EQ(Text(*database, "SELECT current_setting('statement_timeout')").Text(), "7s");
  EXPECT_EQ(Text(*database, "SELECT current_setting('idle_in_transaction_session_timeout')").Text(), "8s");
  EXPECT_EQ(Text(*database, "SELECT current_setting('application_name')").Text(), "holdfast-test");
  EXPECT_EQ(Text(*database, "SELECT current_setting('transaction_isolation')").Text(), "repeatable read");
  EXPECT_EQ(Text(*database, "SELECT current_setting('transaction_read_only')").Text(), "on");
  const Rows isolation = Value(database->Write([](Session& session) {
    return session.Run({"test.isolation", "SELECT current_setting('transaction_isolation')"});
  }));
  EXPECT_EQ(isolation.rows[0][0].Text(), "read committed");
  EXPECT_EQ(Integer(*database, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holdfast-test'"), 1);
}

TEST_F(StorePostgresTest, TakesUrlsOfOtherDriversAndParts) {
  PostgresOptions options = Options();
  options.url.replace(0, "postgresql"sv.size(), "postgresql+pg8000");
  EXPECT_EQ(Integer(*Open(options), "SELECT 1"), 1);
  const PostgresOptions parts = {.host = "127.0.0.1",
                                 .database = name_,
                                 .user = std::string(PostgresServer::kUser),
                                 .password = std::string(PostgresServer::kPassword),
                                 .port = server_.Port(),
                                 .sslmode = "disable"};
  EXPECT_EQ(Integer(*Open(parts), "SELECT 1"), 1);
}

TEST_F(StorePostgresTest, RefusalsSayWhyAndKeepThePassword) {
  PostgresOptions options = Options();
  options.retry_ms = 0;
  options.password = "s3cret wrong";
  const auto denied = Open(options)->Read([](Session& session) { return session.Run(kCount); });
  ExpectError(denied, ErrorKind::kDenied, "password authentication failed");
  ExpectNoSecret(denied.error().Message());
  options = Options();
  options.database = "no_such_database";
  const auto absent = Open(options)->Read([](Session& session) { return session.Run(kCount); });
  ExpectError(absent, ErrorKind::kNotFound, "no_such_database");
  ExpectNoSecret(absent.error().Message());
  options = Options();
  options.retry_ms = 0;
  options.port = 1;
  const auto nobody = Open(options)->Read([](Session& session) { return session.Run(kCount); });
  ExpectError(nobody, ErrorKind::kUnavailable, "connecting to the database");
  ExpectNoSecret(nobody.error().Message());
}

TEST_F(StorePostgresTest, ARestartInTheMiddleOfATransactionIsSurvived) {
  const auto database = OpenWithItems();
  int calls = 0;
  Value(database->Write([&](Session& session) -> Result<void> {
    HF_CHECK_OK(session.Run(kAdd, {"a"s}));
    if (++calls == 1) server_.Restart();
    HF_CHECK_OK(session.Run(kAdd, {"b"s}));
    return {};
  }));
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(Count(*database), 2);
}

TEST_F(StorePostgresTest, IdleConnectionsSurviveARestart) {
  const auto database = OpenWithItems();
  for (const bool kill : {false, true}) {
    Value(database->Read([&](Session& outer) {  // two connections are idle afterwards
      Value(database->Read([](Session& inner) { return inner.Run(kCount); }));
      return outer.Run(kCount);
    }));
    if (kill) {
      server_.Kill();
      server_.Start();
    } else {
      server_.Restart();
    }
    Value(Add(*database, fmt::format("{}", kill)));
  }
  EXPECT_EQ(Count(*database), 2);
}

// Each writer knows of each of its items whether it was written; nothing else is there, and nothing twice.
TEST_F(StorePostgresTest, WritersLoseNothingWhenTheServerRestarts) {
  const auto database = OpenWithItems();
  constexpr int kThreads = 4;
  constexpr int kItems = 150;
  std::atomic<int> written = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kItems; ++i) {
          const std::string name = fmt::format("{}/{}", t, i);
          // A commit that nobody knows the end of is done again: the statement is made for that.
          const auto add = [&] {
            return database->Write([&](Session& session) { return session.Run(kAddOnce, {name}); });
          };
          auto done = add();
          for (int tries = 0; !done && tries < 20; ++tries) {
            EXPECT_EQ(done.error().Kind(), ErrorKind::kUnavailable) << done.error().Message();
            done = add();
          }
          EXPECT_TRUE(done.has_value());
          ++written;
        }
      });
    }
    for (const int milestone : {50, 200, 350}) {
      while (written < milestone) std::this_thread::yield();
      server_.Restart();
    }
  }
  EXPECT_EQ(Count(*database), kThreads * kItems);
}

TEST_F(StorePostgresTest, AConnectionLostBeforeTheCommitIsTriedAgain) {
  const auto direct = OpenWithItems();
  for (const Cut cut : {Cut::kBefore, Cut::kReply}) {
    test::TcpProxy proxy(server_.Port());
    PostgresOptions options = Options();
    options.port = proxy.Port();
    const auto database = Open(options);
    std::atomic<int> calls = 0;
    proxy.CutWhenClientSays("INSERT", cut);
    Value(Add(*database, fmt::format("{}", static_cast<int>(cut)), &calls));
    EXPECT_EQ(calls, 2);
  }
  EXPECT_EQ(Count(*direct), 2);
}

TEST_F(StorePostgresTest, ACommitWhoseAnswerIsLostIsNotDoneAgain) {
  const auto direct = OpenWithItems();
  for (const Cut cut : {Cut::kBefore, Cut::kReply}) {
    test::TcpProxy proxy(server_.Port());
    PostgresOptions options = Options();
    options.port = proxy.Port();
    const auto database = Open(options);
    std::atomic<int> calls = 0;
    proxy.CutWhenClientSays(kCommit, cut);
    ExpectError(Add(*database, fmt::format("{}", static_cast<int>(cut)), &calls), ErrorKind::kUnavailable,
                "may or may not be done");
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(Integer(*database, "SELECT 1"), 1);
  }
  EXPECT_EQ(Count(*direct), 1);  // the one that the server heard of
}

TEST_F(StorePostgresTest, AReaderDoesNotCareForItsCommit) {
  const auto direct = OpenWithItems();
  test::TcpProxy proxy(server_.Port());
  PostgresOptions options = Options();
  options.port = proxy.Port();
  const auto database = Open(options);
  proxy.CutWhenClientSays(kCommit, Cut::kReply);
  EXPECT_EQ(Count(*database), 0);
  EXPECT_EQ(Count(*database), 0);
}

TEST_F(StorePostgresTest, ASilentServerCountsAsGone) {
  const auto direct = OpenWithItems();
  test::TcpProxy proxy(server_.Port());
  PostgresOptions options = Options();
  options.port = proxy.Port();
  options.statement_timeout_ms = 100;
  options.silence_ms = 100;
  const auto database = Open(options);
  std::atomic<int> calls = 0;
  proxy.CutWhenClientSays("INSERT", Cut::kSilence);
  Value(Add(*database, "a", &calls));
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(Count(*direct), 1);
}

TEST_F(StorePostgresTest, AStoppedServerIsUnavailableUntilItIsBack) {
  const auto first = OpenWithItems();
  PostgresOptions options = Options();
  options.retry_ms = 50;
  const auto database = Open(options);
  Value(Add(*database, "a"));
  server_.Stop();
  const auto refused = Add(*database, "b");
  server_.Start();
  ExpectError(refused, ErrorKind::kUnavailable);
  ExpectNoSecret(refused.error().Message());
  Value(Add(*database, "c"));
  EXPECT_EQ(Count(*first), 2);
  EXPECT_EQ(database->Pool().busy, 0U);
}

TEST_F(StorePostgresTest, ATransactionThatIdlesTooLongIsEnded) {
  const auto watcher = OpenWithItems();
  PostgresOptions options = Options();
  options.idle_transaction_timeout_ms = 50;
  options.application_name = "idler";
  const auto database = Open(options);
  int calls = 0;
  const auto idle = database->Write([&](Session& session) -> Result<void> {
    ++calls;
    HF_CHECK_OK(session.Run(kAdd, {"a"s}));
    while (Integer(*watcher, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'idler'") > 0)
      std::this_thread::yield();
    HF_CHECK_OK(session.Run(kAdd, {"b"s}));
    return {};
  });
  ExpectError(idle, ErrorKind::kUnavailable, "test.add: ");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(Count(*watcher), 0);
  EXPECT_EQ(Count(*database), 0);
}

TEST_F(StorePostgresTest, StatementsThatTheServerForgotArePreparedAgain) {
  PostgresOptions options = Options();
  options.pool_size = 1;
  options.pool_overflow = 0;
  const auto first = OpenWithItems();
  const auto database = Open(options);
  Value(Add(*database, "a"));
  Value(database->Write([](Session& session) { return session.RunScript({"test.forget", "DEALLOCATE ALL"}); }));
  Value(Add(*database, "b"));
  EXPECT_EQ(Count(*database), 2);
}

TEST_F(StorePostgresTest, OverflowConnectionsAreClosedAgain) {
  PostgresOptions options = Options();
  options.pool_size = 1;
  options.pool_overflow = 2;
  options.overflow_idle_ms = 0;
  const auto database = Open(options);
  const Statement one{"test.one", "SELECT 1"};
  Value(database->Read([&](Session& a) {
    Value(database->Read([&](Session& b) {
      Value(database->Read([&](Session& c) {
        Value(c.Run(one));
        EXPECT_EQ(database->Pool().open, 3U);
        EXPECT_EQ(database->Pool().busy, 3U);
        return c.Run(one);
      }));
      return b.Run(one);
    }));
    return a.Run(one);
  }));
  EXPECT_EQ(database->Pool().open, 1U);
  EXPECT_EQ(database->Pool().size_max, 3U);
}

TEST_F(StorePostgresTest, OverflowConnectionsServeTheNextRequest) {
  PostgresOptions options = Options();
  options.pool_size = 1;
  options.pool_overflow = 1;
  const auto database = Open(options);
  const Statement who{"test.who", "SELECT pg_backend_pid()"};
  const auto both = [&] {
    std::set<std::int64_t> servers;
    Value(database->Read([&](Session& a) {
      servers.insert(Value(a.Run(who)).rows.front()[0].Integer());
      return database->Read([&](Session& b) -> Result<void> {
        servers.insert(Value(b.Run(who)).rows.front()[0].Integer());
        return {};
      });
    }));
    return servers;
  };
  const auto first = both();
  EXPECT_EQ(first.size(), 2U);
  EXPECT_EQ(database->Pool().open, 2U);
  EXPECT_EQ(both(), first);
}

TEST_F(StorePostgresTest, NotificationsCrossProcessesAndRestarts) {
  const auto here = Open(Options());
  const auto there = Open(Options());
  for (int round = 0; round < 2; ++round) {
    // Until the listener of `here` stands: its start counts as a notification, as it may have missed one.
    EXPECT_TRUE(here->WaitFor("jobs", 60'000));
    while (here->WaitFor("jobs", 0) || here->WaitFor("other", 0)) {
    }
    Value(there->Write([](Session& session) { return session.Notify("jobs"); }));
    EXPECT_TRUE(here->WaitFor("jobs", 60'000));
    EXPECT_FALSE(here->WaitFor("other", 0));
    if (round == 0) server_.Restart();
  }
}

TEST_F(StorePostgresTest, TellsWhenPoolsDoNotFitTheServer) {
  PostgresOptions options = Options();
  options.pool_size = 30;
  options.pool_overflow = 10;
  const auto database = Open(options);
  const ConnectionBudget fits = Value(CheckConnectionBudget(*database, options, 2));
  EXPECT_EQ(fits.server_max, 97U);
  EXPECT_EQ(fits.wanted_max, 82U);
  EXPECT_EQ(fits.advice, "");
  const ConnectionBudget tight = Value(CheckConnectionBudget(*database, options, 3));
  EXPECT_EQ(tight.wanted_max, 123U);
  EXPECT_NE(tight.advice.find("max_connections to at least 126"), std::string::npos) << tight.advice;
  EXPECT_NE(tight.advice.find("at most 31 together"), std::string::npos) << tight.advice;
}

// A server of its own: it keeps its certificate.
TEST(StorePostgresTlsTest, VerifyFullTakesTheRightServerOnly) {
  PostgresServer server;
  const std::string authority = server.EnableTls();
  PostgresOptions options = {.url = server.Url("postgres"), .sslmode = "verify-full", .sslrootcert = authority};
  options.retry_ms = 0;
  const auto connect = [](const PostgresOptions& tried) {
    return Value(OpenPostgres(tried))->Read([](Session& session) {
      return session.Run({"test.tls", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"});
    });
  };
  EXPECT_EQ(Value(connect(options)).rows.at(0).at(0).Integer(), 1);
  PostgresOptions other_name = options;
  other_name.host = "localhost";
  ExpectError(connect(other_name), ErrorKind::kDenied, "does not match host name");
  test::TemporaryFolder folder;
  const std::string other = folder.Path() / "other.crt";
  test::RunCommand(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
      "'/CN=test authority' -keyout /dev/null -out " +
      other + " 2>&1");
  PostgresOptions other_authority = options;
  other_authority.sslrootcert = other;
  ExpectError(connect(other_authority), ErrorKind::kDenied, "certificate verify failed");
}

}  // namespace
}  // namespace holdfast::store
