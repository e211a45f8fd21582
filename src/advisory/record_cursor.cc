#include "advisory/record_cursor.h"

#include <lmdb.h>

#include "advisory/lmdb_error.h"
#include "advisory/snapshot_format.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kReading = "reading the advisory snapshot";

std::string_view TextOf(const MDB_val& value) { return {static_cast<const char*>(value.mv_data), value.mv_size}; }

}  // namespace

void RecordCursor::Close::operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }

Result<RecordCursor> RecordCursor::Open(const Snapshot& snapshot) {
  RecordCursor cursor;
  MDB_cursor* opened = nullptr;
  HF_CHECK_OK(CheckLmdb(mdb_cursor_open(snapshot.transaction_, snapshot.database_, &opened), kReading));
  cursor.cursor_.reset(opened);
  return cursor;
}

Result<bool> RecordCursor::Next() {
  MDB_val key{};
  MDB_val value{};
  do {
    const int code = mdb_cursor_get(cursor_.get(), &key, &value, MDB_NEXT);
    if (code == MDB_NOTFOUND) return false;
    HF_CHECK_OK(CheckLmdb(code, kReading));
    key_ = TextOf(key);
    value_ = TextOf(value);
  } while (key_ == kMetaKey);
  return true;
}

}  // namespace holdfast::advisory
