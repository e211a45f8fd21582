// RecordCursor: walks the records of a snapshot in key order. Keys and values are described in snapshot_format.h; the
// meta record is not among them.
#pragma once

#include <memory>
#include <string_view>

#include "advisory/snapshot.h"
#include "base/result.h"

struct MDB_cursor;

namespace holdfast::advisory {

class RecordCursor {
 public:
  // Borrows the snapshot. It stands before the first record.
  [[nodiscard]] static Result<RecordCursor> Open(const Snapshot& snapshot);

  // To the next record; false at the end. kCorrupt when the file is damaged.
  [[nodiscard]] Result<bool> Next();
  // Of the record it stands on; both live as long as the snapshot.
  [[nodiscard]] std::string_view Key() const { return key_; }
  [[nodiscard]] std::string_view Value() const { return value_; }

 private:
  struct Close {
    void operator()(MDB_cursor* cursor) const;
  };
  std::unique_ptr<MDB_cursor, Close> cursor_;
  std::string_view key_, value_;
};

}  // namespace holdfast::advisory
