// Objects in the platform's database, for installations without another object store.
//
// A value of up to 1 MiB is a column of its row: one statement to store, one to read. A longer one is stored in chunks
// of 1 MiB, each in a transaction of its own, under a number that no reader knows; then one short transaction gives it
// the key. So a source may be slow or fail without holding a transaction or leaving anything under the key, and a
// reader, which asks for one chunk after another by their number, never meets those of another value. When a long value
// is replaced or deleted while it is read, the reader ends with kUnavailable.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "blob/object_store.h"
#include "store/database.h"

namespace holdfast::blob {

inline constexpr std::uint64_t kChunkBytes = 1024 * 1024;

// Both outlive it; the schema is there.
[[nodiscard]] std::unique_ptr<ObjectStore> MakeDatabaseStore(store::Database& database, const Clock& clock);

}  // namespace holdfast::blob
