// Objects in this process's memory: for tests, and for runs that keep nothing.
#pragma once

#include <memory>

#include "base/clock.h"
#include "blob/object_store.h"

namespace holdfast::blob {

// The clock outlives it. A Put reads its source whole into memory.
[[nodiscard]] std::unique_ptr<ObjectStore> MakeMemoryStore(const Clock& clock);

}  // namespace holdfast::blob
