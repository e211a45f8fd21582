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

std::string EncodeHello(const Hello& hello) {
  std::string bytes(reinterpret_cast<const char*>(&hello.limits), sizeof(hello.limits));
  return bytes + hello.searches.Encode();
}

Result<Hello> DecodeHello(std::string_view bytes) {
  Hello hello;
  if (bytes.size() < sizeof(hello.limits)) return Fail(ErrorKind::kInternal, "limits of another size");
  std::memcpy(&hello.limits, bytes.data(), sizeof(hello.limits));
  HF_TRY(hello.searches, catalog::SearchConfig::Decode(bytes.substr(sizeof(hello.limits))));
  return hello;
}

}  // namespace holdfast::service
