#include <cstdint>

#include "catalog/apk/apk.h"
#include "support/memory_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  std::map<std::string, std::string> files;
  files["lib/apk/db/installed"] = AsText({data, size});
  const auto sink = test::RunCataloger(*catalog::MakeApkCataloger(), std::move(files));
  for (const auto& package : sink.packages) {
    HF_ASSERT(!package.name.empty() && !package.version.empty());
    for (const auto& file : package.files)
      HF_ASSERT(!file.path.empty() && !file.path.starts_with('/') && !file.path.starts_with("../"));
  }
  return 0;
}
