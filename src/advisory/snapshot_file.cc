#include "advisory/snapshot_file.h"

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include "advisory/lmdb_error.h"
#include "advisory/snapshot_format.h"
#include "base/format.h"

namespace holdfast::advisory {
namespace {

constexpr std::string_view kWriting = "writing the advisory snapshot";

Result<Sha256Value> HashFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  io::Sha256 hash;
  std::vector<char> buffer(1U << 20U);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.Update(AsBytes(std::string_view(buffer.data(), static_cast<std::size_t>(file.gcount()))));
  }
  if (!file.eof()) return Fail(ErrorKind::kUnavailable, Format("cannot read back {}", path.string()));
  return hash.Finish();
}

Result<void> SyncFile(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) return Fail(ErrorKind::kUnavailable, Format("{}: {}", kWriting, std::strerror(reason)));
  return {};
}

Result<std::uint64_t> AppendTrailer(const std::filesystem::path& path) {
  std::error_code error;
  SnapshotTrailer trailer;
  trailer.database_bytes = std::filesystem::file_size(path, error);
  if (error) return Fail(ErrorKind::kUnavailable, Format("{}: {}", kWriting, error.message()));
  HF_TRY(trailer.database_digest, HashFile(path));
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << EncodeTrailer(trailer);
  file.close();
  if (!file) return Fail(ErrorKind::kUnavailable, Format("{}: the disk may be full", kWriting));
  HF_CHECK_OK(SyncFile(path));
  return trailer.database_bytes + kTrailerBytes;
}

}  // namespace

SnapshotFile::SnapshotFile(std::filesystem::path path)
    : path_(std::move(path)), temporary_(path_.string() + Format(".{}.tmp", ::getpid())) {}

SnapshotFile::~SnapshotFile() {
  Close();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void SnapshotFile::Close() {
  if (transaction_ != nullptr) mdb_txn_abort(std::exchange(transaction_, nullptr));
  if (env_ != nullptr) mdb_env_close(std::exchange(env_, nullptr));
}

Result<void> SnapshotFile::Create() {
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
  HF_CHECK_OK(CheckLmdb(mdb_env_create(&env_), kWriting));
  HF_CHECK_OK(CheckLmdb(mdb_env_set_mapsize(env_, kSnapshotBytesMax), kWriting));
  HF_CHECK_OK(
      CheckLmdb(mdb_env_open(env_, temporary_.c_str(), MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0644), kWriting));
  HF_CHECK_OK(CheckLmdb(mdb_txn_begin(env_, nullptr, 0, &transaction_), kWriting));
  return CheckLmdb(mdb_dbi_open(transaction_, nullptr, 0, &database_), kWriting);
}

Result<void> SnapshotFile::Append(std::string_view key, std::string_view value) {
  for (const std::string_view part : {key, value}) {
    std::uint64_t size = part.size();
    hash_.Update({reinterpret_cast<const std::uint8_t*>(&size), sizeof size});
    hash_.Update(AsBytes(part));
  }
  // LMDB's type is not const, but it only reads both.
  MDB_val stored_key{key.size(), const_cast<char*>(key.data())};
  MDB_val stored_value{value.size(), const_cast<char*>(value.data())};
  const int code = mdb_put(transaction_, database_, &stored_key, &stored_value, MDB_APPEND);
  if (code == MDB_KEYEXIST) return Fail(ErrorKind::kInvalidInput, "records of an advisory snapshot are out of order");
  return CheckLmdb(code, kWriting);
}

Result<void> SnapshotFile::Finish(SnapshotInfo& info) {
  HF_CHECK_OK(Append(kMetaKey, EncodeMeta(info)));
  HF_CHECK_OK(CheckLmdb(mdb_txn_commit(std::exchange(transaction_, nullptr)), kWriting));
  Close();
  HF_TRY(info.file_bytes, AppendTrailer(temporary_));
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
    return Fail(ErrorKind::kUnavailable, Format("cannot put {} in place: {}", path_.string(), std::strerror(errno)));
  return {};
}

}  // namespace holdfast::advisory
