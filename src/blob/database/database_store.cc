#include "blob/database/database_store.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/format.h"
#include "crypto/random.h"

namespace holdfast::blob {
namespace {

using store::Blob;
using store::Parameters;
using store::Rows;
using store::Session;
using store::SetStatement;
using store::Statement;

constexpr int kReplaceTries = 8;
constexpr std::int64_t kAbandonedAtOnce = 100;
constexpr std::string_view kBeyondKeys = "~";  // greater than every character of a key

constexpr Statement kPutSmall{
    "object.put_small",
    "INSERT INTO objects (key, size_bytes, created_at, content, bytes) VALUES ($1, $2, $3, NULL, $4) "
    "ON CONFLICT (key) DO UPDATE SET size_bytes = excluded.size_bytes, created_at = excluded.created_at, "
    "bytes = excluded.bytes WHERE objects.content IS NULL RETURNING key"};
constexpr SetStatement kPutAll{
    "object.put_all",
    "INSERT INTO objects (key, size_bytes, created_at, content, bytes) VALUES ($1, $2, $3, NULL, $4) "
    "ON CONFLICT (key) DO UPDATE SET size_bytes = excluded.size_bytes, created_at = excluded.created_at, "
    "bytes = excluded.bytes WHERE objects.content IS NULL RETURNING key",
    "INSERT INTO objects (key, size_bytes, created_at, content, bytes) SELECT key, size, now, NULL, bytes "
    "FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[]) AS object (key, size, now, bytes) "
    "ON CONFLICT (key) DO UPDATE SET size_bytes = excluded.size_bytes, created_at = excluded.created_at, "
    "bytes = excluded.bytes WHERE objects.content IS NULL RETURNING key"};
constexpr SetStatement kKeepAll{
    "object.keep_all",
    "INSERT INTO objects (key, size_bytes, created_at, content, bytes) VALUES ($1, $2, $3, NULL, $4) "
    "ON CONFLICT (key) DO UPDATE SET created_at = excluded.created_at",
    "INSERT INTO objects (key, size_bytes, created_at, content, bytes) SELECT key, size, now, NULL, bytes "
    "FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[]) AS object (key, size, now, bytes) "
    "ON CONFLICT (key) DO UPDATE SET created_at = excluded.created_at"};
constexpr Statement kBegin{
    "object.begin", "INSERT INTO objects (key, size_bytes, created_at, content, bytes) VALUES ($1, 0, $2, $3, NULL)"};
constexpr Statement kAddChunk{
    "object.add_chunk",
    "INSERT INTO object_chunks (content, number, bytes) VALUES ($1, $2, $3) ON CONFLICT (content, number) DO NOTHING"};
constexpr Statement kLock{"object.lock", "SELECT content FROM objects WHERE key = $1 @FOR_UPDATE"};
constexpr Statement kInsert{"object.insert",
                            "INSERT INTO objects (key, size_bytes, created_at, content, bytes) "
                            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING RETURNING key"};
constexpr Statement kReplace{
    "object.replace", "UPDATE objects SET size_bytes = $2, created_at = $3, content = $4, bytes = $5 WHERE key = $1"};
constexpr Statement kDelete{"object.delete", "DELETE FROM objects WHERE key = $1 RETURNING content"};
constexpr Statement kDeleteChunks{"object.delete_chunks", "DELETE FROM object_chunks WHERE content = $1"};
constexpr Statement kGet{"object.get", "SELECT size_bytes, content, bytes FROM objects WHERE key = $1"};
constexpr Statement kGetChunk{"object.get_chunk", "SELECT bytes FROM object_chunks WHERE content = $1 AND number = $2"};
constexpr Statement kExists{"object.exists", "SELECT 1 FROM objects WHERE key = $1"};
constexpr Statement kList{"object.list",
                          "SELECT key, size_bytes, created_at FROM objects "
                          "WHERE key >= $1 AND key < $2 AND key > $3 ORDER BY key LIMIT $4"};
constexpr Statement kAbandoned{"object.abandoned",
                               "SELECT key FROM objects WHERE key >= '~' AND created_at < $1 ORDER BY key LIMIT $2"};

// A value as its row has it.
struct RowValue {
  std::uint64_t size_bytes = 0;
  std::optional<std::int64_t> content;
  std::string bytes;

  [[nodiscard]] Parameters For(std::string_view key, std::int64_t now_ms) const {
    Parameters parameters = {std::string(key), static_cast<std::int64_t>(size_bytes), now_ms};
    if (content)
      parameters.insert(parameters.end(), {*content, std::monostate()});
    else
      parameters.insert(parameters.end(), {std::monostate(), Blob{bytes}});
    return parameters;
  }
};

std::string StagingKey(std::int64_t content) { return Format("~{:016x}", content); }

std::int64_t NewContent() {
  const auto bytes = crypto::RandomBytes(8);
  return static_cast<std::int64_t>(LoadLittle<std::uint64_t>(bytes) >> 1);
}

Result<void> DeleteRow(Session& session, const std::string& key) {
  HF_TRY(const Rows gone, session.Run(kDelete, {key}));
  if (gone.Empty()) return {};
  if (const auto content = gone.rows[0][0].OptionalInteger()) HF_CHECK_OK(session.Run(kDeleteChunks, {*content}));
  return {};
}

// Gives the key its value, whoever else does the same. What it had before is deleted.
Result<void> Place(Session& session, std::string_view key, const RowValue& value, std::int64_t now_ms) {
  const Parameters parameters = value.For(key, now_ms);
  for (int i = 0; i < kReplaceTries; ++i) {
    HF_TRY(const Rows before, session.Run(kLock, {std::string(key)}));
    if (before.Empty()) {
      HF_TRY(const Rows inserted, session.Run(kInsert, parameters));
      if (!inserted.Empty()) return {};
      continue;  // somebody was faster
    }
    HF_CHECK_OK(session.Run(kReplace, parameters));
    if (const auto content = before.rows[0][0].OptionalInteger()) HF_CHECK_OK(session.Run(kDeleteChunks, {*content}));
    return {};
  }
  return Fail(ErrorKind::kUnavailable, Format("object {}: others keep changing it", key));
}

// After a Put that failed. When it is not known whether its last commit came through, this finds out.
Result<void> Abandon(Session& session, std::string_view key, std::int64_t content) {
  HF_CHECK_OK(session.Run(kDelete, {StagingKey(content)}));
  HF_TRY(const Rows now, session.Run(kLock, {std::string(key)}));
  if (!now.Empty() && now.rows[0][0].OptionalInteger() == content) return {};
  HF_CHECK_OK(session.Run(kDeleteChunks, {content}));
  return {};
}

// Up to kAbandonedAtOnce of them; answers how many there were.
Result<std::uint64_t> RemoveSomeAbandoned(store::Database& database, std::int64_t before_ms) {
  return database.Write([&](Session& session) -> Result<std::uint64_t> {
    HF_TRY(const Rows abandoned, session.Run(kAbandoned, {before_ms, kAbandonedAtOnce}));
    for (const store::Row& row : abandoned) HF_CHECK_OK(DeleteRow(session, row[0].Text()));
    return std::uint64_t{abandoned.Size()};
  });
}

class StringSource final : public io::ByteSource {
 public:
  explicit StringSource(std::string value) : value_(std::move(value)), source_(value_) {}
  Result<Bytes> Next(std::size_t max) override { return source_.Next(max); }

 private:
  std::string value_;
  io::MemorySource source_;
};

class ChunkSource final : public io::ByteSource {
 public:
  ChunkSource(store::Database& database, std::string key, std::int64_t content, std::uint64_t size_bytes)
      : database_(database), key_(std::move(key)), content_(content), left_(size_bytes) {}

  Result<Bytes> Next(std::size_t max) override {
    if (rest_.empty() && left_ > 0) HF_CHECK_OK(Load());
    const Bytes view = rest_.first(std::min(max, rest_.size()));
    rest_ = rest_.subspan(view.size());
    return view;
  }

 private:
  Result<void> Load() {
    HF_TRY(const Rows rows, database_.Read([&](Session& session) -> Result<Rows> {
      return session.Run(kGetChunk, {content_, number_});
    }));
    if (rows.Empty())
      return Fail(ErrorKind::kUnavailable, Format("object {}: replaced or deleted while it was read", key_));
    chunk_ = rows.rows[0][0].Bytes();
    if (chunk_.size() != std::min(left_, kChunkBytes))
      return Fail(ErrorKind::kCorrupt, Format("object {}: chunk {} has {} bytes", key_, number_, chunk_.size()));
    rest_ = AsBytes(chunk_);
    left_ -= chunk_.size();
    ++number_;
    return {};
  }

  store::Database& database_;
  std::string key_;
  std::int64_t content_;
  std::int64_t number_ = 0;
  std::uint64_t left_;  // beyond chunk_
  std::string chunk_;
  Bytes rest_;
};

// Up to kChunkBytes; fewer only at the end.
Result<std::string> ReadChunk(io::ByteSource& source) {
  std::string chunk;
  while (chunk.size() < kChunkBytes) {
    HF_TRY(const Bytes view, source.Next(kChunkBytes - chunk.size()));
    if (view.empty()) break;
    chunk += AsText(view);
  }
  return chunk;
}

class DatabaseStore final : public ObjectStore {
 public:
  DatabaseStore(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  Result<void> Put(std::string_view key, io::ByteSource& value) override {
    HF_CHECK_OK(CheckKey(key));
    HF_TRY(std::string chunk, ReadChunk(value));
    std::string next;
    if (chunk.size() == kChunkBytes) {
      HF_TRY(next, ReadChunk(value));
    }
    if (next.empty()) return PutSmall(key, {.size_bytes = chunk.size(), .content = {}, .bytes = std::move(chunk)});
    const std::int64_t content = NewContent();
    auto done = PutLarge(key, content, std::move(chunk), std::move(next), value);
    if (!done) (void)database_.Write([&](Session& session) -> Result<void> { return Abandon(session, key, content); });
    return done;
  }

  Result<void> PutAll(std::span<const NewObject> objects, IfThere if_there) override {
    std::map<std::string_view, std::string_view>
        small;  // ascending, so that no two writers wait for each other in turn
    for (const NewObject& object : objects) {
      HF_CHECK_OK(CheckKey(object.key));
      if (object.value.size() <= kChunkBytes)
        small[object.key] = object.value;
      else
        HF_CHECK_OK(PutBytes(object.key, object.value));
    }
    if (small.empty()) return {};
    return database_.Write([&](Session& session) { return PutSmall(session, small, if_there); });
  }

  Result<std::unique_ptr<io::ByteSource>> Get(std::string_view key) override {
    HF_CHECK_OK(CheckKey(key));
    HF_TRY(const Rows rows,
           database_.Read([&](Session& session) -> Result<Rows> { return session.Run(kGet, {std::string(key)}); }));
    if (rows.Empty()) return Fail(ErrorKind::kNotFound, Format("object {}: not there", key));
    const store::Row& row = rows.rows[0];
    const auto size_bytes = static_cast<std::uint64_t>(row[0].Integer());
    if (const auto content = row[1].OptionalInteger())
      return std::make_unique<ChunkSource>(database_, std::string(key), *content, size_bytes);
    if (row[2].Bytes().size() != size_bytes)
      return Fail(ErrorKind::kCorrupt,
                  Format("object {}: {} bytes instead of {}", key, row[2].Bytes().size(), size_bytes));
    return std::make_unique<StringSource>(row[2].Bytes());
  }

  Result<void> Delete(std::string_view key) override {
    HF_CHECK_OK(CheckKey(key));
    return database_.Write([&](Session& session) -> Result<void> { return DeleteRow(session, std::string(key)); });
  }

  Result<bool> Exists(std::string_view key) override {
    HF_CHECK_OK(CheckKey(key));
    HF_TRY(const Rows rows,
           database_.Read([&](Session& session) -> Result<Rows> { return session.Run(kExists, {std::string(key)}); }));
    return !rows.Empty();
  }

  Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view after,
                                       std::size_t count_max) override {
    HF_CHECK_OK(CheckKeyPrefix(prefix));
    HF_CHECK_OK(CheckKeyPrefix(after));
    const auto count = static_cast<std::int64_t>(std::min<std::size_t>(count_max, 1'000'000));
    const Parameters parameters = {std::string(prefix), std::string(prefix).append(kBeyondKeys), std::string(after),
                                   count};
    HF_TRY(const Rows rows,
           database_.Read([&](Session& session) -> Result<Rows> { return session.Run(kList, parameters); }));
    std::vector<ObjectInfo> infos;
    infos.reserve(rows.Size());
    for (const store::Row& row : rows)
      infos.push_back({row[0].Text(), static_cast<std::uint64_t>(row[1].Integer()), row[2].Integer()});
    return infos;
  }

  Result<std::uint64_t> RemoveAbandoned(std::int64_t before_ms) override {
    for (std::uint64_t removed = 0;;) {
      HF_TRY(const std::uint64_t now, RemoveSomeAbandoned(database_, before_ms));
      if (now == 0) return removed;
      removed += now;
    }
  }

 private:
  Result<void> PutSmall(Session& session, const std::map<std::string_view, std::string_view>& values,
                        IfThere if_there) {
    const std::int64_t now_ms = clock_.NowMs();
    std::vector<Parameters> rows;
    rows.reserve(values.size());
    for (const auto& [key, value] : values)
      rows.push_back({std::string(key), static_cast<std::int64_t>(value.size()), now_ms, Blob{std::string(value)}});
    HF_TRY(const Rows stored, session.RunSet(if_there == IfThere::kKeep ? kKeepAll : kPutAll, rows));
    if (if_there == IfThere::kKeep || stored.Size() == values.size()) return {};
    std::set<std::string, std::less<>> done;
    for (const store::Row& row : stored) done.insert(row[0].Text());
    for (const auto& [key, value] : values) {
      if (done.contains(key)) continue;  // of the others a long one is there
      const RowValue small{.size_bytes = value.size(), .content = {}, .bytes = std::string(value)};
      HF_CHECK_OK(Place(session, key, small, now_ms));
    }
    return {};
  }

  Result<void> PutSmall(std::string_view key, const RowValue& value) {
    const std::int64_t now_ms = clock_.NowMs();
    const Parameters parameters = {std::string(key), static_cast<std::int64_t>(value.size_bytes), now_ms,
                                   Blob{value.bytes}};
    return database_.Write([&](Session& session) -> Result<void> {
      HF_TRY(const Rows stored, session.Run(kPutSmall, parameters));
      if (!stored.Empty()) return {};
      return Place(session, key, value, now_ms);  // a long one is there
    });
  }

  // `chunk` and `next` were read of the value already.
  Result<void> PutLarge(std::string_view key, std::int64_t content, std::string chunk, std::string next,
                        io::ByteSource& rest) {
    HF_CHECK_OK(Run(kBegin, {StagingKey(content), clock_.NowMs(), content}));
    RowValue value{.size_bytes = 0, .content = content, .bytes = {}};
    for (std::int64_t number = 0; !chunk.empty(); ++number) {
      value.size_bytes += chunk.size();
      HF_CHECK_OK(Run(kAddChunk, {content, number, Blob{std::move(chunk)}}));
      chunk = std::move(next);
      next.clear();
      if (chunk.size() < kChunkBytes) continue;  // the last one
      HF_TRY(next, ReadChunk(rest));
    }
    return Publish(key, value);
  }

  Result<void> Publish(std::string_view key, const RowValue& value) {
    return database_.Write([&](Session& session) -> Result<void> {
      HF_TRY(const Rows staged, session.Run(kDelete, {StagingKey(*value.content)}));
      if (staged.Empty()) return Fail(ErrorKind::kUnavailable, Format("object {}: took too long to store", key));
      return Place(session, key, value, clock_.NowMs());
    });
  }

  // One statement in a transaction of its own.
  Result<Rows> Run(const Statement& statement, const Parameters& parameters) {
    return database_.Write([&](Session& session) -> Result<Rows> { return session.Run(statement, parameters); });
  }

  store::Database& database_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<ObjectStore> MakeDatabaseStore(store::Database& database, const Clock& clock) {
  return std::make_unique<DatabaseStore>(database, clock);
}

}  // namespace holdfast::blob
