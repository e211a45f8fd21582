// Whether an object is what it should be. For service/integrity.
#pragma once

#include "base/result.h"
#include "service/integrity.h"
#include "service/object_references.h"

namespace holdfast::service {

// Of an analysis: what its row says, and whether the records are there from which its files are listed.
struct ObjectVerdict {
  bool counts_agree = true;
  bool has_records = true;
};
// Reads all of it. kCorrupt, kUnsupported, kLimit: it is not what the row says; kNotFound: it is gone.
[[nodiscard]] Result<ObjectVerdict> CheckObject(const IntegrityScope& scope, const ObjectReference& reference);

}  // namespace holdfast::service
