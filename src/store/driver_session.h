// DriverSession: what every driver's session does the same. A driver says how one statement runs; this counts the
// time, remembers the first failure and collects the channels to notify.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "store/database.h"

namespace holdfast::store {

class DriverSession : public Session {
 public:
  // The observer may be empty; it outlives the session.
  DriverSession(Access access, const StatementObserver& observer) : access_(access), observer_(observer) {}

  [[nodiscard]] Result<Rows> Run(const Statement& statement, const Parameters& parameters) final;
  [[nodiscard]] Result<Rows> RunSet(const SetStatement& statement, std::span<const Parameters> rows) final;
  [[nodiscard]] Result<void> RunScript(const Statement& script) final;
  [[nodiscard]] Result<void> Notify(std::string_view channel) final;

  // The first failure: the transaction must not be committed.
  [[nodiscard]] const std::optional<Error>& Failure() const { return failure_; }
  // What to notify after the commit.
  [[nodiscard]] const std::set<std::string, std::less<>>& Channels() const { return channels_; }

 protected:
  [[nodiscard]] Access AccessKind() const { return access_; }

 private:
  [[nodiscard]] virtual Result<Rows> RunOne(const Statement& statement, const Parameters& parameters) = 0;
  [[nodiscard]] virtual Result<Rows> RunAll(const SetStatement& statement, std::span<const Parameters> rows) = 0;
  [[nodiscard]] virtual Result<void> RunText(const Statement& script) = 0;

  template <typename Call>
  auto Guarded(const Statement& statement, Call&& call) -> decltype(call());

  Access access_;
  const StatementObserver& observer_;
  std::optional<Error> failure_;
  std::set<std::string, std::less<>> channels_;
};

// Calls the observer, if there is one, with the time that `call` took.
template <typename Call>
auto Observe(const StatementObserver& observer, std::string_view name, Access access, Call&& call) -> decltype(call()) {
  const auto begin = std::chrono::steady_clock::now();
  auto result = call();
  if (observer) {
    const auto took = std::chrono::steady_clock::now() - begin;
    observer(name, access, std::chrono::duration_cast<std::chrono::microseconds>(took).count(), !result.has_value());
  }
  return result;
}

// kInvalidInput unless every text is UTF-8 without zero bytes, which is what PostgreSQL stores.
[[nodiscard]] Result<void> CheckTexts(const Statement& statement, const Parameters& parameters);

}  // namespace holdfast::store
