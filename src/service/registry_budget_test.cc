#include "service/image_registries.h"

#include <gtest/gtest.h>

#include <climits>

#include "support/losable_database.h"
#include "support/platform_fixture.h"

namespace holdfast::service {
namespace {

using test::ExpectError;

class RegistryBudgetTest : public test::PlatformFixture {
 protected:
  // Nobody listens there.
  Result<void> Ping() { return registries_of_the_world_->Ping("127.0.0.1:1", {}); }

  test::LosableDatabase losable_{*database_};
  Platform losing_{.database = losable_,
                   .objects = *objects_,
                   .clock = clock_,
                   .logger = logger_,
                   .sealer = sealer_,
                   .host_id = "host"};
  std::unique_ptr<Registries> registries_of_the_world_ = MakeImageRegistries(losing_, {});
};

TEST_F(RegistryBudgetTest, ALostDatabaseIsNotTheRegistrysFault) {
  ExpectError(Ping(), ErrorKind::kUnavailable, "127.0.0.1");
  losable_.away_for = INT_MAX;
  clock_.Advance(1'000);  // what was known is not asked again before
  ExpectError(Ping(), ErrorKind::kConflict, "the database is away");
}

TEST_F(RegistryBudgetTest, ATurnThatWasLostIsAskedForAgain) {
  losable_.away_for = 2;
  ExpectError(Ping(), ErrorKind::kUnavailable, "127.0.0.1");
  EXPECT_EQ(losable_.away_for, 0);
}

}  // namespace
}  // namespace holdfast::service
