#include <cstdint>

#include "catalog/npm/npm.h"
#include "support/memory_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  std::map<std::string, std::string> files;
  files["node_modules/a/package.json"] = AsText({data, size});
  files["app/package.json"] = AsText({data, size});
  const auto sink = test::RunCataloger(*catalog::MakeNpmCataloger(), std::move(files));
  for (const auto& package : sink.packages) HF_ASSERT(!package.name.empty() && !package.version.empty());
  return 0;
}
