// A database that is away for as many transactions as a test says.
#pragma once

#include <functional>
#include <string_view>

#include "store/database.h"

namespace holdfast::test {

class LosableDatabase final : public store::Database {
 public:
  explicit LosableDatabase(store::Database& inner) : inner_(inner) {}
  [[nodiscard]] store::Dialect Kind() const override { return inner_.Kind(); }
  [[nodiscard]] store::PoolStatus Pool() const override { return inner_.Pool(); }
  [[nodiscard]] Result<void> Transact(store::Access access,
                                      const std::function<Result<void>(store::Session&)>& work) override {
    if (away_for == 0) return inner_.Transact(access, work);
    --away_for;
    return Fail(ErrorKind::kUnavailable, "the database is away");
  }
  [[nodiscard]] bool WaitFor(std::string_view channel, std::int64_t timeout_ms) override {
    return inner_.WaitFor(channel, timeout_ms);
  }
  void StopWaiting() override { inner_.StopWaiting(); }

  int away_for = 0;

 private:
  store::Database& inner_;
};

}  // namespace holdfast::test
