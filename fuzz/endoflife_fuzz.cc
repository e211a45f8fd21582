// Products of endoflife.date in both forms: whatever is recognised is read, and lives are of a release.
#include <cstddef>
#include <cstdint>

#include "advisory/endoflife/endoflife.h"
#include "support/fuzz_provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto provider = holdfast::advisory::MakeEndOfLifeProvider();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  holdfast::test::FuzzFacts(*provider, holdfast::advisory::Notation::kText, text);
  holdfast::test::FuzzFacts(*provider, holdfast::advisory::Notation::kJson, text);
  return 0;
}
