// One text as each of the files that may name the distribution.
#include <cstdint>

#include "catalog/distro.h"
#include "support/memory_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const catalog::CatalogerInfo info{.name = "distro", .claims = catalog::DistroClaims()};
  for (const catalog::Claim& claim : catalog::DistroClaims()) {
    std::string path(claim.glob);
    if (path.ends_with('*')) path.back() = 'x';
    std::map<std::string, std::string> files;
    files[path] = AsText({data, size});
    test::MemoryEvidence tree(std::move(files));
    tree.For(info);
    const model::Distro distro = catalog::DetectDistro(tree);
    for (const std::string* text : {&distro.id, &distro.version_id, &distro.pretty_name, &distro.cpe_name}) {
      HF_ASSERT(text->size() <= 512);
      for (const char c : *text) HF_ASSERT(static_cast<unsigned char>(c) >= 0x20);
    }
  }
  return 0;
}
