// With what package contexts are decided, and which of them a change of advisories can touch.
//
// What was decided holds through an epoch. When another snapshot comes into force, the contexts that it can decide
// otherwise are marked, and no other row is written; only when nobody can tell which these are, a new epoch begins, and
// all contexts are decided again. So contexts to decide are those with an epoch before the one that is on: those that
// were never decided first, then marked ones, then the rest (analyses.h: ListContextsToMatch).
//
// Whoever decides contexts holds the epoch (HoldEpoch), whoever changes it is alone (LockEpoch). So nothing is decided
// with one snapshot while the marks of another are made, and contexts that come in meanwhile wait, undecided.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "store/database.h"

namespace holdfast::store {

struct MatchingEpoch {
  std::int64_t epoch = 0;       // from 2
  std::int64_t generation = 0;  // of the snapshot
  std::int64_t matcher = 0;     // version of the matcher
  std::int64_t since = 0;       // when it became so

  friend bool operator==(const MatchingEpoch&, const MatchingEpoch&) = default;
};

// Until the end of the transaction nobody changes the epoch. Waits for who does; who waits to do so comes first.
[[nodiscard]] Result<void> HoldEpoch(Session& session);
// Until the end of the transaction nobody holds the epoch, nor changes it. Waits for who does.
[[nodiscard]] Result<void> LockEpoch(Session& session);

[[nodiscard]] Result<std::optional<MatchingEpoch>> FindEpoch(Session& session);
// Replaces it; its `epoch` is not read: the same as before, or a new one when `decide_all`. Requires: LockEpoch; there
// is one, or `decide_all`.
[[nodiscard]] Result<MatchingEpoch> PutEpoch(Session& session, MatchingEpoch epoch, bool decide_all);

// Of what a context asks advisories by: any 64 bits, the same for the same question.
struct ContextKey {
  std::int64_t context_id = 0;
  std::int64_t key = 0;

  friend auto operator<=>(const ContextKey&, const ContextKey&) = default;
};
// These are the keys of the contexts, and no others. Requires: HoldEpoch; `keys` sorted, each once, of `contexts` only.
[[nodiscard]] Result<void> PutContextKeys(Session& session, std::span<const std::int64_t> contexts,
                                          std::span<const ContextKey> keys);
// Marks the decided contexts that have one of the keys; how many it were. Requires: LockEpoch.
[[nodiscard]] Result<std::int64_t> MarkContextsTouched(Session& session, std::span<const std::int64_t> keys);

// Whether one of the contexts was decided and has to be decided again.
[[nodiscard]] Result<bool> HasTouchedContext(Session& session, std::span<const std::int64_t> contexts);

}  // namespace holdfast::store
