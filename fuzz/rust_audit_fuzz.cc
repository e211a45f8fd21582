// The document of cargo-auditable.
#include <cstdint>

#include "catalog/rust/rust.h"
#include "support/memory_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const std::string parts = catalog::EncodeParts({{"rust.audit", std::string(AsText({data, size}))}});
  const auto sink = test::RunCataloger(*catalog::MakeRustBinaryCataloger(), {{"a", parts}});
  for (const auto& package : sink.packages) HF_ASSERT(!package.name.empty() && !package.version.empty());
  return 0;
}
