// Whether an object is what it should be. For service/integrity.
#pragma once

#include "base/result.h"
#include "service/integrity.h"
#include "service/object_references.h"

namespace holdfast::service {

// Reads all of it. kCorrupt or kUnsupported: it is not what the row says; kNotFound: it is gone. What the row of an
// analysis says beside that is `counts_agree`.
struct ObjectVerdict {
  bool counts_agree = true;
};
[[nodiscard]] Result<ObjectVerdict> CheckObject(const IntegrityScope& scope, const ObjectReference& reference);

}  // namespace holdfast::service
