// WWW-Authenticate, Retry-After and Location headers.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/challenge.h"
#include "http/retry.h"
#include "http/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Challenge& challenge : ParseChallenges(text))
    if (challenge.scheme.empty()) __builtin_trap();
  static_cast<void>(ParseRetryAfterMs(text, 0));
  const auto base = Url::Parse("https://a.example/b?c");
  if (const auto url = base->Resolve(text)) {
    const auto again = Url::Parse(url->Text());
    if (!again || again->Origin() != url->Origin()) __builtin_trap();
  }
  return 0;
}
