// Docker's config.json and containers' auth.json, and what a credential helper answers.
#include <cstddef>
#include <cstdint>
#include <string>

#include "image/credentials.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace image = holdfast::image;
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto file = image::AuthFile::Parse(text);
  if (!file) return 0;
  const image::Keychain keychain(
      {*std::move(file)},
      [&](const std::string&, const std::string&) -> holdfast::Result<std::string> { return text; });
  static_cast<void>(keychain.Find("docker.io", "library/a"));
  static_cast<void>(keychain.Find("r.example:5000", "a/b/c"));
  return 0;
}
