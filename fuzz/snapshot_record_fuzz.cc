// What a snapshot stores, read back from anything: by the first byte a hot record, a cold record, a list,
// the meta record or the page at the end.
#include <cstdint>
#include <string_view>

#include "advisory/record.h"
#include "advisory/snapshot_format.h"

namespace advisory = holdfast::advisory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view record(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t bytes = 0;
  switch (data[0] % 5) {
    case 0:
      (void)advisory::VisitAffectedRecord(record, [&](const holdfast::model::AffectedView& view) {
        bytes += view.advisory_id.size() + view.ranges.size() + view.versions.size();
        for (const auto& version : view.versions) bytes += version.empty() ? 0U : static_cast<std::size_t>(version[0]);
        for (const auto& range : view.ranges) bytes += range.end.empty() ? 0U : static_cast<std::size_t>(range.end[0]);
      });
      break;
    case 1: (void)advisory::DecodeAdvisory(record); break;
    case 2: (void)advisory::DecodeTexts(record); break;
    case 3: (void)advisory::DecodeMeta(record); break;
    default: (void)advisory::DecodeTrailer(record); break;
  }
  return static_cast<int>(bytes & 0U);
}
