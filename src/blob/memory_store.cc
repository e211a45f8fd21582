#include "blob/memory_store.h"

#include <map>
#include <mutex>

#include "base/format.h"
#include "base/limits.h"

namespace holdfast::blob {
namespace {

constexpr std::uint64_t kValueBytesMax = 4 * kGiB;

// Keeps its value, whatever becomes of the store's.
class SharedSource final : public io::ByteSource {
 public:
  explicit SharedSource(std::shared_ptr<const std::string> value) : value_(std::move(value)), source_(*value_) {}
  Result<Bytes> Next(std::size_t max) override { return source_.Next(max); }

 private:
  std::shared_ptr<const std::string> value_;
  io::MemorySource source_;
};

class MemoryStore final : public ObjectStore {
 public:
  explicit MemoryStore(const Clock& clock) : clock_(clock) {}

  Result<void> Put(std::string_view key, io::ByteSource& value) override {
    HF_CHECK_OK(CheckKey(key));
    HF_TRY(std::string text, value.ReadText(kValueBytesMax));
    Object object{std::make_shared<const std::string>(std::move(text)), clock_.NowMs()};
    const std::lock_guard lock(mutex_);
    objects_.insert_or_assign(std::string(key), std::move(object));
    return {};
  }

  Result<std::unique_ptr<io::ByteSource>> Get(std::string_view key) override {
    HF_CHECK_OK(CheckKey(key));
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return Fail(ErrorKind::kNotFound, Format("object {}: not there", key));
    return std::make_unique<SharedSource>(found->second.value);
  }

  Result<void> Delete(std::string_view key) override {
    HF_CHECK_OK(CheckKey(key));
    const std::lock_guard lock(mutex_);
    if (const auto found = objects_.find(key); found != objects_.end()) objects_.erase(found);
    return {};
  }

  Result<bool> Exists(std::string_view key) override {
    HF_CHECK_OK(CheckKey(key));
    const std::lock_guard lock(mutex_);
    return objects_.contains(key);
  }

  Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view after,
                                       std::size_t count_max) override {
    HF_CHECK_OK(CheckKeyPrefix(prefix));
    HF_CHECK_OK(CheckKeyPrefix(after));
    const std::lock_guard lock(mutex_);
    std::vector<ObjectInfo> infos;
    auto at = after < prefix ? objects_.lower_bound(prefix) : objects_.upper_bound(after);
    for (; at != objects_.end() && at->first.starts_with(prefix) && infos.size() < count_max; ++at)
      infos.push_back({at->first, at->second.value->size(), at->second.modified_ms});
    return infos;
  }

  // What is not stored yet is in nobody else's memory.
  Result<std::uint64_t> RemoveAbandoned(std::int64_t) override { return 0; }

 private:
  struct Object {
    std::shared_ptr<const std::string> value;
    std::int64_t modified_ms;
  };

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Object, std::less<>> objects_;
};

}  // namespace

std::unique_ptr<ObjectStore> MakeMemoryStore(const Clock& clock) { return std::make_unique<MemoryStore>(clock); }

}  // namespace holdfast::blob
