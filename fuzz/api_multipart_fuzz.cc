// Uploads: the first line is the Content-Type, the rest the body.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/form.h"
#include "api/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace api = holdfast::api;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  const std::string_view type = text.substr(0, line);
  const std::string_view body = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
  if (const auto parts = api::ParseMultipart(type, body)) {
    std::size_t bytes = 0;
    for (const api::FormPart& part : *parts) {
      if (part.name.empty()) __builtin_trap();
      bytes += part.content.size();
    }
    if (bytes > body.size()) __builtin_trap();  // parts never overlap
  }
  if (const auto fields = api::ParseForm(text))
    for (const auto& [name, value] : *fields)
      if (name.size() + value.size() > text.size()) __builtin_trap();
  return 0;
}
