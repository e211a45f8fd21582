// One header of an RPM database.
#include <cstdint>

#include "catalog/rpm/header.h"
#include "catalog/rpm/package.h"
#include "model/source_rpm.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const holdfast::Bytes bytes(data, size);
  (void)holdfast::catalog::SignatureKeyId(bytes);
  (void)holdfast::model::ParseSourceRpm(holdfast::AsText(bytes));
  const auto header = holdfast::catalog::RpmHeader::Parse(bytes);
  if (!header) return 0;
  holdfast::catalog::RpmBudget budget;
  const holdfast::model::Distro distro;
  const auto package = holdfast::catalog::ParseRpmPackage(*header, {"root", distro}, budget);
  if (!package) return 0;
  HF_ASSERT(!package->name.empty() && !package->version.empty());
  for (const auto& file : package->files) HF_ASSERT(file.path.starts_with("root"));
  return 0;
}
