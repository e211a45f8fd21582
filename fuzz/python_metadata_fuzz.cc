// METADATA, and after a NUL each: RECORD, direct_url.json, requires.txt, installed-files.txt.
#include <cstdint>

#include "catalog/control_text.h"
#include "catalog/python/python.h"
#include "support/memory_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  std::string_view rest = AsText({data, size});
  std::map<std::string, std::string> files;
  for (const auto* path : {"s/a-1.dist-info/METADATA", "s/a-1.dist-info/RECORD", "s/a-1.dist-info/direct_url.json",
                           "s/b-1.egg-info/requires.txt", "s/b-1.egg-info/installed-files.txt"})
    files[path] = std::string(holdfast::TakeUntil(rest, '\0'));
  files["s/b-1.egg-info/PKG-INFO"] = files["s/a-1.dist-info/METADATA"];
  const auto sink = test::RunCataloger(*catalog::MakePythonCataloger(), std::move(files));
  HF_ASSERT(sink.packages.size() == 2);
  for (const auto& package : sink.packages)
    for (const auto& file : package.files)
      HF_ASSERT(!file.path.empty() && !file.path.starts_with('/') && !file.path.starts_with("../"));
  return 0;
}
