#include "advisory/lmdb_error.h"

#include <lmdb.h>

#include <cerrno>

#include "base/format.h"

namespace holdfast::advisory {

Result<void> CheckLmdb(int code, std::string_view doing) {
  if (code == MDB_SUCCESS) return {};
  const auto fail = [&](ErrorKind kind) { return Fail(kind, Format("{}: {}", doing, mdb_strerror(code))); };
  switch (code) {
    case ENOENT: return fail(ErrorKind::kNotFound);
    case EACCES:
    case EPERM: return fail(ErrorKind::kDenied);
    case ENOSPC:
    case MDB_MAP_FULL: return fail(ErrorKind::kLimit);
    case MDB_VERSION_MISMATCH: return fail(ErrorKind::kUnsupported);
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_PANIC: return fail(ErrorKind::kCorrupt);
    default: return fail(ErrorKind::kInternal);
  }
}

}  // namespace holdfast::advisory
