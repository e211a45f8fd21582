#include <cstdint>

#include "catalog/ruby/ruby.h"
#include "support/memory_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  std::map<std::string, std::string> files;
  files["g/specifications/a-1.gemspec"] = AsText({data, size});
  files["g/gems/a-1/a"] = "";
  const auto sink = test::RunCataloger(*catalog::MakeRubyCataloger(), std::move(files));
  for (const auto& package : sink.packages) HF_ASSERT(!package.name.empty() && !package.version.empty());
  return 0;
}
