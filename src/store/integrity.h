// What must hold between rows, as named questions to the database: each answers the rows of which it does not hold.
//
// A question is asked of a window of row numbers at a time, so that neither the server nor this process ever has more
// than a window in hand. Questions of damage answer rows that no work of the platform can make; those of waste answer
// rows that nobody needs, and that came to be before a time: what is younger may belong to work that is under way.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace holdfast::store {

// Row numbers asked of at once.
inline constexpr std::int64_t kIntegrityWindow = 20'000;

enum class IntegrityMatter : std::uint8_t {
  kDamage,  // what is there contradicts itself
  kWaste,   // nobody needs it
  kStuck,   // an image that waits for what will never come: it is given a job again
};

struct IntegrityQuestion {
  std::string_view kind;     // "image.no_job": stable, for programs
  std::string_view meaning;  // for people
  IntegrityMatter matter = IntegrityMatter::kDamage;
  Statement last;  // the greatest row number that may be answered
  Statement ask;   // of numbers in ($1, $2]: number and name of each row; $3, where there is one: made before
  // Of a list of row numbers ($1): removes what hangs on the rows, then the rows. What others point at meanwhile is
  // kept by foreign keys. Without a name: there is nothing to remove, or it takes somebody who knows.
  Statement clear = {}, remove = {};

  [[nodiscard]] constexpr bool IsRemovable() const { return !remove.name.empty(); }
};

// All of them, in an order in which removing what one answers shows the next ones what nobody needs any more.
[[nodiscard]] std::span<const IntegrityQuestion> IntegrityQuestions();

struct IntegrityFinding {
  std::int64_t row = 0;
  std::string name;  // "image 17", for people
};

// 0: there are no rows.
[[nodiscard]] Result<std::int64_t> LastRow(Session& session, const IntegrityQuestion& question);
// Of rows with numbers in (after, after + kIntegrityWindow].
[[nodiscard]] Result<std::vector<IntegrityFinding>> Ask(Session& session, const IntegrityQuestion& question,
                                                        std::int64_t after, std::int64_t before);
// Requires: the question is removable, and answered these rows in this very transaction. kConflict when one of them
// is needed now: then nothing was removed.
[[nodiscard]] Result<void> Remove(Session& session, const IntegrityQuestion& question,
                                  std::span<const IntegrityFinding> findings);

// A package set as its row has it, and as the rows say that are searched.
struct StoredSet {
  std::int64_t id = 0;
  std::string members;                 // encoded
  std::vector<std::int64_t> contexts;  // ascending, as rows say
};
// Ascending by id, greater than `after`.
[[nodiscard]] Result<std::vector<StoredSet>> ListPackageSets(Session& session, std::int64_t after, std::int64_t count);

}  // namespace holdfast::store
