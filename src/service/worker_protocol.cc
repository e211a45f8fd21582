#include "service/worker_protocol.h"

#include <cstring>
#include <type_traits>

#include "base/wire.h"

namespace holdfast::service {

static_assert(std::is_trivially_copyable_v<Limits>);

std::string EncodeError(const Error& error) {
  WireWriter writer;
  writer.Unsigned(static_cast<std::uint64_t>(error.Kind())).Text(error.Message());
  return writer.Take();
}

Error DecodeError(std::string_view bytes) {
  WireReader reader(bytes);
  const auto kind = reader.Enumerator(ErrorKind::kInternal);
  const std::string message(reader.Text());
  if (!reader.Finish("error")) return {ErrorKind::kInternal, "the worker sent an error that cannot be read"};
  return {kind, message};
}

std::string EncodeLimits(const Limits& limits) { return {reinterpret_cast<const char*>(&limits), sizeof(limits)}; }

Result<Limits> DecodeLimits(std::string_view bytes) {
  Limits limits;
  if (bytes.size() != sizeof(limits)) return Fail(ErrorKind::kInternal, "limits of another size");
  std::memcpy(&limits, bytes.data(), sizeof(limits));
  return limits;
}

}  // namespace holdfast::service
