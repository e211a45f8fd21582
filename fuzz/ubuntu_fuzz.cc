// Ubuntu's forms: whatever is recognised is read, as XML, JSON and a file of the tracker.
#include <cstddef>
#include <cstdint>

#include "advisory/ubuntu/ubuntu.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto provider = advisory::MakeUbuntuProvider();
  test::FuzzXml(*provider, data, size);
  test::FuzzJson(*provider, data, size);
  const advisory::Document document{.name = "x",
                                    .source = "x",
                                    .notation = advisory::Notation::kText,
                                    .text = {reinterpret_cast<const char*>(data), size},
                                    .root = {}};
  test::CheckingSink sink;
  if (provider->Recognises(document)) (void)provider->Read(document, sink);
  provider->Finish(sink);
  return 0;
}
