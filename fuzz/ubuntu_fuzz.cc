// Ubuntu's forms: whatever is recognised is read, as XML, JSON and a file of the tracker.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "advisory/ubuntu/ubuntu.h"
#include "io/json.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto provider = advisory::MakeUbuntuProvider();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  test::FuzzXml(*provider, data, size);
  test::CheckingSink sink;
  const auto read = [&](const advisory::Document& document) {
    if (provider->Recognises(document)) (void)provider->Read(document, sink);
  };
  read({.name = "x", .source = "x", .notation = advisory::Notation::kText, .text = text, .root = {}});
  if (const auto tree = io::JsonDocument::Parse(text))
    read({.name = "x.json", .source = "x", .text = text, .root = tree->Root()});
  provider->Finish(sink);
  return 0;
}
