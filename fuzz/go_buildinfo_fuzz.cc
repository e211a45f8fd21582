// Go version and module info, as the distiller of executables writes them.
#include <cstdint>

#include "catalog/go/go.h"
#include "support/memory_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const std::string parts = catalog::EncodeParts({{"go.buildinfo", std::string(AsText({data, size}))}});
  const auto sink = test::RunCataloger(*catalog::MakeGoBinaryCataloger(), {{"a", parts}});
  for (const auto& package : sink.packages) HF_ASSERT(!package.name.empty() && package.type == "go-module");
  return 0;
}
