// A status file, and after a NUL each: .list, .md5sums and .conffiles of package "a".
#include <cstdint>

#include "catalog/control_text.h"
#include "catalog/dpkg/dpkg.h"
#include "support/memory_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  std::string_view rest = AsText({data, size});
  std::map<std::string, std::string> files;
  for (const auto* path : {"var/lib/dpkg/status", "var/lib/dpkg/info/a.list", "var/lib/dpkg/info/a.md5sums",
                           "var/lib/dpkg/info/a.conffiles"})
    files[path] = std::string(holdfast::TakeUntil(rest, '\0'));
  files["var/lib/dpkg/status.d/a"] = files["var/lib/dpkg/status"];
  files["usr/lib/opkg/status"] = files["var/lib/dpkg/status"];
  files["usr/lib/opkg/info/a.control"] = files["var/lib/dpkg/status"];
  const auto sink = test::RunCataloger(*catalog::MakeDpkgCataloger(), std::move(files));
  for (const auto& package : sink.packages) {
    HF_ASSERT(!package.name.empty() && !package.version.empty());
    for (const auto& file : package.files)
      HF_ASSERT(!file.path.empty() && !file.path.starts_with('/') && !file.path.starts_with("../"));
  }
  return 0;
}
