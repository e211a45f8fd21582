// ObjectStore: values by key, somewhere that outlives this process: layer records, manifests, documents.
//
// Keys are made of segments of [A-Za-z0-9._=-] joined by '/', none of them "." or "..", at most 512 bytes in all:
// "layer_records/1/3f/3f9a…". Most values are immutable and named after their digest, so writing one twice is harmless
// and a reader never sees half of one. All operations are safe to call from several threads and processes.
//
// Errors: kInvalidInput for a bad key, kNotFound, kCorrupt when the stored value does not have the digest it was
// stored with, kUnavailable when the store may answer later, kDenied.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::blob {

inline constexpr std::size_t kKeyBytesMax = 512;

struct ObjectInfo {
  std::string key;
  std::uint64_t size_bytes = 0;  // as it is stored: with a decorator's envelope, compressed
  std::int64_t modified_ms = 0;  // since 1970 UTC
  friend bool operator==(const ObjectInfo&, const ObjectInfo&) = default;
};

// Borrows its value.
struct NewObject {
  std::string key;
  std::string_view value;
};
// Keep: for values that are named after their content.
enum class IfThere : std::uint8_t { kReplace, kKeep };

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // Stores what the source gives, replacing what was there. All or nothing: durable when it returns.
  [[nodiscard]] virtual Result<void> Put(std::string_view key, io::ByteSource& value) = 0;
  // kNotFound. The source is read by one thread. It may outlive a Delete or another Put of the key, but not the store:
  // then it gives all of the old value or ends with kUnavailable, never a mixture.
  [[nodiscard]] virtual Result<std::unique_ptr<io::ByteSource>> Get(std::string_view key) = 0;
  // Also succeeds when there is nothing.
  [[nodiscard]] virtual Result<void> Delete(std::string_view key) = 0;
  [[nodiscard]] virtual Result<bool> Exists(std::string_view key) = 0;
  // Keys that begin with `prefix` and are greater than `after`, ascending by bytes, at most `count_max`. Both are
  // beginnings of keys: kInvalidInput for characters that no key has.
  [[nodiscard]] virtual Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view after,
                                                             std::size_t count_max) = 0;

  // Several values that are in memory anyway, in as few requests as the store can. After an error some may be there.
  // What is kept counts as modified now.
  [[nodiscard]] virtual Result<void> PutAll(std::span<const NewObject> objects, IfThere if_there);

  [[nodiscard]] Result<void> PutBytes(std::string_view key, std::string_view value);
  // kLimit beyond bytes_max.
  [[nodiscard]] Result<std::string> GetBytes(std::string_view key, std::uint64_t bytes_max);
};

// kInvalidInput with the rule that is broken.
[[nodiscard]] Result<void> CheckKey(std::string_view key);
// The same for what may stand at the beginning of a key.
[[nodiscard]] Result<void> CheckKeyPrefix(std::string_view prefix);

}  // namespace holdfast::blob
