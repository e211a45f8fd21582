#include "blob/object_store.h"

#include <algorithm>

#include "base/format.h"

namespace holdfast::blob {
namespace {

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '=' || c == '-' || c == '/';
}

}  // namespace

Result<void> CheckKeyPrefix(std::string_view prefix) {
  if (prefix.size() > kKeyBytesMax)
    return Fail(ErrorKind::kInvalidInput, Format("object key of {} bytes, at most {}", prefix.size(), kKeyBytesMax));
  if (!std::ranges::all_of(prefix, &IsKeyCharacter))
    return Fail(ErrorKind::kInvalidInput, "object key with a character that is not of [A-Za-z0-9._=-] or '/'");
  return {};
}

Result<void> CheckKey(std::string_view key) {
  HF_CHECK_OK(CheckKeyPrefix(key));
  std::string_view rest = key;
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment.empty()) return Fail(ErrorKind::kInvalidInput, "object key that is empty, or has an empty segment");
    if (segment == "." || segment == "..")
      return Fail(ErrorKind::kInvalidInput, "object key with a segment '.' or '..'");
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

Result<void> ObjectStore::PutAll(std::span<const NewObject> objects, IfThere) {
  // What is there is replaced even if it may be kept: it is the same, and its time says that it is in use.
  for (const NewObject& object : objects) HF_CHECK_OK(PutBytes(object.key, object.value));
  return {};
}

Result<void> ObjectStore::PutBytes(std::string_view key, std::string_view value) {
  io::MemorySource source(value);
  return Put(key, source);
}

Result<std::string> ObjectStore::GetBytes(std::string_view key, std::uint64_t bytes_max) {
  HF_TRY(const auto source, Get(key));
  HF_TRY_IN(key, std::string value, source->ReadText(bytes_max));
  return value;
}

}  // namespace holdfast::blob
