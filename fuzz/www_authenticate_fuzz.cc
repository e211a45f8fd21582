// WWW-Authenticate, Retry-After and Location headers.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/challenge.h"
#include "http/retry.h"
#include "http/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = holdfast::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const http::Challenge& challenge : http::ParseChallenges(text))
    if (challenge.scheme.empty()) __builtin_trap();
  static_cast<void>(http::ParseRetryAfterMs(text, 0));
  const auto base = http::Url::Parse("https://a.example/b?c");
  if (const auto url = base->Resolve(text)) {
    const auto again = http::Url::Parse(url->Text());
    if (!again || again->Origin() != url->Origin()) __builtin_trap();
  }
  return 0;
}
